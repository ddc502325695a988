#include "models/base/time_buckets.h"
#include "models/query/group_key.h"
#include "models/query/key_counter.h"
#include "models/query/packed_view.h"
#include "models/query/sink.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

namespace faultline {

namespace {

// Counts that an answer may hold: a step of nanoseconds over years is a slip of the keyboard.
constexpr std::size_t kCellLimit = 4u << 20;
// Of groups that are not asked for alone: with more, those that are kept are found first.
constexpr std::size_t kLooseCells = 1u << 20;
constexpr std::size_t kGroupCells = 8; // what a group takes beside its counts

using Wide = TimeBuckets::Wide;

struct Cell
{
    std::int64_t bucket = 0;
    std::uint64_t count = 0;
};

/// The counts of one group. Segments append their cells; now and then equal buckets are put together.
struct Group
{
    std::vector<Cell> cells;
    std::size_t settled = 0; ///< of them, at the last time
    std::uint64_t total = 0;

    void settle()
    {
        std::sort(cells.begin(), cells.end(),
                  [](const Cell& a, const Cell& b) { return a.bucket < b.bucket; });
        std::size_t kept = 0;
        for (const Cell& cell : cells) {
            if (kept > 0 && cells[kept - 1].bucket == cell.bucket)
                cells[kept - 1].count += cell.count;
            else
                cells[kept++] = cell;
        }
        cells.resize(kept);
        settled = kept;
    }
};

/// Counts by group and bucket, in one pass while the groups are few. Where only the most frequent are to be
/// kept and there are very many, they are found first (KeyCounter), and then counted in a pass of their own.
class HistogramSink final : public Sink
{
public:
    HistogramSink(const HistogramQuestion& question, std::size_t heldValues)
        : m_question(question)
        , m_buckets(question.origin, question.step)
        , m_looseCells(heldValues != 0 ? heldValues : kLooseCells)
        , m_counter(question.top, heldValues != 0 ? heldValues : 1'000'000)
    {
        m_bySeverity = question.by.size() == 1 && question.by.front() == "severity";
    }

    void scan(SegmentScan& scan, const SelectedRows& selected, std::size_t) override
    {
        if (m_question.step <= 0) {
            return scan.fail(makeError(ErrorKind::Usage, "make a histogram", "the step is not above zero"));
        }
        if (m_pass == Pass::All && m_tooMany) return; // another pass comes
        if (m_pass == Pass::All && selected.whole() && useRollup(scan.info())) return;
        SelectedRows timed = selected;
        std::uint64_t outside = 0;
        if (scan.info().timeMissing > 0) {
            timed.set.subtract(scan.timeMissing());
            outside = selected.count() - timed.count();
        }
        const bool any = !timed.set.isNone() && timed.begin < timed.end;
        if (m_pass == Pass::FindKept) return any ? countGroups(scan, timed) : void();
        Local local;
        if (any) countRowsOf(scan, timed, local);
        if (scan.stopped()) return;
        std::lock_guard lock(m_mutex);
        m_outside += outside;
        for (auto& [key, cells] : local) merge(key, cells);
        if (m_tooMany && (m_question.top == 0 || m_pass != Pass::All)) scan.fail(tooMany());
    }

    bool nextPass() override
    {
        switch (m_pass) {
        case Pass::All:
            if (!m_tooMany) return false;
            m_groups.clear();
            m_cells = 0;
            m_outside = 0;
            m_tooMany = false;
            m_pass = Pass::FindKept;
            return true;
        case Pass::FindKept:
            if (m_counter.nextPass()) return true;
            for (auto& item : m_counter.top()) m_kept.insert(std::move(item.key));
            m_pass = Pass::CountKept;
            return true;
        case Pass::CountKept: break;
        }
        return false;
    }

    Result<Answer> answer() override;

private:
    enum class Pass : std::uint8_t { All, FindKept, CountKept };
    using Local = std::vector<std::pair<std::string, std::vector<Cell>>>;

