#include "models/query/field_count.h"
#include "models/query/sink.h"

#include <algorithm>
#include <atomic>
#include <memory>

namespace faultline {

namespace {

// Values of 64 bytes that all fields together hold at a time, and what each may at least and at most.
constexpr std::size_t kHeldValues = 4'000'000;
constexpr std::size_t kHeldLeast = 16'384;
constexpr std::size_t kHeldMost = 1'000'000;

/// Facets of fields that are named, segment by segment.
class FacetSink final : public Sink
{
public:
    FacetSink(const FacetQuestion& question, const SinkContext& context)
    {
        const std::size_t limit =
            context.heldValues != 0
                ? context.heldValues
                : std::clamp(kHeldValues / std::max<std::size_t>(question.fields.size(), 1), kHeldLeast,
                             kHeldMost);
        for (const auto& name : question.fields)
            m_fields.push_back(std::make_unique<Field>(name, question.top, limit));
    }

    void scan(SegmentScan& scan, const SelectedRows& selected, std::size_t) override
    {
        const RowIndex count = selected.count();
        if (count == 0) return;
        if (m_firstPass) m_total += count;
        for (auto& field : m_fields) {
            if (!field->again) continue;
            FieldCount& values = field->values;
            KeyCounter::Batch batch(values.counter());
            const FieldRows rows = findRows(scan, values.name(), selected);
            const ValueCount found = countValues(scan, values.name(), rows, batch);
            if (scan.stopped()) return;
            batch.flush();
            if (values.counter().tooMany()) return scan.fail(FieldCount::tooMany(values.name()));
            if (m_firstPass) values.note(found);
        }
    }

    bool nextPass() override
    {
        m_firstPass = false;
        bool any = false;
        for (auto& field : m_fields) {
            field->again = field->again && field->values.counter().nextPass();
            any = any || field->again;
        }
        return any;
    }

    Result<Answer> answer() override
    {
        FacetAnswer answer;
        answer.total = m_total;
        for (const auto& field : m_fields) answer.fields.push_back(field->values.summary());
        std::stable_sort(answer.fields.begin(), answer.fields.end(),
                         [](const auto& a, const auto& b) { return a.field < b.field; });
        return Answer(std::move(answer));
    }

private:
    struct Field
    {
        Field(const std::string& name, std::size_t top, std::size_t limit) : values(name, top, limit) {}
        FieldCount values;
        bool again = true;
    };
    std::vector<std::unique_ptr<Field>> m_fields;
    std::atomic<std::uint64_t> m_total{0};
    bool m_firstPass = true;
};

} // namespace

std::unique_ptr<Sink> makeFacetSink(const FacetQuestion& question, const SinkContext& context)
{
    if (question.fields.empty()) return makeEveryFieldSink(question, context);
    if (!question.values) return makePresenceSink(question, context);
    return std::make_unique<FacetSink>(question, context);
}

} // namespace faultline
