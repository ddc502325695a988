#include "models/query/group_key.h"
#include "models/query/packed_view.h"
#include "models/query/sink.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <unordered_map>

namespace faultline {

namespace {

// Counts that an answer may hold: a step of nanoseconds over years is a slip of the keyboard.
constexpr std::size_t kCellLimit = 16u << 20;

__extension__ using Wide = __int128; // differences of times do not fit 64 bits

std::int64_t floorDiv(Wide a, std::int64_t b)
{
    const Wide quotient = a / b;
    return static_cast<std::int64_t>(a % b < 0 ? quotient - 1 : quotient);
}

struct Cell
{
    std::int64_t bucket = 0;
    std::uint64_t count = 0;
};

class HistogramSink final : public Sink
{
public:
    explicit HistogramSink(const HistogramQuestion& question) : m_question(question)
    {
        m_bySeverity = question.by.size() == 1 && question.by.front() == "severity";
    }

    void scan(SegmentScan& scan, const SelectedRows& selected, std::size_t) override
    {
        if (m_question.step <= 0) {
            return scan.fail(makeError(ErrorKind::Usage, "make a histogram", "the step is not above zero"));
        }
        if (selected.whole() && useRollup(scan.info())) return;
        SelectedRows timed = selected;
        std::uint64_t outside = 0;
        if (scan.info().timeMissing > 0) {
            timed.set.subtract(scan.timeMissing());
            outside = selected.count() - timed.count();
        }
        Local local;
        if (!timed.set.isNone() && timed.begin < timed.end) countRowsOf(scan, timed, local);
        if (scan.stopped()) return;
        std::lock_guard lock(m_mutex);
        m_outside += outside;
        for (auto& [key, cells] : local) merge(key, cells);
    }

    Result<Answer> answer() override;

private:
    using Local = std::vector<std::pair<std::string, std::vector<Cell>>>;
    struct Group
    {
        std::unordered_map<std::int64_t, std::uint64_t> buckets;
        std::uint64_t total = 0;
    };

    std::int64_t bucketOf(TimeNs time) const
    {
        return floorDiv(static_cast<Wide>(time) - m_question.origin, m_question.step);
    }
    /// First time that is not in `bucket`, kTimeMax when there is none.
    TimeNs endOf(std::int64_t bucket) const
    {
        const Wide end = static_cast<Wide>(m_question.origin) +
                         (static_cast<Wide>(bucket) + 1) * static_cast<Wide>(m_question.step);
        return end > kTimeMax ? kTimeMax : static_cast<TimeNs>(end);
    }
    bool useRollup(const SegmentInfo& info);
    void countRowsOf(SegmentScan& scan, const SelectedRows& selected, Local& local) const;
    void merge(const std::string& key, const std::vector<Cell>& cells)
    {
        Group& group = m_groups[key];
        for (const Cell& cell : cells) {
            const auto [found, isNew] = group.buckets.try_emplace(cell.bucket, 0);
            found->second += cell.count;
            group.total += cell.count;
            m_cells += isNew ? 1 : 0;
        }
        if (m_cells > kCellLimit) m_tooMany = true;
    }

    HistogramQuestion m_question;
    bool m_bySeverity = false;
    std::mutex m_mutex;
    std::unordered_map<std::string, Group> m_groups;
    std::uint64_t m_outside = 0;
    std::size_t m_cells = 0;
    bool m_tooMany = false;
};

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
            const auto bucket = floorDiv(begin - m_question.origin, m_question.step);
            if (cells.empty() || cells.back().bucket != bucket) cells.push_back({bucket, 0});
            cells.back().count += rollup.counts[i];
        }
        if (cells.empty()) continue;
        std::string key;
        if (grouped)
            appendKeyPart(true, severityName(static_cast<Severity>(c == 0 ? 0 : c * 4 - 3)), true, key);
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
        const std::int64_t bucket = bucketOf(times->ints.at(begin));
        const TimeNs endTime = endOf(bucket);
        RowIndex end = selected.end;
        if (times->ints.at(selected.end - 1) >= endTime &&
            bucketOf(times->ints.at(selected.end - 1)) != bucket) {
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
    const auto tooMany = [](const std::string& why) {
        return makeError(ErrorKind::Limit, "make a histogram", why,
                         {"Take a larger step, a shorter range, or fewer groups."});
    };
    std::lock_guard lock(m_mutex);
    if (m_tooMany) return tooMany("it would have more than " + std::to_string(kCellLimit) + " counts");
    HistogramAnswer answer;
    answer.outside = answer.total = m_outside;
    std::vector<std::pair<const std::string*, const Group*>> order;
    std::int64_t first = std::numeric_limits<std::int64_t>::max(),
                 last = std::numeric_limits<std::int64_t>::min();
    for (const auto& [key, group] : m_groups) {
        order.emplace_back(&key, &group);
        answer.total += group.total;
        for (const auto& [bucket, count] : group.buckets) {
            first = std::min(first, bucket);
            last = std::max(last, bucket);
        }
    }
    if (order.empty()) return Answer(std::move(answer));
    std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
        return a.second->total != b.second->total ? a.second->total > b.second->total : *a.first < *b.first;
    });
    const std::size_t kept = m_question.top == 0 ? order.size() : std::min(m_question.top, order.size());
    const auto span = static_cast<Wide>(static_cast<Wide>(last) - first + 1);
    if (span * static_cast<Wide>(kept + 1) > static_cast<Wide>(kCellLimit))
        return tooMany("the events span too many steps");
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
        for (const auto& [bucket, count] : order[i].second->buckets) {
            series.counts[static_cast<std::size_t>(bucket - first)] += count;
        }
        series.total += order[i].second->total;
    }
    return Answer(std::move(answer));
}

} // namespace

std::unique_ptr<Sink> makeHistogramSink(const HistogramQuestion& question, const SinkContext&)
{
    return std::make_unique<HistogramSink>(question);
}

} // namespace faultline