    bool useRollup(const SegmentInfo& info);
    void countRowsOf(SegmentScan& scan, const SelectedRows& selected, Local& local) const;
    void countGroups(SegmentScan& scan, const SelectedRows& selected);
    void merge(const std::string& key, const std::vector<Cell>& cells);
    void settle(Group& group)
    {
        m_cells -= group.cells.size();
        group.settle();
        m_cells += group.cells.size();
    }
    static Error tooMany()
    {
        return makeError(ErrorKind::Limit, "make a histogram",
                         "it would have more than " + std::to_string(kCellLimit) + " counts",
                         {"Take a larger step, a shorter range, or fewer groups (--top)."});
    }

    HistogramQuestion m_question;
    TimeBuckets m_buckets;
    std::size_t m_looseCells;
    bool m_bySeverity = false;
    Pass m_pass = Pass::All;
    KeyCounter m_counter;                   ///< FindKept
    std::unordered_set<std::string> m_kept; ///< CountKept
    std::mutex m_mutex;
    std::unordered_map<std::string, Group> m_groups;
    Group m_rest; ///< CountKept: of all other groups
    std::uint64_t m_outside = 0;
    std::size_t m_cells = 0;
    std::atomic<bool> m_tooMany{false};
};

void HistogramSink::merge(const std::string& key, const std::vector<Cell>& cells)
{
    if (m_tooMany) return;
    Group* group = &m_rest;
    if (m_pass == Pass::All || m_kept.contains(key)) {
        const auto [found, isNew] = m_groups.try_emplace(key);
        group = &found->second;
        m_cells += isNew ? kGroupCells : 0;
    }
    group->cells.insert(group->cells.end(), cells.begin(), cells.end());
    for (const Cell& cell : cells) group->total += cell.count;
    m_cells += cells.size();
    if (group->cells.size() >= 2 * group->settled + 64) settle(*group);
    const bool loose = m_pass == Pass::All && m_question.top != 0;
    if (m_cells > (loose ? m_looseCells : 2 * kCellLimit)) m_tooMany = true;
}

void HistogramSink::countGroups(SegmentScan& scan, const SelectedRows& selected)
{
    const GroupCodes codes(scan, m_question.by, selected);
    std::vector<std::uint32_t> counts;
    codes.count(scan, selected, counts);
    KeyCounter::Batch batch(m_counter);
    std::string key;
    for (std::uint32_t code = 0; code < codes.size() && !scan.stopped(); ++code) {
        if (counts[code] == 0) continue;
        codes.key(code, key);
        batch.add(std::string_view(key), counts[code]);
    }
    if (!scan.stopped()) batch.flush();
}

bool HistogramSink::useRollup(const SegmentInfo& info)
{
    // The rollup answers when each of its buckets lies within one of ours.
    const Rollup& rollup = info.rollup;
    const bool grouped = !m_question.by.empty();
    if ((grouped && !m_bySeverity) || rollup.width <= 0 || rollup.counts.empty()) return false;
    if (m_question.step % rollup.width != 0) return false;
    if ((static_cast<Wide>(m_question.origin) - rollup.begin) % rollup.width != 0) return false;
    Local local;
    for (std::size_t c = 0; c < 7; ++c) {
        std::vector<Cell> cells;
        for (std::size_t i = c; i < rollup.counts.size(); i += 7) {
            if (rollup.counts[i] == 0) continue;
            const auto begin = static_cast<Wide>(rollup.begin) + static_cast<Wide>(i / 7) * rollup.width;
            const auto bucket = m_buckets.bucketOfOffset(begin - m_question.origin);
            if (cells.empty() || cells.back().bucket != bucket) cells.push_back({bucket, 0});
            cells.back().count += rollup.counts[i];
        }
        if (cells.empty()) continue;
        std::string key;
        if (grouped) appendKeyPart(true, severityName(severityOfClass(c)), true, key);
        local.emplace_back(std::move(key), std::move(cells));
    }
    std::lock_guard lock(m_mutex);
    m_outside += info.timeMissing;
    for (const auto& [key, cells] : local) merge(key, cells);
    return true;
}

void HistogramSink::countRowsOf(SegmentScan& scan, const SelectedRows& selected, Local& local) const
{
    const ColumnPtr times = scan.column(TimeColumn);
    if (!times || times->ints.count < scan.rows()) return;
    const GroupCodes codes(scan, m_question.by, selected);
    std::vector<std::vector<Cell>> cells(codes.size());
    std::vector<std::uint32_t> counts(codes.size(), 0);
    std::vector<std::uint32_t> touched;
    // Rows are in order of time: each bucket is a run of rows, found by binary search, then counted by code.
    for (RowIndex begin = selected.begin; begin < selected.end && !scan.stopped();) {
        const std::int64_t bucket = m_buckets.bucketOf(times->ints.at(begin));
        const TimeNs endTime = m_buckets.endOf(bucket);
        RowIndex end = selected.end;
        if (times->ints.at(selected.end - 1) >= endTime &&
            m_buckets.bucketOf(times->ints.at(selected.end - 1)) != bucket) {
            // Near first: dense histograms have short runs.
            RowIndex step = 16, low = begin + 1;
            while (low + step < selected.end && times->ints.at(low + step) < endTime) {
                low += step;
                step *= 2;
            }
            end = static_cast<RowIndex>(
                std::min<std::size_t>(lowerBound(times->ints, endTime, low), selected.end));
        }
        if (codes.size() == 1) {
            if (const RowIndex count = countRows(selected.set, begin, end))
                cells[0].push_back({bucket, count});
        } else if (codes.size() <= 1024 && end - begin >= 512) {
            codes.countRange(selected.set, begin, end, counts.data());
            for (std::uint32_t code = 0; code < codes.size(); ++code) {
                if (counts[code] == 0) continue;
                cells[code].push_back({bucket, counts[code]});
                counts[code] = 0;
            }
        } else {
            touched.clear();
            withStored(codes.codes(), [&](auto view) {
                forEachRow(selected.set, begin, end, [&](RowIndex row) {
                    if (counts[view[row]]++ == 0) touched.push_back(static_cast<std::uint32_t>(view[row]));
                });
            });
            for (const std::uint32_t code : touched) {
                cells[code].push_back({bucket, counts[code]});
                counts[code] = 0;
            }
        }
        begin = end;
    }
    for (std::uint32_t code = 0; code < codes.size(); ++code) {
        if (!cells[code].empty()) local.emplace_back(codes.key(code), std::move(cells[code]));
    }
}

Result<Answer> HistogramSink::answer()
{
    std::lock_guard lock(m_mutex);
    if (m_tooMany && (m_question.top == 0 || m_pass != Pass::All)) return tooMany();
    HistogramAnswer answer;
    answer.outside = answer.total = m_outside;
    std::vector<std::pair<const std::string*, Group*>> order;
    for (auto& [key, group] : m_groups) order.emplace_back(&key, &group);
    std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
        return a.second->total != b.second->total ? a.second->total > b.second->total : *a.first < *b.first;
    });
    const std::size_t kept = m_question.top == 0 ? order.size() : std::min(m_question.top, order.size());
    if (!m_rest.cells.empty()) order.emplace_back(nullptr, &m_rest);
    if (order.empty()) return Answer(std::move(answer));
    std::int64_t first = std::numeric_limits<std::int64_t>::max(),
                 last = std::numeric_limits<std::int64_t>::min();
    for (auto& [key, group] : order) {
        settle(*group);
        answer.total += group->total;
        first = std::min(first, group->cells.front().bucket);
        last = std::max(last, group->cells.back().bucket);
    }
    const auto span = static_cast<Wide>(static_cast<Wide>(last) - first + 1);
    if (span * static_cast<Wide>(kept + 1) > static_cast<Wide>(kCellLimit)) return tooMany();
    answer.firstBucket = first;
    answer.buckets = static_cast<std::size_t>(span);
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i <= kept) {
            HistogramAnswer::Series series;
            series.other = i == kept;
            if (!series.other) {
                for (auto& value : splitKey(*order[i].first, m_question.by.size())) {
                    series.absent.push_back(!value);
                    series.group.push_back(value ? std::move(*value) : std::string());
                }
            }
            series.counts.assign(answer.buckets, 0);
            answer.series.push_back(std::move(series));
        }
        auto& series = answer.series[std::min(i, kept)];
        for (const Cell& cell : order[i].second->cells)
            series.counts[static_cast<std::size_t>(cell.bucket - first)] += cell.count;
        series.total += order[i].second->total;
    }
    return Answer(std::move(answer));
}

} // namespace

std::unique_ptr<Sink> makeHistogramSink(const HistogramQuestion& question, const SinkContext& context)
{
    return std::make_unique<HistogramSink>(question, context.heldValues);
}

} // namespace faultline
