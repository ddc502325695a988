#include "models/ingest/ordinal_cuts.h"

#include "models/store/segment.h"

#include <algorithm>

namespace faultline {
namespace {

/// Samples of a segment.
constexpr std::uint64_t kSamples = 1024;
/// Envelopes of more rows or bytes are cut through: their elements are read one by one then. A record that
/// was read as one has at most 64 MiB.
constexpr std::uint64_t kMostRowsTogether = 8 * std::uint64_t{kSegmentRows};
constexpr std::uint64_t kMostBytesTogether = 4 * kSegmentRawBytes;

/// The ranges of spans that overlap, or hang together by an envelope.
class Parts
{
public:
    Parts(const OrdinalRange& whole, std::vector<OrdinalRange>& ranges) : m_ranges(ranges), m_open(whole)
    {
        m_last = whole.last;
        m_open.rows = 0;
    }

    void take(const OrdinalSample& sample)
    {
        const bool full = m_open.rows + std::max(sample.rows, OrdinalSample::kMost) > kSegmentRows ||
                          m_bytes + sample.bytes > kSegmentRawBytes;
        const bool tooMuch = m_open.rows > kMostRowsTogether || m_bytes > kMostBytesTogether;
        if (m_open.rows > 0 && sample.at > m_open.first && sample.at <= m_last &&
            ((full && sample.cut) || tooMuch)) {
            m_open.last = sample.at - 1;
            m_ranges.push_back(m_open);
            m_open.first = sample.at;
            m_open.rows = m_bytes = 0;
        }
        m_open.rows += sample.rows;
        m_bytes += sample.bytes;
    }

    void end()
    {
        m_open.last = m_last;
        m_ranges.push_back(m_open);
    }

private:
    std::vector<OrdinalRange>& m_ranges;
    OrdinalRange m_open;
    Ordinal m_last = 0;
    std::uint64_t m_bytes = 0;
};

} // namespace

Result<std::vector<OrdinalRange>> cutByOrdinal(std::vector<OrdinalSpan>& spans, const SampleOrdinals& sample)
{
    std::sort(spans.begin(), spans.end(), [](const OrdinalSpan& a, const OrdinalSpan& b) {
        return a.first != b.first ? a.first < b.first : a.last < b.last;
    });
    std::vector<OrdinalRange> ranges;
    for (std::size_t i = 0; i < spans.size();) {
        OrdinalRange range;
        range.begin = i;
        range.first = spans[i].first;
        std::uint64_t bytes = 0;
        // What overlaps, or goes on with an envelope, belongs together; small neighbours are put together.
        for (; i < spans.size(); ++i) {
            const OrdinalSpan& span = spans[i];
            const bool together =
                i == range.begin || span.first <= range.last || spans[i - 1].open ||
                (range.rows + span.rows <= kSegmentRows && bytes + span.bytes <= kSegmentRawBytes);
            if (!together) break;
            range.last = i == range.begin ? span.last : std::max(range.last, span.last);
            range.rows += span.rows;
            bytes += span.bytes;
        }
        range.end = i;
        if (range.rows < 2 * std::uint64_t{kSegmentRows} && bytes < 2 * kSegmentRawBytes) {
            ranges.push_back(range);
            continue;
        }
        if (range.rows / 4 > range.last - range.first)
            return makeError(ErrorKind::Damaged, "read the events of a source in their order",
                             "many of them have the same place in it",
                             {"Run `faultline doctor` on the store."});
        std::vector<OrdinalSample> samples;
        for (std::size_t s = range.begin; s < range.end; ++s)
            if (auto done = sample(spans[s], samples); !done) return std::move(done).error();
        std::sort(samples.begin(), samples.end(), [](const OrdinalSample& a, const OrdinalSample& b) {
            return a.at != b.at ? a.at < b.at : a.rows < b.rows; // a place before the rows behind it
        });
        Parts parts(range, ranges);
        for (const OrdinalSample& one : samples) parts.take(one);
        parts.end();
    }
    return ranges;
}

void sampleRows(const OrdinalSpan& span, std::vector<OrdinalRow> rows,
                const std::function<bool(std::size_t)>& starts, const std::function<bool(std::size_t)>& ends,
                std::vector<OrdinalSample>& samples)
{
    if (rows.empty()) return;
    std::sort(rows.begin(), rows.end(),
              [](const OrdinalRow& a, const OrdinalRow& b) { return a.ordinal < b.ordinal; });
    const std::uint64_t perRow = span.bytes / rows.size();
    const auto stride =
        static_cast<std::size_t>(std::clamp<std::uint64_t>(rows.size() / kSamples, 1, OrdinalSample::kMost));
    std::size_t looked = 0; // rows before it were asked about envelopes
    for (std::size_t i = 0; i < rows.size(); i += stride) {
        OrdinalSample sample;
        sample.at = rows[i].ordinal;
        sample.rows = std::min(stride, rows.size() - i);
        sample.bytes = perRow * sample.rows;
        sample.cut = !span.glued;
        samples.push_back(sample);
        if (!span.glued) continue;
        // The next place that lies in no envelope: before a row that is in none, or behind the last of one.
        for (looked = std::max(looked, i); looked < rows.size(); ++looked) {
            const bool before = starts(rows[looked].row);
            if (!before && (!ends(rows[looked].row) || rows[looked].ordinal == ~Ordinal{0})) continue;
            samples.push_back({rows[looked].ordinal + (before ? 0 : 1), 0, 0, true});
            ++looked;
            break;
        }
    }
}

} // namespace faultline
