#include "models/query/sink.h"
#include <atomic>

namespace faultline {

namespace {

class CountSink final : public Sink
{
public:
    void scan(SegmentScan&, const SelectedRows& selected, std::size_t) override { m_count += selected.count(); }
    Result<Answer> answer() override { return Answer(CountAnswer{m_count}); }

private:
    std::atomic<std::uint64_t> m_count{0};
};

template <class... Ts> struct Overloaded : Ts...
{
    using Ts::operator()...;
};
template <class... Ts> Overloaded(Ts...) -> Overloaded<Ts...>;

} // namespace

std::unique_ptr<Sink> makeCountSink()
{
    return std::make_unique<CountSink>();
}

std::unique_ptr<Sink> makeSink(const Question& question, const SinkContext& context)
{
    return std::visit(
        Overloaded{[](const CountQuestion&) { return makeCountSink(); },
                   [&](const HistogramQuestion& asked) { return makeHistogramSink(asked, context); },
                   [&](const FacetQuestion& asked) { return makeFacetSink(asked, context); },
                   [&](const GroupQuestion& asked) { return makeGroupSink(asked); },
                   [&](const StatsQuestion& asked) { return makeStatsSink(asked, context); },
                   [&](const PageQuestion& asked) { return makePageSink(asked, context); },
                   [&](const PatternQuestion& asked) { return makePatternSink(asked, context); }},
        question);
}

const Selection& selectionOf(const Question& question)
{
    return std::visit([](const auto& asked) -> const Selection& { return asked.selection; }, question);
}

} // namespace faultline
