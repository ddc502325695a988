#include "models/session/kept_lists.h"

#include <QJsonArray>

#include <algorithm>

namespace faultline {
namespace {

constexpr std::size_t kMostQueries = 500, kMostQueryBytes = 8 * 1024, kMostViews = 300;
constexpr qsizetype kMostName = 120;

QString oneName(const std::string& name)
{
    return QString::fromStdString(name).simplified().left(kMostName);
}

} // namespace

void remember(QueryHistory& history, std::string_view query)
{
    const bool blank = query.find_first_not_of(" \t") == std::string_view::npos;
    if (blank || query.size() > kMostQueryBytes) return;
    const std::string text(query);
    std::erase(history, text);
    history.push_back(text);
    if (history.size() > kMostQueries) history.erase(history.begin());
}

QueryHistory historyFromJson(const QJsonObject& json)
{
    QueryHistory history;
    const auto queries = json[QStringLiteral("queries")].toArray();
    for (const auto& query : queries) remember(history, query.toString().toStdString());
    return history;
}

QJsonObject historyToJson(const QueryHistory& history)
{
    QJsonArray queries;
    for (const std::string& query : history) queries.append(QString::fromStdString(query));
    return {{QStringLiteral("queries"), queries}};
}

bool put(SavedViews& views, const SavedView& view)
{
    const std::string name = oneName(view.name).toStdString();
    if (name.empty()) return false;
    const auto same =
        std::find_if(views.begin(), views.end(), [&](const SavedView& each) { return each.name == name; });
    if (same != views.end()) {
        same->content = view.content;
        return true;
    }
    if (views.size() >= kMostViews) return false;
    views.push_back({name, view.content});
    return true;
}

bool remove(SavedViews& views, std::string_view name)
{
    return std::erase_if(views, [&](const SavedView& each) { return each.name == name; }) != 0;
}

SavedViews savedViewsFromJson(const QJsonObject& json)
{
    SavedViews views;
    const auto all = json[QStringLiteral("views")].toArray();
    for (const auto& each : all) {
        const QJsonObject object = each.toObject();
        const QJsonObject content = object[QStringLiteral("content")].toObject();
        if (!content.isEmpty())
            put(views, {object[QStringLiteral("name")].toString().toStdString(), content});
    }
    return views;
}

QJsonObject savedViewsToJson(const SavedViews& views)
{
    QJsonArray all;
    for (const SavedView& view : views)
        all.append(QJsonObject{{QStringLiteral("name"), QString::fromStdString(view.name)},
                               {QStringLiteral("content"), view.content}});
    return {{QStringLiteral("views"), all}};
}

} // namespace faultline
