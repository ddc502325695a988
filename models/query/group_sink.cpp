#include "models/query/direct_keys.h"
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
        KeyCounter::Batch batch(m_counter);
        if (!addSingle(scan, selected, count, batch)) {
            const GroupCodes codes(scan, m_question.by, selected);
            std::vector<std::uint32_t> counts;
            codes.count(scan, selected, counts);
            std::string key;
            for (std::uint32_t code = 0; code < codes.size() && !scan.stopped(); ++code) {
                if (counts[code] == 0) continue;
                codes.key(code, key);
                batch.add(key, counts[code]);
            }
        }
        if (scan.stopped()) return;
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
    bool addSingle(SegmentScan& scan, const SelectedRows& selected, RowIndex count,
                   KeyCounter::Batch& batch) const
    {
        if (m_question.by.size() != 1) return false;
        const auto present = addDirectly(scan, m_question.by.front(), selected, "\1", batch);
        if (!present) return false;
        if (count > *present) batch.add(std::string_view("\0", 1), count - *present);
        return true;
    }

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
