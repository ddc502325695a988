#include "models/query/group_key.h"
#include "models/query/key_counter.h"
#include "models/query/sink.h"
#include "models/query/value_counts.h"

#include <algorithm>
#include <atomic>

namespace faultline {

namespace {

// Groups of 64 bytes that an answer with all of them may hold.
constexpr std::size_t kGroupLimit = 2'000'000;
// That are held at a time when only the most frequent are asked for.
constexpr std::size_t kHeldGroups = 1'000'000;

class GroupSink final : public Sink
{
public:
    explicit GroupSink(const GroupQuestion& question, std::size_t limit)
        : m_question(question)
        , m_counter(question.top, limit != 0          ? limit
                                  : question.top == 0 ? kGroupLimit
                                                      : kHeldGroups)
    {}

    void scan(SegmentScan& scan, const SelectedRows& selected, std::size_t) override
    {
        const RowIndex count = selected.count();
        if (count == 0) return;
        KeyCounter::Batch batch(m_counter);
        std::uint64_t absent = 0;
        if (m_question.by.size() == 1) {
            const std::string& field = m_question.by.front();
            absent = count - countValues(scan, field, findRows(scan, field, selected), batch).present;
        } else {
            addCombinations(scan, selected, batch);
        }
        if (scan.stopped()) return;
        batch.flush();
        if (m_counter.tooMany()) return scan.fail(tooMany());
        if (!m_firstPass) return;
        m_total += count;
        m_absent += absent;
    }

    bool nextPass() override
    {
        m_firstPass = false;
        return m_counter.nextPass();
    }

    Result<Answer> answer() override
    {
        GroupAnswer answer;
        answer.groups = m_counter.distinct();
        answer.total = m_total;
        for (auto& item : m_counter.top()) {
            GroupAnswer::Row row;
            row.count = item.count;
            if (m_question.by.size() == 1)
                row.group.emplace_back(std::move(item.key));
            else
                row.group = splitKey(item.key, m_question.by.size());
            answer.rows.push_back(std::move(row));
        }
        if (const std::uint64_t absent = m_absent; absent > 0) {
            ++answer.groups;
            // Before values that are as frequent.
            const auto at = std::find_if(answer.rows.begin(), answer.rows.end(),
                                         [&](const auto& row) { return row.count <= absent; });
            answer.rows.insert(at, {{std::nullopt}, absent});
            if (m_question.top != 0 && answer.rows.size() > m_question.top) answer.rows.pop_back();
        }
        return Answer(std::move(answer));
    }

private:
    void addCombinations(SegmentScan& scan, const SelectedRows& selected, KeyCounter::Batch& batch) const
    {
        const GroupCodes codes(scan, m_question.by, selected);
        std::vector<std::uint32_t> counts;
        codes.count(scan, selected, counts);
        std::string key;
        for (std::uint32_t code = 0; code < codes.size() && !scan.stopped(); ++code) {
            if (counts[code] == 0) continue;
            codes.key(code, key);
            batch.add(std::string_view(key), counts[code]);
        }
    }

    static Error tooMany()
    {
        return makeError(ErrorKind::Limit, "count by groups",
                         "there are more groups than an answer with all of them can hold",
                         {"Ask for the most frequent ones (--top 1000): exact for any number of groups.",
                          "Or narrow the query or its time."});
    }

    GroupQuestion m_question;
    KeyCounter m_counter;
    std::atomic<std::uint64_t> m_total{0}, m_absent{0};
    bool m_firstPass = true;
};

} // namespace

std::unique_ptr<Sink> makeGroupSink(const GroupQuestion& question, const SinkContext& context)
{
    return std::make_unique<GroupSink>(question, context.heldValues);
}

} // namespace faultline
