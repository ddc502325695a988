#include "views/investigate/event_menu.h"

#include "models/tables/event_rows.h"
#include "views/investigate/range_bar.h"
#include "views/render/plain_text.h"

namespace faultline {
namespace {

constexpr qsizetype kMostShown = 48;

/// The field and the value under the mouse; no field where there is none.
std::pair<QString, QString> valueAt(const EventRow& event, int column, const std::vector<std::string>& fields)
{
    const auto text = [](std::string_view bytes) {
        return QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
    };
    switch (column) {
    case EventRows::SeverityColumn: return {QStringLiteral("severity"), text(severityName(event.severity))};
    case EventRows::ServiceColumn:
        if (event.service.empty()) return {};
        return {QStringLiteral("service"), text(event.service)};
    case EventRows::MessageColumn:
        if (event.message.empty()) return {};
        return {QStringLiteral("message"), text(event.message)};
    default: break;
    }
    if (column < EventRows::FirstFieldColumn) return {};
    const auto at = static_cast<std::size_t>(column - EventRows::FirstFieldColumn);
    if (at >= event.columns.size() || at >= fields.size() || !event.columns[at]) return {};
    return {text(fields[at]), text(*event.columns[at])};
}

} // namespace

QMenu* makeEventMenu(const EventRow& event, int column, const std::vector<std::string>& fields, bool marked,
                     int rows, const EventMenuActions& actions, QWidget* parent)
{
    auto* const menu = new QMenu(parent);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setObjectName(QStringLiteral("rowMenu"));
    const auto [field, value] = valueAt(event, column, fields);
    if (!field.isEmpty()) {
        const QString name = menuText(elidedMiddle(oneLine(field.toStdString()), kMostShown));
        const QString shown = menuText(field + QStringLiteral(": ") +
                                       elidedMiddle(oneLine(value.left(2'000).toStdString()), kMostShown));
        menu->addAction(QMenu::tr("Filter for %1").arg(shown), menu,
                        [=, filter = actions.filter] { filter(field, value, false); });
        menu->addAction(QMenu::tr("Filter out %1").arg(shown), menu,
                        [=, filter = actions.filter] { filter(field, value, true); });
        menu->addAction(QMenu::tr("%1 exists").arg(name), menu,
                        [=, exists = actions.exists] { exists(field, false); });
        menu->addAction(QMenu::tr("%1 is absent").arg(name), menu,
                        [=, exists = actions.exists] { exists(field, true); });
        if (column != EventRows::MessageColumn)
            menu->addAction(QMenu::tr("Group the timeline by %1").arg(name), menu,
                            [=, group = actions.group] { group(field); });
        menu->addSeparator();
    }
    if (!event.traceId.empty())
        menu->addAction(
            QMenu::tr("Show this trace"), menu,
            [trace = QString::fromStdString(event.traceId), show = actions.showTrace] { show(trace); });
    QMenu* const around = menu->addMenu(QMenu::tr("Around this event"));
    around->setObjectName(QStringLiteral("aroundMenu"));
    addAroundEntries(around, [time = event.key.time, run = actions.around](TimeNs half) { run(time, half); });
    menu->addAction(marked ? QMenu::tr("Take the mark away") : QMenu::tr("Mark this event"), menu,
                    actions.mark);
    menu->addSeparator();
    const auto copy = [&](const QString& text, EventListView::CopyForm form) {
        menu->addAction(text, menu, [form, run = actions.copy] { run(form); });
    };
    copy(rows > 1 ? QMenu::tr("Copy %1 original lines").arg(rows) : QMenu::tr("Copy the original line"),
         EventListView::CopyForm::Json);
    copy(QMenu::tr("Copy as text"), EventListView::CopyForm::Text);
    copy(QMenu::tr("Copy as Markdown"), EventListView::CopyForm::Markdown);
    if (const int at = column - EventRows::FirstFieldColumn;
        at >= 0 && at < static_cast<int>(fields.size())) {
        const QString shown = QString::fromStdString(fields[static_cast<std::size_t>(at)]);
        menu->addSeparator();
        menu->addAction(QMenu::tr("Remove column"), menu,
                        [shown, remove = actions.removeColumn] { remove(shown); });
    }
    return menu;
}

} // namespace faultline
