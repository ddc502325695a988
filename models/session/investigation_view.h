#pragma once
#include "models/base/result.h"
#include "models/base/time.h"
#include "models/query/engine.h"
#include "models/query/filter.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// A condition beside the typed query: from "filter for", a click on a group, a pattern.
struct FilterChip
{
    std::string text; ///< in the search language, without the negation
    bool enabled = true;
    bool negated = false;
    bool pinned = false; ///< stays when another query, a saved view or a trace takes the place of this view
    std::string label{}; ///< for people, where the text says nothing to them; empty: the text
    bool operator==(const FilterChip&) const = default;
    /// As it takes part in the search: `text`, or `NOT (text)`.
    std::string effective() const;
};

/// What an investigation looks at: a typed query, chips and a range. A value.
struct InvestigationView
{
    std::string query;
    std::vector<FilterChip> chips;
    bool chipsOn = true;  ///< one switch for all chips, over those of each
    TimeRange range;      ///< unbounded: every event
    bool whole = false;   ///< the chart of every event shows all times, not only where nearly all lie
    std::string relative; ///< "now-15m": the range goes from there to now, and `range` is what that was last
    bool operator==(const InvestigationView&) const = default;

    /// The chips that take part.
    std::vector<FilterChip> active() const;
    /// What stays when something else takes the place of this view: the pinned chips.
    InvestigationView pinned() const;
    /// The same view without one chip.
    InvestigationView without(std::size_t chip) const;
    /// Adds a chip; one of the same text is enabled with the new sense instead.
    void addChip(FilterChip chip);
};

/// The filter of a whole view, null when it takes everything. The Error is of the part that cannot be read,
/// with the place within that part; `what` names it.
Result<FilterPtr> filterOf(const InvestigationView& view, TimeNs now);
/// A typed query alone.
Result<FilterPtr> filterOf(std::string_view query, TimeNs now);

/// Steps from view to view: each change can be taken back and made again.
///
/// Threads  One.
class ViewHistory
{
public:
    static constexpr std::size_t kMostSteps = 200;
    const InvestigationView& now() const { return m_now; }
    /// A step; the ways forward are forgotten. A view equal to the present one is no step: false.
    bool go(InvestigationView next);
    /// Changes the present view without a step of its own (many small zooms are one).
    void replace(InvestigationView next) { m_now = std::move(next); }
    bool back();
    bool forward();
    const std::vector<InvestigationView>& past() const { return m_past; } ///< oldest first
    const std::vector<InvestigationView>& future() const { return m_future; }

private:
    InvestigationView m_now;
    std::vector<InvestigationView> m_past, m_future;
};

/// One line of JSON, for saved views, sessions and tests; times in RFC 3339.
std::string viewToJson(const InvestigationView& view);
/// Error: Input, with what is wrong. Unknown members are ignored; at most 64 KiB.
Result<InvestigationView> viewFromJson(std::string_view json);

} // namespace faultline
