#include "views/investigate/event_menu.h"

#include "models/tables/event_list_model.h"
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
    case EventListModel::SeverityColumn:
        return {QStringLiteral("severity"), text(severityName(event.severity))};
    case EventListModel::ServiceColumn:
        if (event.service.empty()) return {};
        return {QStringLiteral("service"), text(event.service)};
    case EventListModel::MessageColumn:
        if (event.message.empty()) return {};
        return {QStringLiteral("message"), text(event.message)};
    default: break;
    }
    if (column < EventListModel::FirstFieldColumn) return {};
    const auto at = static_cast<std::size_t>(column - EventListModel::FirstFieldColumn);
    if (at >= event.columns.size() || at >= fields.size() || !event.columns[at]) return {};
    return {text(fields[at]), text(*event.columns[at])};
}

} // namespace

QMenu* makeEventMenu(const EventRow& event, int column, const std::vector<std::string>& fields,
                     const EventMenuActions& actions, QWidget* parent)
{
    auto* const menu = new QMenu(parent);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setObjectName(QStringLiteral("rowMenu"));
    const auto [field, value] = valueAt(event, column, fields);
    if (!field.isEmpty()) {
        const QString shown = menuText(field + QStringLiteral(": ") +
                                       elidedMiddle(oneLine(value.left(2'000).toStdString()), kMostShown));
        menu->addAction(QMenu::tr("Filter for %1").arg(shown), menu,
                        [=, filter = actions.filter] { filter(field, value, false); });
        menu->addAction(QMenu::tr("Filter out %1").arg(shown), menu,
                        [=, filter = actions.filter] { filter(field, value, true); });
        menu->addSeparator();
    }
    if (!event.traceId.empty())
        menu->addAction(
            QMenu::tr("Show this trace"), menu,
            [trace = QString::fromStdString(event.traceId), show = actions.showTrace] { show(trace); });
    menu->addAction(QMenu::tr("One minute around this event"), menu,
                    [time = event.key.time, around = actions.around] { around(time); });
    menu->addAction(QMenu::tr("Copy the original line"), menu, actions.copy);
    if (const int at = column - EventListModel::FirstFieldColumn;
        at >= 0 && at < static_cast<int>(fields.size())) {
        const QString shown = QString::fromStdString(fields[static_cast<std::size_t>(at)]);
        menu->addSeparator();
        menu->addAction(QMenu::tr("Remove column"), menu,
                        [shown, remove = actions.removeColumn] { remove(shown); });
    }
    return menu;
}

} // namespace faultline
