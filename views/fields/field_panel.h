#pragma once
#include "models/query/engine.h"
#include "models/session/query_service.h"
#include "models/session/store_monitor.h"
#include "models/tables/number_facts.h"
#include "views/render/display_zone.h"
#include "views/render/theme.h"

#include <QWidget>

#include <memory>

class QLabel;
class QLineEdit;
class QSplitter;
class QTabWidget;
class QTimer;

namespace faultline {

class FieldCard;
class FieldListModel;
class FieldRowDelegate;
class KeyedList;
class PatternPane;

/// The panel beside the list: which fields the events of the view have and what is in them, and the patterns
/// of their messages; each value and each pattern is a filter.
///
/// Asking   Only what can be seen is asked for: nothing while the panel is hidden, patterns while their tab
/// is
///          in front. A moment after the view changed, so that the list itself goes first.
/// Threads  GUI thread; its models ask through QueryService.
class FieldPanel final : public QWidget
{
    Q_OBJECT
public:
    FieldPanel(std::shared_ptr<QueryService> queries, QWidget* parent);
    void setTheme(const Theme& theme);
    /// How times are shown.
    void setZone(const DisplayZone& zone);
    /// The events of the view: fields, values and patterns are of these.
    void setSelection(const Selection& selection);
    /// The same view, whose range has moved on with the time: asked about as often as a store that grows.
    void moveTo(const Selection& selection);
    /// The store has grown or was read for the first time.
    void setSummary(const StoreSummary& summary);
    enum class Tab { Fields, Patterns };
    Tab tab() const;
    void setTab(Tab tab);
    /// The keyboard goes to the list in front.
    void focusList();
    /// Opens a field, as Enter on it does.
    void openField(const QString& field);

Q_SIGNALS:
    void filterRequested(const QString& field, const QString& value, bool exclude);
    void existsRequested(const QString& field, bool absent);
    void columnRequested(const QString& field);
    void groupRequested(const QString& field); ///< the timeline by this field
    void patternRequested(quint64 id, const QString& text, bool exclude);
    void left(); ///< Esc: the keyboard goes back to the events

protected:
    void showEvent(QShowEvent* event) override;
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void makeLayout();
    void makeKeys();
    void askSoon(int milliseconds);
    void ask();
    void showState();
    void tellInSight();
    void closeField();
    void showMenu(int row, const QPoint& globalPosition);
    NumberFacts::TimeScale timeScale() const;

    StoreSummary m_summary;
    Selection m_selection;
    bool m_fieldsStale = true, m_patternsStale = true, m_cardStale = false;
    bool m_namesStale = true; ///< the store grew, perhaps by fields
    QString m_currentName;
    FieldListModel* m_model;
    FieldRowDelegate* m_rows;
    QTabWidget* m_tabs;
    QLineEdit* m_filter;
    KeyedList* m_list;
    QLabel* m_note;
    FieldCard* m_card;
    QSplitter* m_split;
    PatternPane* m_patterns;
    QTimer* m_later;
};

} // namespace faultline
