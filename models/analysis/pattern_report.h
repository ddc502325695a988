#pragma once
#include "models/query/engine.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace faultline {

struct PatternReportQuestion
{
    Selection selection;
    /// The time that buckets of the trend cover. Empty: the range of the selection where it has both ends.
    TimeRange chart{0, 0};
    std::size_t buckets = 60;
    static constexpr std::size_t kMostBuckets = 1'000; ///< more are an error (Usage)
};

/// What is said of a pattern; see judgePattern().
struct PatternVerdict
{
    enum class Gone : std::uint8_t {
        No,
        Rare,    ///< it was there before the range and is not in it, but so seldom that this says nothing
        Absent,  ///< it was there before the range, and is not in it
        Stopped, ///< it went on for a while within the range, and then no more
    };
    bool isNew = false; ///< in the range, and in no event of the store before it, whatever the filter
    Gone gone = Gone::No;
    double expected = 0; ///< gone: events that it should have had since, at its own rate
    bool bursting = false;
    double burst = 0;     ///< its busiest bucket against its usual one: (peak + 1) / (median + 1)
    std::size_t peak = 0; ///< that bucket
};

/// One pattern in a selection, or several that are counted together.
struct PatternFacts
{
    PatternSummary summary;               ///< within the selection; count 0: only before it
    std::optional<EventKey> first, last;  ///< of the selection; by times of their own where there are any
    std::vector<std::uint64_t> series;    ///< events with a time of their own by bucket
    std::uint64_t before = 0;             ///< events before the range that pass the filter
    std::optional<TimeNs> lastBefore;     ///< the last of these
    bool storeHadIt = false;              ///< some event before the range has it, whatever the filter
    std::vector<std::uint64_t> members{}; ///< ids that are counted together; empty: the one
    PatternVerdict verdict;
};

struct PatternReport
{
    std::vector<PatternFacts> patterns; ///< most frequent first, ties by id; gone ones last
    std::uint64_t total = 0;            ///< events of the selection
    TimeNs origin = 0, step = 1;        ///< bucket i is [origin + i x step, origin + (i + 1) x step)
    std::vector<std::uint64_t> series;  ///< of all events of the selection
    bool knowsBefore = false;           ///< the store has events before the range: what is new can be told
    TimeNs beforeBegin = 0;             ///< the first of them
    TimeRange range;                    ///< of the question
    bool exact = true;
    std::uint64_t eventsScanned = 0, eventsTotal = 0; ///< how far, while not exact
    std::vector<MissedEvents> missed;
};

/// Says what is new, gone or bursting from the counts of `facts` alone:
///
/// New       In the range, and not in the store before it. Never where nothing is before the range.
/// Gone      Absent: there before, not in the range, where at its rate before at least 3 events were due
///           (none by chance: 5 %). Stopped: in at least 5 buckets, then none in the last ones up to the last
///           event of the selection: at least 3, twice its longest pause before, and at least 8 events due.
/// Bursting  Its busiest bucket has at least 6 events, 4 times its usual one, and is 6 standard deviations
///           of a Poisson count above it. Its usual one is the median of its buckets, so that half of the
///           time in view may be the burst.
PatternVerdict judgePattern(const PatternFacts& facts, const PatternReport& report);

/// Patterns that are counted together: sums of counts, the first and the last of their events. The id and
/// the text are those of the member with the smallest id. `all` is not empty.
PatternFacts mergeFacts(std::span<const PatternFacts* const> all, const PatternReport& report);

struct PatternVariablesQuestion
{
    Selection selection;
    std::uint64_t pattern = 0; ///< id
    std::size_t top = 10;
};
struct PatternVariable
{
    std::uint64_t distinct = 0;
    std::vector<FieldSummary::Value> top; ///< most frequent first, ties by value
    std::uint64_t numbers = 0;            ///< events in which it is a number
    double min = 0, max = 0;
    /// (q, value) of the numbers, linear interpolation at q x (n - 1); empty when there are none.
    std::vector<std::pair<double, double>> quantiles;
};
struct PatternVariables
{
    std::string pattern;     ///< for display; its n-th <*> is variables[n]
    std::uint64_t count = 0; ///< events
    std::vector<PatternVariable> variables;
    std::vector<MissedEvents> missed;
};

} // namespace faultline
