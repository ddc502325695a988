#include "models/query/group_key.h"
#include "models/query/key_counter.h"
#include "models/query/sink.h"

#include <atomic>

namespace faultline {

namespace {

class GroupSink final : public Sink
{
public:
    explicit GroupSink(const GroupQuestion& question) : m_question(question), m_counter(question.top) {}

    void scan(SegmentScan& scan, const SelectedRows& selected, std::size_t) override
    {
        const RowIndex count = selected.count();
        if (count == 0) return;
        const GroupCodes codes(scan, m_question.by, selected);
        std::vector<std::uint32_t> counts;
        codes.count(scan, selected, counts);
        if (scan.stopped()) return;
        KeyCounter::Batch batch;
        for (std::uint32_t code = 0; code < codes.size(); ++code) {
            if (counts[code] != 0) batch.addCopy(codes.key(code), counts[code]);
        }
        m_counter.add(batch);
        if (m_firstPass) m_total += count;
    }

    bool nextPass() override
    {
        m_firstPass = false;
        return m_counter.nextPass();
    }

    Result<Answer> answer() override
    {
        GroupAnswer answer;
        for (auto& item : m_counter.top()) {
            answer.rows.push_back({splitKey(item.key, m_question.by.size()), item.count});
        }
        answer.groups = m_counter.distinct();
        answer.total = m_total;
        return Answer(std::move(answer));
    }

private:
    GroupQuestion m_question;
    KeyCounter m_counter;
    std::atomic<std::uint64_t> m_total{0};
    bool m_firstPass = true;
};

} // namespace

std::unique_ptr<Sink> makeGroupSink(const GroupQuestion& question)
{
    return std::make_unique<GroupSink>(question);
}

} // namespace faultline
