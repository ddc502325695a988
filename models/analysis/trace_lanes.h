#pragma once
#include "models/analysis/trace.h"
#include "models/analysis/trace_rows.h"

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

namespace faultline {

/// Builds a Trace out of its rows, which come in order.
class TraceLanes
{
public:
    explicit TraceLanes(const TraceQuestion& question) : m_question(question) {}
    void add(const TraceRow& row);
    /// Reads what is shown of the events. `names` as TraceRows has them.
    Result<Trace> finish(EventScan& events, const std::vector<std::string>& names);

private:
    struct Gap
    {
        TraceRow before, after;
        std::uint64_t length = 0;
        std::uint64_t number = 0; ///< of `after` among all events
    };
    /// The rows whose texts are read, each once, by their place.
    using Texts = std::map<std::pair<std::uint32_t, RowIndex>, TraceEvent>;
    void noteGap(const TraceRow& row);
    std::size_t laneOf(std::uint32_t name);
    Status read(EventScan& events, Texts& texts) const;
    const TraceQuestion& m_question;
    Trace m_trace;
    std::vector<std::uint32_t> m_laneNames;           ///< by lane
    std::map<std::uint32_t, std::size_t> m_laneOf;    ///< by name
    std::vector<std::optional<TraceRow>> m_laneError; ///< the first one, by lane
    std::vector<TraceRow> m_list;
    std::optional<TraceRow> m_firstError, m_previous;
    std::vector<Gap> m_gaps; ///< a heap: the shortest first
};

/// What has one span id in one lane, out of the list of a trace; sets the lanes' and the trace's begin and
/// end, too.
void addSpans(Trace& trace);

} // namespace faultline
