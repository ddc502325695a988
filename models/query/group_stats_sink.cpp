#include "models/query/group_key.h"
#include "models/query/packed_view.h"
#include "models/query/sink.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>

namespace faultline {

namespace {

/// Groups whose statistics are made in one row of passes; each takes about half a megabyte.
constexpr std::size_t kTogether = 32;

/// Statistics of each group. A first row of passes finds the groups; then those that are wanted take turns, a
/// few at a time, each with a sink of its own that sees the group's rows alone. So memory is bounded whatever
/// the number of groups, and the percentiles are as exact as those of the whole.
class GroupStatsSink final : public Sink
{
public:
    GroupStatsSink(const StatsQuestion& question, const SinkContext& context)
        : m_question(question), m_context(context), m_whole(makeStatsSink(question, context))
    {
        m_finder = makeGroupSink(GroupQuestion{question.selection, question.by, question.top}, context);
        m_context.gatheredValues = context.gatheredValues / kTogether;
    }

    void scan(SegmentScan& scan, const SelectedRows& selected, std::size_t index) override
    {
        if (m_whole) m_whole->scan(scan, selected, index);
        if (m_finder)
            m_finder->scan(scan, selected, index);
        else
            scanGroups(scan, selected, index);
    }

    bool nextPass() override;
    Result<Answer> answer() override;

private:
    struct Running
    {
        std::size_t place; ///< in m_answer.groups
        std::unique_ptr<Sink> sink;
        bool finished = false;
    };
    void scanGroups(SegmentScan& scan, const SelectedRows& selected, std::size_t index);
    Status takeWhole();
    Status takeGroups();
    void startGroups();

    StatsQuestion m_question;
    SinkContext m_context;
    std::unique_ptr<Sink> m_whole;  ///< null when finished
    std::unique_ptr<Sink> m_finder; ///< of the groups; null when they are known
    std::vector<Running> m_running;
    std::unordered_map<std::string, std::size_t> m_byKey; ///< key of a running group -> index in m_running
    std::size_t m_next = 0;                               ///< in m_answer.groups: the first that waits
    std::mutex m_mutex;                                   ///< answer() while nothing but scans goes on
    StatsAnswer m_answer;
    std::optional<Error> m_error;
};

void GroupStatsSink::scanGroups(SegmentScan& scan, const SelectedRows& selected, std::size_t index)
{
    if (m_running.empty() || selected.count() == 0) return;
    const GroupCodes codes(scan, m_question.by, selected);
    constexpr std::uint8_t kNone = 0xff;
    static_assert(kTogether < kNone);
    // Two codes may mean the same group.
    std::vector<std::uint8_t> groupOf(codes.size(), kNone);
    std::vector<bool> occurs(m_running.size());
    std::string key;
    for (std::uint32_t code = 0; code < codes.size() && !scan.stopped(); ++code) {
        codes.key(code, key);
        const auto found = m_byKey.find(key);
        if (found == m_byKey.end() || m_running[found->second].finished) continue;
        groupOf[code] = static_cast<std::uint8_t>(found->second);
        occurs[found->second] = true;
    }
    std::vector<RowSet> rows;
    rows.reserve(m_running.size());
    std::vector<std::uint64_t*> words;
    for (std::size_t i = 0; i < m_running.size(); ++i) {
        rows.push_back(RowSet::bits(occurs[i] ? scan.rows() : 0));
        words.push_back(rows.back().words());
    }
    constexpr RowIndex kCheckRows = 32'768;
    withStored(codes.codes(), [&](auto view) {
        for (RowIndex begin = selected.begin; begin < selected.end && !scan.stopped(); begin += kCheckRows) {
            forEachRow(selected.set, begin, std::min(selected.end, begin + kCheckRows), [&](RowIndex row) {
                const std::uint8_t group = groupOf[static_cast<std::size_t>(view[row])];
                if (group != kNone) words[group][row >> 6] |= std::uint64_t{1} << (row & 63);
            });
        }
    });
    for (std::size_t i = 0; i < m_running.size() && !scan.stopped(); ++i) {
        if (!occurs[i]) continue;
        rows[i].normalise();
        m_running[i].sink->scan(scan, {std::move(rows[i]), selected.begin, selected.end}, index);
    }
}

Status GroupStatsSink::takeWhole()
{
    auto answer = m_whole->answer();
    if (!answer) return answer.error();
    static_cast<Statistics&>(m_answer) = std::get<StatsAnswer>(*answer);
    m_whole.reset();
    return {};
}

Status GroupStatsSink::takeGroups()
{
    auto answer = m_finder->answer();
    if (!answer) return answer.error();
    auto& found = std::get<GroupAnswer>(*answer);
    m_answer.allGroups = found.groups;
    for (auto& row : found.rows) m_answer.groups.push_back({std::move(row.group), {}});
    m_finder.reset();
    return {};
}

void GroupStatsSink::startGroups()
{
    m_running.clear();
    m_byKey.clear();
    const bool alone = m_question.by.size() == 1;
    for (; m_next < m_answer.groups.size() && m_running.size() < kTogether; ++m_next) {
        std::string key;
        for (const auto& value : m_answer.groups[m_next].group)
            appendKeyPart(value.has_value(), value ? std::string_view(*value) : std::string_view(), alone,
                          key);
        m_byKey.emplace(std::move(key), m_running.size());
        m_running.push_back({m_next, makeStatsSink(m_question, m_context)});
    }
}

bool GroupStatsSink::nextPass()
{
    std::lock_guard lock(m_mutex);
    Status status;
    if (m_whole && !m_whole->nextPass()) status = takeWhole();
    if (status && m_finder) {
        if (m_finder->nextPass()) return true;
        status = takeGroups();
        if (status) startGroups();
    } else if (status) {
        bool again = false;
        for (Running& each : m_running) {
            if (each.finished) continue;
            if (each.sink->nextPass()) {
                again = true;
                continue;
            }
            auto answer = each.sink->answer();
            if (!answer) {
                status = answer.error();
                break;
            }
            m_answer.groups[each.place].statistics = std::get<StatsAnswer>(*answer);
            each.finished = true;
            each.sink.reset();
        }
        if (status && !again) startGroups();
    }
    if (!status) {
        m_error = status.error();
        return false;
    }
    return m_whole || !m_running.empty();
}

Result<Answer> GroupStatsSink::answer()
{
    std::lock_guard lock(m_mutex);
    if (m_error) return *m_error;
    StatsAnswer answer = m_answer;
    if (m_whole) {
        auto whole = m_whole->answer();
        if (!whole) return whole;
        static_cast<Statistics&>(answer) = std::get<StatsAnswer>(*whole);
    }
    return Answer(std::move(answer));
}

} // namespace

std::unique_ptr<Sink> makeGroupStatsSink(const StatsQuestion& question, const SinkContext& context)
{
    return std::make_unique<GroupStatsSink>(question, context);
}

} // namespace faultline
