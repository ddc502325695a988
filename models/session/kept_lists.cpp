#include "models/session/kept_lists.h"

#include <QJsonArray>

#include <algorithm>

namespace faultline {
namespace {

constexpr std::size_t kMostQueries = 500, kMostQueryBytes = 8 * 1024, kMostViews = 300;
constexpr qsizetype kMostName = 120;

std::string oneName(std::string_view name)
{
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()))
        .simplified()
        .left(kMostName)
        .trimmed()
        .toStdString();
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
    const std::string name = oneName(view.name);
    if (name.empty()) return false;
    if (const std::size_t place = placeOf(views, name); place < views.size()) {
        views[place].content = view.content;
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

bool rename(SavedViews& views, std::string_view name, std::string_view next)
{
    const std::size_t place = placeOf(views, name), taken = placeOf(views, next);
    const std::string wanted = oneName(next);
    if (wanted.empty() || place == views.size() || (taken != views.size() && taken != place)) return false;
    views[place].name = wanted;
    return true;
}

bool insert(SavedViews& views, SavedView view, std::size_t place)
{
    view.name = freeName(views, view.name);
    if (view.name.empty() || views.size() >= kMostViews) return false;
    views.insert(views.begin() + static_cast<std::ptrdiff_t>(std::min(place, views.size())), std::move(view));
    return true;
}

std::size_t placeOf(const SavedViews& views, std::string_view name)
{
    const auto found =
        std::find_if(views.begin(), views.end(),
                     [wanted = oneName(name)](const SavedView& each) { return each.name == wanted; });
    return static_cast<std::size_t>(found - views.begin());
}

std::string freeName(const SavedViews& views, std::string_view name)
{
    std::string free = oneName(name);
    // One more number than there are views is enough.
    for (std::size_t number = 2; placeOf(views, free) < views.size(); ++number) {
        const QString behind = QStringLiteral(" (%1)").arg(number);
        free = (QString::fromStdString(oneName(name)).left(kMostName - behind.size()).trimmed() + behind)
                   .toStdString();
    }
    return free;
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
