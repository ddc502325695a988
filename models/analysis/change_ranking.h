#pragma once
#include "models/analysis/change_series.h"
#include "models/analysis/change_statistics.h"
#include "models/analysis/comparison.h"

#include <cstdint>
#include <vector>

/// From counts to the list of differences.
///
/// Passing  q <= CompareQuestion::falseDiscovery over all tests that were made. Combinations of two fields,
/// of
///          which there are many more than anything else, have half of the level and the others the other
///          half.
/// Score    strength x the root of |log2 of the ratio of inA to expectedA|, each count with half an event
///          added, at most 6: evidence and size together (after Xiao et al., Bioinformatics 30, 2014), so
///          that neither a drift of a busy value nor a handful of rare ones is in front. Combinations of two
///          fields count 0.6 of that, so that the simpler of two equal explanations is in front. What begins
///          late in A, or long before it, loses up to half: of differences alike in strength the earlier one
///          comes first, causes before symptoms, and what began with A before what had begun already.
/// Folding  A difference G says the same as a stronger one H when it is gone among the events that are not
///          H's, and when, within H's events, G changed as H did: both are tested as differences are
///          (statistics::signedRoot over the dispersion of G), on the counts of shared events. So a service,
///          its host and its patterns become one group when one event is behind them, and so does the value
///          that lost what another one of its field won. In front of a group is, of those about as strong as
///          the strongest that is left, the one that explains most.
namespace faultline {

struct JudgedChange
{
    Change change;
    std::size_t candidate = 0; ///< its number in the series
};

struct Judged
{
    std::vector<JudgedChange> passing; ///< best first
    std::vector<JudgedChange> weaker;  ///< that do not pass, but are unlikely by themselves; best first
    std::vector<FieldNote> notes;      ///< fields whose numbers only grow
};

struct JudgeContext
{
    statistics::Exposure exposure;
    std::uint64_t events[2] = {0, 0};
    TimeRange time[2];
    std::uint64_t tests = 0;     ///< of patterns, values, numbers and presence
    std::uint64_t pairTests = 0; ///< of combinations
    double level = 0.05;
};

/// Tests every candidate; texts are not set yet.
Judged judge(ChangeSeries& series, const JudgeContext& context);

/// Puts what says the same into groups, some differences at a time, the best first.
class Folding
{
public:
    explicit Folding(const JudgeContext& context) : m_context(context) {}
    const std::vector<JudgedChange>& heads() const { return m_heads; }
    /// `shared` is about the heads so far and then `more`, in this order. Weaker ones that a head so far
    /// explains are passed over.
    void add(const std::vector<JudgedChange>& more, const SharedEvents& shared, bool weaker);
    std::vector<ChangeGroup>& groups() { return m_groups; }

private:
    const JudgeContext& m_context;
    std::vector<JudgedChange> m_heads; ///< of m_groups
    std::vector<ChangeGroup> m_groups;
};

} // namespace faultline
