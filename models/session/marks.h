#pragma once
#include "models/base/result.h"
#include "models/query/engine.h"

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// An event by its content, so that it is found again when its lines are read into another store, or once
/// more into this one: the time, the hash of its bytes (contentHash), and which one it is among equal events
/// of that time, from 0, in the order of lists.
struct EventAnchor
{
    TimeNs time = 0;
    std::string hash; ///< 32 hex digits
    std::uint32_t nth = 0;
    auto operator<=>(const EventAnchor&) const = default;
};

/// An event that the user has marked.
struct Mark
{
    EventAnchor anchor;
    std::string label; ///< the user's words; may be empty
    std::string text;  ///< what the event said, for a list while the store at hand does not have it
    bool operator==(const Mark&) const = default;
};

/// Marks of a store, in order of time. More than that many would be no marks any more.
inline constexpr std::size_t kMostMarks = 1'000;
inline constexpr std::size_t kMostMarkLabel = 400, kMostMarkText = 400; ///< bytes, UTF-8

/// {"marks":[{"time":"2026-11-22T15:04:05.000000000Z","hash":"..","nth":0,"label":"..","text":".."}]}
std::string marksToJson(const std::vector<Mark>& marks);
/// Strict: what is no such document, a hash that is none, a mark twice, too many of them or texts that are
/// too long are an Error (Input) with what is wrong; unknown members are ignored.
Result<std::vector<Mark>> marksFromJson(std::string_view json);

/// What a user did to marks: for making it again to those that are kept by then, so that what another window
/// did to others stays.
struct MarkEdit
{
    std::vector<Mark> added, relabelled;
    std::vector<EventAnchor> removed;
    bool empty() const { return added.empty() && relabelled.empty() && removed.empty(); }
};
/// From one set of marks to another, both in order.
MarkEdit editBetween(const std::vector<Mark>& before, const std::vector<Mark>& after);
/// Makes it. A mark that was taken away elsewhere gets no label and does not come back by one; one that is
/// there already keeps its label. Gives how many did not fit.
std::size_t applyEdit(const MarkEdit& edit, std::vector<Mark>& marks);

/// Cut to what a mark may hold, never within a character.
std::string markText(std::string_view text, std::size_t most);

/// The mark of an event without a label; nothing when the event is gone. Asks the engine: never on the GUI
/// thread.
Result<std::optional<Mark>> makeMark(QueryEngine& engine, const EventKey& key, std::stop_token stop);
/// Where a mark's event is in this store; nothing when it is not there. Asks the engine.
Result<std::optional<EventKey>> findAnchor(QueryEngine& engine, const EventAnchor& anchor,
                                           std::stop_token stop);

} // namespace faultline
