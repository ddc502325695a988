#pragma once
#include "models/query/engine.h"
#include "models/session/query_service.h"
#include "models/tables/number_facts.h"
#include "views/render/display_zone.h"
#include "views/render/theme.h"

#include <QScrollArea>

#include <memory>

class QLabel;
class QToolButton;

namespace faultline {

class FieldValuesModel;
class KeyedList;
class NumberView;
class ValueRowDelegate;

/// One field opened: its most frequent values with their shares, and what its numbers are.
///
/// Threads  GUI thread; its models ask through QueryService.
class FieldCard final : public QScrollArea
{
    Q_OBJECT
public:
    FieldCard(std::shared_ptr<QueryService> queries, QWidget* parent);
    void setTheme(const Theme& theme);
    /// How times are shown.
    void setZone(const DisplayZone& zone);
    /// Shows a field in the events of a selection; the same field again keeps what is shown until the new
    /// answer is there.
    void open(const Selection& selection, const QString& field, const NumberFacts::TimeScale& scale);
    /// Nothing is shown, and nothing asked.
    void close();
    const QString& field() const { return m_field; }
    /// The keyboard goes to the values.
    void focusValues();

Q_SIGNALS:
    void filterRequested(const QString& field, const QString& value, bool exclude);
    void existsRequested(const QString& field, bool absent);
    void columnRequested(const QString& field);
    void groupRequested(const QString& field); ///< the timeline by this field
    void left();                               ///< Esc, or the button: the card is to be closed

private:
    void makeLayout();
    void makeKeys();
    void showAnswer();
    void showMenu(int row, const QPoint& globalPosition);
    /// Enter: a value is filtered for, (absent) asks for events without the field.
    void take(int row, bool exclude);
    void copy(int row);
    /// Whether the field may have numbers, as far as its values tell.
    bool mayBeNumbers() const;

    QString m_field;
    Selection m_selection;
    NumberFacts::TimeScale m_scale;
    bool m_asked = false; ///< for numbers
    QString m_currentValue;
    FieldValuesModel* m_values;
    NumberFacts* m_numbers;
    ValueRowDelegate* m_rows;
    QLabel* m_title;
    QLabel* m_note;
    QToolButton* m_close;
    KeyedList* m_list;
    NumberView* m_number;
};

} // namespace faultline
