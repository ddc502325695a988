#include "app/cli/saved_view.h"

#include "models/session/case_opener.h"
#include "models/session/investigation_view.h"
#include "models/session/kept_lists.h"
#include "models/session/range_text.h"
#include "models/session/user_state.h"

#include <QJsonDocument>

#include <algorithm>

namespace faultline::cli {
namespace {

/// Those of a store, or of all stores.
Result<SavedViews> savedViews(const UserState& state, const std::string& store)
{
    auto document = state.read(store, kViewsDocument);
    if (!document) return std::move(document).error();
    if (document->damaged) return std::move(*document->damaged);
    return savedViewsFromJson(QJsonDocument::fromJson(QByteArray::fromStdString(document->json)).object());
}

/// "a", "b" and 12 more
std::string listOf(const std::vector<std::string>& names)
{
    constexpr std::size_t kMost = 20;
    std::string list;
    for (std::size_t i = 0; i < std::min(kMost, names.size()); ++i)
        list += (list.empty() ? "\"" : ", \"") + names[i] + '"';
    if (names.size() > kMost) list += " and " + std::to_string(names.size() - kMost) + " more";
    return list;
}

Result<Selection> selectionOfView(const SavedView& saved, TimeNs now)
{
    const auto json =
        QJsonDocument(saved.content[QStringLiteral("view")].toObject()).toJson(QJsonDocument::Compact);
    auto view = viewFromJson(json.toStdString());
    if (!view) return std::move(view).error();
    auto filter = filterOf(*view, now);
    if (!filter) return std::move(filter).error();
    Selection selection;
    selection.filter = std::move(*filter);
    selection.range = relativeRange(view->relative, now).value_or(view->range);
    return selection;
}

} // namespace

Result<Selection> savedSelection(const Context& context, const std::string& store, const std::string& name,
                                 TimeNs now)
{
    const UserState state(context.dataDirectory);
    std::vector<std::string> names;
    for (const std::string& of : {store, std::string()}) {
        const auto views = savedViews(state, of);
        if (!views) return views.error();
        if (const std::size_t place = placeOf(*views, name); place < views->size()) {
            auto selection = selectionOfView((*views)[place], now);
            if (selection) return selection;
            Error error = std::move(selection).error();
            error.what = "read the saved view \"" + name + "\"";
            error.place.reset(); // it was not typed here
            return error;
        }
        for (const SavedView& view : *views)
            if (std::find(names.begin(), names.end(), view.name) == names.end()) names.push_back(view.name);
    }
    return makeError(
        ErrorKind::NotFound, "find the saved view \"" + name + "\"", "there is none of this name",
        {names.empty() ? "No view is saved yet, for this store or for every one: the window does "
                         "that (Ctrl+S)."
                       : "There is " + listOf(names) + "."});
}

} // namespace faultline::cli
