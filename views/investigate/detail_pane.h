#pragma once
#include "models/query/engine.h"
#include "views/render/display_zone.h"
#include "views/render/theme.h"

#include <QWidget>

#include <memory>
#include <string>
#include <vector>

class QLabel;

namespace faultline {

class DocumentView;
class FieldTable;
class FieldTableModel;
class QueryService;

/// One event: all its fields as a table, each value with what can be done with it, and below it what the
/// event is made of: its bytes, its JSON formatted, or the chosen value in full.
class DetailPane final : public QWidget
{
    Q_OBJECT
public:
    explicit DetailPane(QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    /// How times are shown.
    void setZone(const DisplayZone& zone);
    void setEvent(const EventRow& event);
    /// Fields that are columns of the list.
    void setColumns(std::vector<std::string> fields) { m_columns = std::move(fields); }
    void showMessage(const QString& text);
    void clear();
    /// The keyboard goes to the fields.
    void focusFields();
    /// Original, formatted, the value in full, and round again.
    void nextForm();

Q_SIGNALS:
    /// A value was chosen: `exclude` for filter out.
    void filterRequested(const QString& field, const QString& value, bool exclude);
    void existsRequested(const QString& field, bool absent);
    /// A field is to be shown as a column, or no more when it is one.
    void columnToggled(const QString& field);
    void groupRequested(const QString& field); ///< the timeline by this field
    void traceRequested(const QString& trace);
    void left(); ///< Esc: the keyboard goes back to the list

private:
    void makeKeys();
    void showTime();
    void showMenu(const QPoint& globalPosition, int row);
    void showValue();
    FieldTableModel* m_model;
    QLabel* m_title;
    FieldTable* m_fields;
    DocumentView* m_original;
    std::vector<std::string> m_columns;
    DisplayZone m_zone;
    std::optional<TimeNs> m_time; ///< of the event that is shown
    std::optional<std::int16_t> m_zoneMinutes;
};

} // namespace faultline
