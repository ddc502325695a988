#include "models/query/message_patterns.h"
#include "models/query/packed_view.h"
#include "models/query/sink.h"
#include "models/records/mask.h"
#include "models/records/severity.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>

namespace faultline {

namespace {

constexpr RowIndex kNoRow = ~RowIndex{0};

struct RowTally
{
    std::uint32_t count = 0;
    RowIndex first = kNoRow, last = 0;               ///< of rows with a time of their own
    RowIndex standInFirst = kNoRow, standInLast = 0; ///< of the others
    std::array<std::uint32_t, 7> bySeverity{};

    bool timed() const { return first != kNoRow; }
    RowIndex begin() const { return timed() ? first : standInFirst; }
    RowIndex end() const { return timed() ? last : standInLast; }
};

class PatternSink final : public Sink
{
public:
    explicit PatternSink(const PatternQuestion& question) : m_question(question) {}

    void scan(SegmentScan& scan, const SelectedRows& selected, std::size_t) override;

    Result<Answer> answer() override
    {
        std::lock_guard lock(m_mutex);
        PatternAnswer answer;
        answer.total = m_total;
        std::vector<const Known*> order;
        for (const auto& [id, known] : m_known) order.push_back(&known);
        const auto better = [](const Known* a, const Known* b) {
            return a->summary.count != b->summary.count ? a->summary.count > b->summary.count
                                                        : a->summary.id < b->summary.id;
        };
        const std::size_t kept = m_question.top == 0 ? order.size() : std::min(m_question.top, order.size());
        std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
                          better);
        for (std::size_t i = 0; i < kept; ++i) answer.patterns.push_back(order[i]->summary);
        return Answer(std::move(answer));
    }

private:
    struct Known
    {
        PatternSummary summary;
        EventKey firstKey;
    };
    /// Rows by code, where code 0 or an absent value is no pattern.
    std::vector<RowTally> tally(SegmentScan& scan, const PackedInts& codes, std::size_t size,
                                const SelectedRows& selected) const;

    PatternQuestion m_question;
    std::mutex m_mutex;
    std::unordered_map<std::uint64_t, Known> m_known;
    std::uint64_t m_total = 0;
};

std::vector<RowTally> PatternSink::tally(SegmentScan& scan, const PackedInts& codes, std::size_t size,
                                         const SelectedRows& selected) const
{
    std::vector<RowTally> tallies(size);
    const ColumnPtr severities = scan.column(SeverityColumn);
    if (!severities) return tallies;
    std::array<std::uint8_t, 256> classes{};
    for (std::size_t s = 0; s < 256; ++s)
        classes[s] = std::min<std::uint8_t>(severityClass(static_cast<Severity>(s)), 6);
    const auto base = static_cast<std::uint64_t>(severities->ints.base);
    const std::uint64_t scale = severities->ints.scale;
    const auto rows = [&](auto&& isTimed) {
        withStored(codes, [&](auto view) {
            withStored(severities->ints, [&](auto severity) {
                for (RowIndex begin = selected.begin; begin < selected.end && !scan.stopped();
                     begin += 32'768) {
                    const RowIndex end = std::min(selected.end, begin + 32'768);
                    forEachRow(selected.set, begin, end, [&](RowIndex row) {
                        RowTally& tally = tallies[view[row]];
                        ++tally.count;
                        ++tally.bySeverity[classes[(base + scale * severity[row]) & 0xff]];
                        const bool timed = isTimed(row);
                        RowIndex& first = timed ? tally.first : tally.standInFirst;
                        if (first == kNoRow) first = row;
                        (timed ? tally.last : tally.standInLast) = row;
                    });
                }
            });
        });
    };
    if (scan.info().timeMissing == 0) {
        rows([](RowIndex) { return true; });
    } else {
        const RowSet& missing = scan.timeMissing();
        if (!scan.stopped()) rows([&](RowIndex row) { return !missing.has(row); });
    }
    return tallies;
}

void PatternSink::scan(SegmentScan& scan, const SelectedRows& selected, std::size_t)
{
    const RowIndex count = selected.count();
    if (count == 0) return;
    const ColumnPtr times = scan.column(TimeColumn), sources = scan.column(SourceColumn),
                    ordinals = scan.column(OrdinalColumn);
    if (!times || !sources || !ordinals) return;
    const FieldReader reader(scan, "message");
    struct Local
    {
        std::uint64_t id;
        std::string pattern;
        RowTally tally;
    };
    std::unordered_map<std::uint64_t, Local> local;
    const auto add = [&](std::uint64_t id, const auto& pattern, const RowTally& tally) {
        const auto [found, isNew] = local.try_emplace(id, Local{id, {}, tally});
        if (isNew) {
            found->second.pattern = pattern();
            return;
        }
        RowTally& sum = found->second.tally;
        sum.count += tally.count;
        sum.first = std::min(sum.first, tally.first);
        sum.last = std::max(sum.last, tally.last);
        sum.standInFirst = std::min(sum.standInFirst, tally.standInFirst);
        sum.standInLast = std::max(sum.standInLast, tally.standInLast);
        for (std::size_t c = 0; c < sum.bySeverity.size(); ++c) sum.bySeverity[c] += tally.bySeverity[c];
    };
    const MessagePatterns patterns(scan, selected);
    const auto tallies = tally(scan, patterns.codes(), patterns.size(), selected);
    for (std::size_t code = 0; code < tallies.size() && !scan.stopped(); ++code) {
        if (tallies[code].count == 0) continue;
        if (const auto id = patterns.id(code))
            add(
                *id, [&] { return patterns.text(code); }, tallies[code]);
    }
    if (scan.stopped()) return;
    std::lock_guard lock(m_mutex);
    m_total += count;
    for (auto& [id, each] : local) {
        const RowIndex row = each.tally.begin();
        const bool timed = each.tally.timed();
        const EventKey key{times->ints.at(row), SourceId{static_cast<std::uint32_t>(sources->ints.at(row))},
                           static_cast<Ordinal>(ordinals->ints.at(row))};
        const TimeNs last = times->ints.at(each.tally.end());
        const auto [found, isNew] = m_known.try_emplace(id);
        PatternSummary& summary = found->second.summary;
        if (isNew) {
            summary.id = id;
            summary.pattern = patternForDisplay(each.pattern);
        }
        // Times of their own count before those that stand in.
        const bool better = isNew || (timed && !summary.timed);
        if (better || (timed == summary.timed && key < found->second.firstKey)) {
            found->second.firstKey = key;
            summary.first = key.time;
            summary.example.clear();
            reader.append(row, summary.example);
        }
        if (better)
            summary.last = last;
        else if (timed == summary.timed)
            summary.last = std::max(summary.last, last);
        summary.timed = summary.timed || timed;
        summary.count += each.tally.count;
        for (std::size_t c = 0; c < summary.bySeverity.size(); ++c)
            summary.bySeverity[c] += each.tally.bySeverity[c];
    }
}

} // namespace

std::unique_ptr<Sink> makePatternSink(const PatternQuestion& question, const SinkContext&)
{
    return std::make_unique<PatternSink>(question);
}

} // namespace faultline
