#pragma once
#include "models/base/result.h"
#include "models/base/time.h"
#include "models/query/engine.h"
#include "models/query/filter.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// "What changed": the answer of a comparison, as values. models/analysis/comparer.h makes it.
namespace faultline {

/// Two selections: what is odd (A) against what is taken for normal (B).
struct CompareQuestion
{
    enum class Against : std::uint8_t {
        Before,    ///< the filter of A in the time before A, as long as A
        Rest,      ///< everything in B's store that is not in A
        Selection, ///< `b`
    };
    Selection a;
    Against against = Against::Rest;
    Selection b;                  ///< Against::Selection only
    double falseDiscovery = 0.05; ///< of the findings, the share that may be chance: (0, 1)
    std::size_t top = 50;         ///< groups in the answer, at most kMostGroups
    static constexpr std::size_t kMostGroups = 64;
    bool operator==(const CompareQuestion&) const = default;
};

/// One difference: a predicate over events, its counts on both sides, and why it is listed. Everything that
/// is said of it follows from these numbers.
struct Change
{
    enum class Kind : std::uint8_t {
        Pattern,  ///< message pattern `patternId`
        Value,    ///< `field` = `value`
        Pair,     ///< `field` = `value` and `secondField` = `secondValue`
        Number,   ///< `field` above (or not above) `cut`
        Presence, ///< events that have `field`
    };
    enum class Way : std::uint8_t { New, Gone, More, Less }; ///< in A, against B
    Kind kind = Kind::Value;
    Way way = Way::More;
    std::string field, value;
    std::string secondField, secondValue; ///< Pair
    std::uint64_t patternId = 0;          ///< Pattern
    std::string pattern, example;         ///< Pattern: for display; a message that has it
    struct Numbers
    {
        double cut = 0;
        bool above = true;               ///< false: at most `cut`
        double medianA = 0, medianB = 0; ///< of all values of the field; less than 0.8 % off
        double p95A = 0, p95B = 0;       ///< the same
        double distance = 0; ///< largest distance of the two distributions (Kolmogorov-Smirnov), 0 to 1
        std::uint64_t valuesA = 0, valuesB = 0;
    };
    std::optional<Numbers> numbers; ///< Number

    std::uint64_t inA = 0, inB = 0; ///< events that match `filter`, exact
    double expectedA = 0;           ///< events that A would have if it were like B
    double shareA = 0, shareB = 0;  ///< of the events of the side
    double effect =
        0; ///< |inA - expectedA| / the larger of them: 0 the same, 0.5 doubled or halved, 1 new or gone
    double dispersion = 1; ///< variance of the counts over that of independent events; 1 and more
    double strength = 0;   ///< standard errors that it is away from "hardly a difference"
    double p = 1, q = 1;   ///< chance of such a difference without a cause; the same over all tests made
    double score = 0;      ///< what the list is ordered by, see change_ranking.h
    /// When it began: the time from which on the rate is another one. Nothing when A has no extent in time.
    std::optional<TimeNs> onset;
    bool beganBefore = false; ///< onset lies before A

    FilterPtr filter; ///< the events; filters::negate() of it are the others
    std::string what; ///< "message pattern "cache miss for <*>"", "status = 503", "duration_ms > 340"
    std::string why;  ///< one sentence: way, counts, shares, strength, onset
};

/// Differences of the same events, told once: the one that explains most, and those that it explains.
struct ChangeGroup
{
    Change head;
    std::vector<Change> same; ///< strongest first
};

/// A field whose values are not compared one by one, and why.
struct FieldNote
{
    enum class Why : std::uint8_t {
        ManyValues, ///< more values than are held; those that occur often on a side are compared
        Passing,    ///< its values come and go with time on both sides: ids, batches, dates
        Rising,     ///< its numbers grow with time: counters, sequence numbers
    };
    std::string field;
    Why why = Why::ManyValues;
    std::uint64_t distinct = 0; ///< values seen; ManyValues: at least
    std::uint64_t often = 0; ///< ManyValues: fewer events than that on either side are not looked at; else 0
};

struct Comparison
{
    std::uint64_t eventsA = 0, eventsB = 0;
    TimeRange timeA{0, 0}, timeB{0, 0}; ///< of their events, or as far as the question's range reaches
    /// How many events A has for one of B where nothing has changed; what expectedA stands on.
    double exposure = 1;
    std::uint64_t tests = 0;  ///< differences that were tested
    std::uint64_t passed = 0; ///< of them below the level
    std::uint64_t fieldsLooked = 0;
    std::vector<ChangeGroup> groups; ///< the most telling first
    /// Differences that are no more than chance among so many tests, though unlikely by themselves: where
    /// little is known (few events, a short time) the cause may be one of them. As many as `groups` leaves
    /// room for.
    std::vector<ChangeGroup> weaker;
    std::uint64_t moreGroups = 0; ///< that pass and are past `top`, or were not looked at for what they share
    std::vector<FieldNote> notes; ///< by field
    std::vector<MissedEvents> missed; ///< damaged segments, left out on both sides
    bool exact = false; ///< false: of patterns, severity and service alone, while the rest is counted
};

} // namespace faultline
