#include "models/query/sink.h"

#include "models/query/packed_view.h"

#include <algorithm>
#include <atomic>

namespace faultline {

namespace {

class CountSink final : public Sink
{
public:
    explicit CountSink(const CountQuestion& question) : m_before(question.before) {}
    bool wants(const SegmentEntry& entry) override
    {
        return !m_before || entry.info->minTime <= m_before->time;
    }
    void scan(SegmentScan& scan, const SelectedRows& selected, std::size_t) override
    {
        if (!m_before || scan.info().maxTime < m_before->time) {
            m_count += selected.count();
            return;
        }
        const ColumnPtr times = scan.column(TimeColumn), sources = scan.column(SourceColumn),
                        ordinals = scan.column(OrdinalColumn);
        if (!times || !sources || !ordinals || times->ints.count < scan.rows()) return;
        const auto end = static_cast<RowIndex>(lowerBound(times->ints, m_before->time));
        std::uint64_t count = countRows(selected.set, selected.begin, std::min(end, selected.end));
        for (RowIndex row = std::max(end, selected.begin); row < selected.end; ++row) {
            if (times->ints.at(row) != m_before->time || scan.stopped()) break;
            const EventKey key{m_before->time, SourceId{static_cast<std::uint32_t>(sources->ints.at(row))},
                               static_cast<Ordinal>(ordinals->ints.at(row))};
            if (selected.set.has(row) && key < *m_before) ++count;
        }
        m_count += count;
    }
    Result<Answer> answer() override { return Answer(CountAnswer{m_count}); }

private:
    std::optional<EventKey> m_before;
    std::atomic<std::uint64_t> m_count{0};
};

template <class... Ts> struct Overloaded : Ts...
{
    using Ts::operator()...;
};
template <class... Ts> Overloaded(Ts...) -> Overloaded<Ts...>;

} // namespace

std::unique_ptr<Sink> makeCountSink(const CountQuestion& question)
{
    return std::make_unique<CountSink>(question);
}

std::unique_ptr<Sink> makeSink(const Question& question, const SinkContext& context)
{
    return std::visit(
        Overloaded{[](const CountQuestion& asked) { return makeCountSink(asked); },
                   [&](const HistogramQuestion& asked) { return makeHistogramSink(asked, context); },
                   [&](const FacetQuestion& asked) { return makeFacetSink(asked, context); },
                   [&](const GroupQuestion& asked) { return makeGroupSink(asked, context); },
                   [&](const StatsQuestion& asked) {
                       return asked.by.empty() ? makeStatsSink(asked, context)
                                               : makeGroupStatsSink(asked, context);
                   },
                   [&](const StatsOverTimeQuestion& asked) { return makeStatsOverTimeSink(asked, context); },
                   [&](const PageQuestion& asked) { return makePageSink(asked, context); },
                   [&](const PatternQuestion& asked) { return makePatternSink(asked, context); }},
        question);
}

const Selection& selectionOf(const Question& question)
{
    return std::visit([](const auto& asked) -> const Selection& { return asked.selection; }, question);
}

} // namespace faultline
