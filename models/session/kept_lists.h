#pragma once
#include <QJsonObject>

#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// Queries that were asked, the last one last, each once.
///
/// Bounds  At most 500 of at most 8 KiB each; what is longer is not remembered.
using QueryHistory = std::vector<std::string>;
void remember(QueryHistory& history, std::string_view query);
QueryHistory historyFromJson(const QJsonObject& json);
QJsonObject historyToJson(const QueryHistory& history);

/// A view under a name that the user gave: its query, filters, range (relative or absolute), columns and
/// grouping, as InvestigatePage::session() has them.
struct SavedView
{
    std::string name; ///< one line of at most 120 characters, of one store or of all the only one of its name
    QJsonObject content;
    bool operator==(const SavedView&) const = default;
};

/// In the order they were saved.
///
/// Bounds  At most 300.
using SavedViews = std::vector<SavedView>;
/// One of the same name is replaced where it stands. False when there is no more room, or no name.
bool put(SavedViews& views, const SavedView& view);
bool remove(SavedViews& views, std::string_view name);
/// Another name for one, which stays where it stands. False when there is none of this name, or another one
/// has the new name already.
bool rename(SavedViews& views, std::string_view name, std::string_view next);
/// One comes back at its old place; where another one has its name by now, as "name (2)". False when there is
/// no more room.
bool insert(SavedViews& views, SavedView view, std::size_t place);
/// Its place, `views.size()` when there is none of this name. The name is compared as put() would keep it.
std::size_t placeOf(const SavedViews& views, std::string_view name);
/// This name, or when it is taken "name (2)" and so on.
std::string freeName(const SavedViews& views, std::string_view name);
/// Views that cannot be read are left out.
SavedViews savedViewsFromJson(const QJsonObject& json);
QJsonObject savedViewsToJson(const SavedViews& views);

} // namespace faultline
