#pragma once
#include "models/base/time.h"
#include "models/query/engine.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

/// Traces: what belongs to one request, over all services. Questions and answers, as values; models/analysis/
/// tracer.h makes the answers.
///
/// A trace is the events that share one value of a field, trace_id or a correlation id. Its times are those
/// of events with a time of their own. An event that says how long something took is taken to be written at
/// its end, as access logs and "done" lines are: it covers [time - duration, time]. Which fields say so, and
/// in which unit: models/analysis/trace_fields.h.
namespace faultline {

/// One trace, whole.
struct TraceQuestion
{
    std::string id;
    std::string field = "trace_id"; ///< or request_id, correlation_id ...
    std::string lane = "service";   ///< what has a lane: service, host, source or any field
    TimeRange range;                ///< events outside are not looked at
    std::size_t events = 2'000; ///< that Trace::events has, at most kMostEvents; the first in order of time
    static constexpr std::size_t kMostEvents = 20'000;
};

inline constexpr std::size_t kNoLane = std::numeric_limits<std::size_t>::max();

/// An event of a trace, as a lane shows it.
struct TraceEvent
{
    EventKey key;
    Severity severity = 0;
    bool timed = true;    ///< has a time of its own
    std::size_t lane = 0; ///< index into Trace::lanes
    std::string message;  ///< at most Trace::kMessageBytes of it, ending with "..." when it was cut
    std::string spanId, parentId;
    std::optional<std::int64_t> duration; ///< ns, as the event says; never negative
};

/// What has one span id in one lane; or one event without a span id that says how long it took.
struct TraceSpan
{
    std::string id, parentId; ///< may be empty
    std::size_t lane = 0;
    TimeNs begin = 0, end = 0;
    std::uint64_t events = 0, errors = 0;
    std::size_t depth = 0; ///< ancestors among the spans of this trace, at most kMostDepth
    static constexpr std::size_t kMostDepth = 64;
};

struct TraceLane
{
    std::string name;                     ///< of the service; at most kNameBytes
    bool absent = false;                  ///< its events do not say
    bool others = false;                  ///< services past kMostLanes, together
    std::uint64_t events = 0, errors = 0; ///< exact
    std::uint8_t worst = 0;               ///< worst severity class
    bool timed = false;                   ///< some event has a time of its own: first and last say something
    TimeNs first = 0, last = 0;           ///< exact, of events
    TimeNs begin = 0, end = 0;            ///< the same with what its spans cover
    std::optional<TraceEvent> firstError;
    static constexpr std::size_t kMostLanes = 500;
    static constexpr std::size_t kNameBytes = 256;
};

/// A time in which nothing was logged by any service.
struct TraceGap
{
    TraceEvent before, after; ///< it lies between these two, which follow each other
    TimeNs length() const { return after.key.time - before.key.time; }
};

struct Trace
{
    std::string id, field;
    std::uint64_t events = 0, errors = 0; ///< exact: errors are events of severity error and fatal
    std::uint64_t untimed = 0;            ///< events without a time of their own
    std::uint8_t worst = 0;
    bool timed = false;
    TimeNs first = 0, last = 0;   ///< exact, of events
    TimeNs begin = 0, end = 0;    ///< the same with what spans cover
    std::vector<TraceLane> lanes; ///< in order of their first event
    std::vector<TraceEvent> list; ///< in order of (time, source, ordinal)
    std::uint64_t leftOut = 0;    ///< events behind those of `list`; counted everywhere else
    std::vector<TraceSpan> spans; ///< in order of begin; of the events of `list`
    /// Longest first, at most kMostGaps, each at least a twentieth of [first, last]; found over all events.
    std::vector<TraceGap> gaps;
    std::optional<TraceEvent> firstError; ///< its lane is the first service that failed
    std::vector<MissedEvents> missed;     ///< damaged segments, left out
    static constexpr std::size_t kMostGaps = 10;
    static constexpr std::size_t kMessageBytes = 1'000;
};

/// The busiest, slowest and failing traces among events.
struct TopTracesQuestion
{
    Selection selection; ///< a trace is what of it is selected
    std::string field = "trace_id";
    std::string lane = "service"; ///< what TraceSummary::services names
    std::size_t top = 10;         ///< of each list, at most kMostTop
    static constexpr std::size_t kMostTop = 1'000;
};

/// A trace in few words; all of it exact over all selected events.
struct TraceSummary
{
    std::string id;
    std::uint64_t events = 0, errors = 0;
    std::uint8_t worst = 0;    ///< worst severity class
    bool timed = false;        ///< some event has a time of its own
    TimeNs begin = 0, end = 0; ///< first to last event, with what they cover
    /// In order of name, at most kMostNames; `moreServices` says that there are more.
    std::vector<std::string> services;
    bool moreServices = false;
    std::string
        firstFailing; ///< service of the first event of severity error or fatal; empty: none, not said
    std::optional<EventKey> firstError;
    static constexpr std::size_t kMostNames = 100;
    /// ns; 0 when it is not timed.
    std::uint64_t duration() const
    {
        return timed ? static_cast<std::uint64_t>(end) - static_cast<std::uint64_t>(begin) : 0;
    }
};

struct TopTraces
{
    std::uint64_t traces = 0, failed = 0; ///< distinct ids; of them with an error
    std::uint64_t events = 0;             ///< with an id
    std::uint64_t without = 0;            ///< selected events without one
    std::uint64_t overlong = 0;           ///< with an id of more than kIdBytes: in no trace
    std::vector<TraceSummary> busiest;    ///< most events first
    std::vector<TraceSummary> slowest;    ///< longest first; timed ones alone
    std::vector<TraceSummary> failing;    ///< most errors first; with an error alone
    // Ties: the earlier begin first, then by id.
    std::vector<MissedEvents> missed;
    static constexpr std::size_t kIdBytes = 256;
};

/// How far clocks are apart, by what traces have in two sources.
struct SkewQuestion
{
    Selection selection;
    std::string field = "trace_id";
    std::string party = "source"; ///< whose clock: source, host, service
};

/// What can be said of two clocks; see models/analysis/clock_skew.h for the estimate.
struct SkewEstimate
{
    enum class Verdict : std::uint8_t {
        Apart,        ///< the clocks differ: `offset`
        Suspected,    ///< so it seems by times alone; work that is done in turn looks the same: not claimed
        Together,     ///< the interval holds 0: no difference shows, within `uncertainty`
        FewTraces,    ///< too few traces say anything
        NoPattern,    ///< neither waits for the other, as far as the traces show
        Inconsistent, ///< there is no one offset that suits nine in ten of the traces
    };
    enum class Evidence : std::uint8_t {
        Parents, ///< the callee's events name the caller's span as their parent
        Times,   ///< the caller's time follows the callee's, trace by trace
    };
    Verdict verdict = Verdict::FewTraces;
    Evidence evidence = Evidence::Times;
    /// ns that the callee's clock is ahead of the caller's; between low and high. Apart, Suspected, Together.
    std::int64_t offset = 0;
    std::int64_t low = 0, high = 0;
    std::int64_t uncertainty = 0; ///< the farther end of [low, high] from offset
    std::uint64_t traces = 0;     ///< that say something
    /// Whether there is an offset to be told.
    bool says() const
    {
        return verdict == Verdict::Apart || verdict == Verdict::Suspected || verdict == Verdict::Together;
    }
};

struct SkewPair
{
    std::string caller, callee; ///< as `party` names them
    SkewEstimate estimate;
    std::uint64_t shared = 0; ///< traces that have events of both, of those that were looked at
};

/// What would bring a clock to the others'.
struct ClockFix
{
    std::string party;
    std::int64_t add = 0; ///< ns to each of its times, on top of what its settings add already
    std::int64_t uncertainty = 0;
    std::string after; ///< the party whose clock is taken for right
};

struct SkewReport
{
    std::vector<SkewPair> pairs; ///< Apart, then Suspected, the largest offset first; then by names
    std::vector<ClockFix> fixes; ///< by party; see clockFixes()
    /// Traces that were looked at: all, or with more events than can be held the 1/2^n whose ids' hashes are
    /// smallest, so that the answer depends on neither threads nor order of ingest.
    std::uint64_t traces = 0;
    unsigned halvings = 0;         ///< that n
    std::uint64_t skippedWide = 0; ///< of those, traces of more than kMostParties, which were passed over
    static constexpr std::size_t kMostParties = 64;
    std::vector<MissedEvents> missed;
};

} // namespace faultline
