#pragma once
#include "models/base/ids.h"
#include "models/base/result.h"
#include "models/base/time.h"
#include "models/query/filter.h"
#include "models/records/severity.h"
#include "models/records/value.h"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

namespace faultline {

/// Which events a question is about.
struct Selection
{
    FilterPtr filter; ///< null: all
    TimeRange range;
    /// Events without a usable time of their own take part only in an unbounded range.
    bool operator==(const Selection&) const = default;
};

/// Where an event is in the total order of a list: (time, source, ordinal).
struct EventKey
{
    TimeNs time = 0;
    SourceId source;
    Ordinal ordinal = 0;
    auto operator<=>(const EventKey&) const = default;
};

/// A row of a list.
struct EventRow
{
    EventKey key;
    Severity severity = 0;
    std::uint16_t flags = 0;
    /// Of the zone of its time, where the text says it or the source does: minutes east of UTC.
    std::optional<std::int16_t> zoneMinutes;
    std::string message, service, host, logger;
    std::string traceId, spanId;
    std::uint64_t patternId = 0;
    std::string document;                            ///< only when asked for
    std::vector<std::optional<std::string>> columns; ///< the fields asked for, in that order
    struct Field
    {
        std::string path;
        ValueKind kind = ValueKind::Text;
        std::string text; ///< of a Time: as the document has it
    };
    std::vector<Field> fields; ///< all of the event, in order of the document; only when asked for
};

enum class Order : std::uint8_t { Ascending, Descending };

struct CountQuestion
{
    Selection selection;
    std::optional<EventKey>
        before; ///< only events whose key is smaller: the position of that event in the list
};
struct HistogramQuestion
{
    Selection selection;
    TimeNs origin = 0, step = kSecondNs; ///< bucket i is [origin + i x step, origin + (i + 1) x step)
    std::vector<std::string> by;         ///< fields ("severity" groups by class); empty: one series
    std::size_t top = 0; ///< keep the most frequent groups, the rest become one "other"; 0: all
};
struct FacetQuestion
{
    Selection selection;
    std::vector<std::string> fields; ///< empty: every field, with type, presence and distinct
    std::size_t top = 10;
    bool exactDistinct = true;
    /// False: of fields that are named, type and presence alone (no top, distinct 0); values are not read.
    bool values = true;
};
struct GroupQuestion
{
    Selection selection;
    std::vector<std::string> by; ///< counts per combination
    std::size_t top = 0;         ///< most frequent; 0: all
};
struct StatsQuestion
{
    Selection selection;
    std::string field;
    std::vector<double> quantiles{0.5, 0.9, 0.95, 0.99};
    std::vector<std::string> by; ///< beside the whole, for each combination of these fields' values
    std::size_t top = 0;         ///< of them the most frequent; 0: all
    std::vector<double> cuts{};  ///< ascending: values are counted between them, see Statistics::between
};
/// The numbers of a field, time by time; events without a usable time take no part.
struct StatsOverTimeQuestion
{
    Selection selection;
    std::string field;
    TimeNs origin = 0, step = kSecondNs; ///< bucket i is [origin + i x step, origin + (i + 1) x step)
    std::vector<double> quantiles{0.5, 0.95, 0.99};
    static constexpr std::size_t kMostBuckets = 1'000; ///< more are an error (Limit)
};
struct PageQuestion
{
    Selection selection;
    Order order = Order::Descending;
    std::optional<EventKey> after; ///< rows strictly behind this key in `order`
    bool inclusive = false;        ///< the row of `after` itself too
    std::uint64_t skip = 0;        ///< events to pass over first, found by counting, not by reading them
    std::uint64_t limit = 200;     ///< 0: no limit (use rows of PageAnswer::sink then)
    std::vector<std::string> fields;
    bool withDocument = false;
    bool withFields = false;              ///< EventRow::fields
    std::function<bool(EventRow&&)> sink; ///< when set, rows stream here in order; false stops
};
struct PatternQuestion
{
    Selection selection;
    std::size_t top = 0;
};

struct CountAnswer
{
    std::uint64_t count = 0;
};
struct HistogramAnswer
{
    struct Series
    {
        std::vector<std::string> group; ///< values of `by`; absent values are an empty optional
        std::vector<bool> absent;
        bool other = false;
        std::vector<std::uint64_t> counts; ///< one a bucket from firstBucket
        std::uint64_t total = 0;
    };
    std::int64_t firstBucket = 0;
    std::size_t buckets = 0;
    std::vector<Series> series; ///< most frequent first
    std::uint64_t total = 0;
    std::uint64_t outside = 0; ///< selected events without a usable time
};
struct FieldSummary
{
    std::string field;
    std::string type;        ///< text, int, decimal, bool, json, null, mixed
    std::uint32_t kinds = 0; ///< of its values: a bit for each, 1 << ValueKind
    std::uint64_t present = 0;
    std::uint64_t distinct = 0;
    struct Value
    {
        std::string value;
        std::uint64_t count = 0;
    };
    std::vector<Value> top; ///< most frequent first, ties by value
};
struct FacetAnswer
{
    std::vector<FieldSummary> fields; ///< by name
    std::uint64_t total = 0;
};
struct GroupAnswer
{
    struct Row
    {
        std::vector<std::optional<std::string>> group;
        std::uint64_t count = 0;
    };
    std::vector<Row> rows; ///< most frequent first, ties by group
    std::uint64_t total = 0, groups = 0;
};
struct Statistics
{
    std::uint64_t count = 0, nonNumeric = 0;
    double min = 0, max = 0, mean = 0, sum = 0;
    std::vector<std::pair<double, double>> quantiles; ///< (q, value), linear interpolation at q x (n - 1)
    /// Numbers below the first of the question's cuts, from each cut up to the one after it, and from the
    /// last on; empty without cuts.
    std::vector<std::uint64_t> between;
};
struct StatsAnswer : Statistics ///< of all selected events
{
    struct Group
    {
        std::vector<std::optional<std::string>> group;
        Statistics statistics;
    };
    std::vector<Group> groups;   ///< most events first, ties by group; complete once the answer is exact
    std::uint64_t allGroups = 0; ///< those past `top` too
};
struct StatsOverTimeAnswer
{
    std::int64_t firstBucket = 0;
    std::vector<Statistics> buckets; ///< from the first to the last that has values of the field
};
struct PageAnswer
{
    std::vector<EventRow> rows; ///< in the order asked for
    bool more = false;
};
struct PatternSummary
{
    std::uint64_t id = 0;
    std::string pattern; ///< for display
    std::string example; ///< the message of the first event that has it, one with a time of its own if any
    std::uint64_t count = 0;
    bool timed = false;         ///< some event that has it has a time of its own
    TimeNs first = 0, last = 0; ///< of events with a time of their own; of all (stand-ins) when not `timed`
    std::array<std::uint64_t, 7> bySeverity{}; ///< severity classes
};
struct PatternAnswer
{
    std::vector<PatternSummary> patterns; ///< most frequent first, ties by id
    std::uint64_t total = 0;
};

using Question = std::variant<CountQuestion, HistogramQuestion, FacetQuestion, GroupQuestion, StatsQuestion,
                              PageQuestion, PatternQuestion, StatsOverTimeQuestion>;
using Answer = std::variant<CountAnswer, HistogramAnswer, FacetAnswer, GroupAnswer, StatsAnswer, PageAnswer,
                            PatternAnswer, StatsOverTimeAnswer>;

/// How far an answer has come. Partial answers come newest segments first; the last one is exact. Those of a
/// page have its first rows, as they are in the last one, where PageQuestion::skip is 0.
struct ScanProgress
{
    std::uint64_t eventsScanned = 0, eventsTotal = 0;
    bool exact = false;
};

/// Events that an answer could not look at: their segment is damaged.
struct MissedEvents
{
    SegmentId segment;
    std::uint64_t events = 0; ///< at most so many; 0: not known
    std::string why;          ///< "column message: its checksum does not hold"
    /// "segment 12 (65536 events) cannot be read: ..." on one line.
    std::string line() const;
};

/// Answers questions about the events of a store. The local scanner implements it; an existing distributed
/// engine can implement it for data that one machine cannot hold.
///
/// Threads  ask() blocks and may be called from any worker thread, several at once. Never on the GUI thread.
/// Cancel   Within 20 ms of `stop`: ErrorKind::Cancelled.
/// Partial  When `partial` is set it is called with answers so far, on the asking thread, at most 20 times a
/// second.
class QueryEngine
{
public:
    using Partial = std::function<void(const Answer&, const ScanProgress&)>;
    virtual ~QueryEngine() = default;
    virtual Result<Answer> ask(const Question& question, std::stop_token stop = {},
                               const Partial& partial = {}) = 0;
    /// Several questions over one selection in one pass; answers in the order of the questions.
    virtual Result<std::vector<Answer>> askAll(const std::vector<Question>& questions,
                                               std::stop_token stop = {}, const Partial& partial = {}) = 0;
    /// Names that fields of events have, sorted: canonical ones, "severity", "timestamp", "source", and every
    /// path. What lies inside arrays or past a segment's 1,024 columns is not listed (a CountQuestion about
    /// `name:*` finds it). From directories alone: fast.
    virtual Result<std::vector<std::string>> fieldNames(std::stop_token stop = {}) = 0;
    /// Forgets cached selections and results (decoded columns may stay); for timing.
    virtual void forget() = 0;
    /// What answers of this engine have left out so far, by segment, each once; empty in a sound store. An
    /// answer is exact over everything else. Any thread.
    virtual std::vector<MissedEvents> missed() const { return {}; }
};

} // namespace faultline
