#pragma once
#include "models/analysis/event_scan.h"
#include "models/query/engine.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace faultline {

/// An event of a trace, by its place.
struct TraceRow
{
    EventKey key;
    std::uint32_t segment = 0; ///< index in the snapshot
    RowIndex row = 0;
    std::uint32_t name = 0; ///< of its lane: index into TraceRows::names()
    Severity severity = 0;
    bool timed = true;
};

/// The events of a trace in order of (time, source, ordinal), however many: segments are read when their time
/// comes, a few thousand rows at a time.
class TraceRows
{
public:
    /// Finds the rows; `lane` is the field that names lanes.
    static Result<TraceRows> find(EventScan& events, const CompiledFilter& filter, const TimeRange& range,
                                  const std::string& lane);
    /// Calls body(row) for each, once.
    Status forEach(EventScan& events, const std::function<void(const TraceRow&)>& body);
    /// Names of lanes so far, at most kMostNames: the first is for events without one, the second for those
    /// past that number.
    const std::vector<std::string>& names() const { return m_names; }
    static constexpr std::uint32_t kAbsent = 0, kOthers = 1;
    static constexpr std::size_t kMostNames = 10'000;

private:
    /// The selected rows of a segment, from `next` on; those of `chunk` are read.
    struct Cursor
    {
        std::uint32_t segment = 0;
        RowSet rows;
        RowIndex next = 0, end = 0;
        std::vector<TraceRow> chunk;
        std::size_t at = 0;
    };
    Status fill(EventScan& events, Cursor& cursor);
    std::uint32_t nameOf(std::string text);

    std::string m_lane;
    std::vector<Cursor> m_cursors; ///< by the segments' least time
    std::vector<std::string> m_names{std::string(), std::string()};
    std::map<std::string, std::uint32_t> m_known;
};

} // namespace faultline
