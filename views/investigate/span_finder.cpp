#include "views/investigate/span_finder.h"

#include <algorithm>

namespace faultline {
namespace {

constexpr TimeNs kLeastPad = 1'000'000; ///< a millisecond

TimeRange padded(TimeNs first, TimeNs last)
{
    // In parts: the widest range of times is wider than a TimeNs can say.
    TimeNs pad = std::max(last / 20 - first / 20, kLeastPad);
    if (first == last) pad = kSecondNs / 2;
    TimeRange range;
    if (__builtin_sub_overflow(first, pad, &range.begin)) range.begin = kTimeMin + 1;
    if (__builtin_add_overflow(last, pad, &range.end)) range.end = kTimeMax;
    return range;
}

} // namespace

void SpanFinder::find(const FilterPtr& filter, std::function<void(const TimeRange&)> found)
{
    PageQuestion first;
    first.selection.filter = filter;
    // Nearly all time is not all time: only events with a time of their own.
    first.selection.range.begin = kTimeMin + 1;
    first.order = Order::Ascending;
    first.limit = 1;
    PageQuestion last = first;
    last.order = Order::Descending;
    CountQuestion timed, all;
    timed.selection = first.selection;
    all.selection.filter = filter;
    m_ticket = m_queries->ask(
        {first, last, timed, all},
        [found = std::move(found)](const Result<std::vector<Answer>>& answers, const ScanProgress&) {
            if (!answers) return found({});
            const auto& firsts = std::get<PageAnswer>((*answers)[0]).rows;
            const auto& lasts = std::get<PageAnswer>((*answers)[1]).rows;
            const bool untimed =
                std::get<CountAnswer>((*answers)[2]).count != std::get<CountAnswer>((*answers)[3]).count;
            if (untimed || firsts.empty() || lasts.empty()) return found({});
            found(padded(firsts.front().key.time, lasts.front().key.time));
        });
}

} // namespace faultline
