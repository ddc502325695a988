// Cutting a source into ranges of ordinals, however its rows lie in the segments.
#include "models/ingest/ordinal_cuts.h"
#include "models/store/segment.h"
#include "tests/support/store_fixture.h"

#include <QElapsedTimer>
#include <QTest>

#include <algorithm>
#include <random>

using namespace faultline;

namespace {

/// A source whose row `n` is in envelope `envelopes[n]` (0: in none) and lies in segment `segments[n]`.
struct Source
{
    std::vector<std::size_t> segments;
    std::vector<std::size_t> envelopes;
    std::size_t count = 0; ///< of segments

    bool starts(std::size_t row) const { return envelopes[row] == 0; }
    bool ends(std::size_t row) const
    {
        return row + 1 == envelopes.size() || envelopes[row + 1] != envelopes[row];
    }
    std::vector<std::vector<OrdinalRow>> rowsBySegment() const
    {
        std::vector<std::vector<OrdinalRow>> rows(count);
        for (std::size_t n = 0; n < segments.size(); ++n) rows[segments[n]].push_back({n, n});
        return rows;
    }
};

Result<std::vector<OrdinalRange>> cut(const Source& source, std::vector<OrdinalSpan>& spans)
{
    const auto rows = source.rowsBySegment();
    spans.clear();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].empty()) continue;
        OrdinalSpan span;
        span.segment = i;
        span.first = rows[i].front().ordinal;
        span.last = rows[i].back().ordinal;
        span.rows = rows[i].size();
        span.bytes = 100 * span.rows;
        span.glued = std::any_of(rows[i].begin(), rows[i].end(),
                                 [&](const OrdinalRow& row) { return source.envelopes[row.row] != 0; });
        span.open = !source.starts(rows[i].back().row) && !source.ends(rows[i].back().row);
        spans.push_back(span);
    }
    return cutByOrdinal(spans, [&](const OrdinalSpan& span, std::vector<OrdinalSample>& samples) {
        sampleRows(
            span, rows[span.segment], [&](std::size_t row) { return source.starts(row); },
            [&](std::size_t row) { return source.ends(row); }, samples);
        return Status();
    });
}

/// What is wrong with the ranges of a source; `most`: rows of one.
std::string judge(const Source& source, const std::vector<OrdinalSpan>& spans,
                  const std::vector<OrdinalRange>& ranges, std::size_t most)
{
    Ordinal next = 0;
    for (const OrdinalRange& range : ranges) {
        const std::string name = "range " + std::to_string(range.first) + " to " + std::to_string(range.last);
        if (range.first < next || range.last < range.first) return name + " is out of order";
        const std::size_t end = std::min<std::size_t>(range.last + 1, source.segments.size());
        if (range.first != next) return name + " leaves rows out";
        if (end - range.first > most) return name + " has " + std::to_string(end - range.first) + " rows";
        if (range.first > 0 && !source.starts(range.first) && !source.ends(range.first - 1))
            return name + " begins within an envelope";
        for (Ordinal n = range.first; n < end; ++n) {
            const bool held = std::any_of(
                spans.begin() + static_cast<std::ptrdiff_t>(range.begin),
                spans.begin() + static_cast<std::ptrdiff_t>(range.end), [&](const OrdinalSpan& span) {
                    return span.segment == source.segments[n] && span.first <= n && n <= span.last;
                });
            if (!held) return name + " misses a segment";
        }
        next = range.last + 1;
    }
    return next == source.segments.size() ? std::string() : "the last rows are left out";
}

} // namespace

class TestOrdinalCuts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void anyMixture_data()
    {
        QTest::addColumn<int>("segments");
        QTest::addColumn<int>("spread");
        QTest::addColumn<int>("envelope");
        QTest::newRow("one after the other") << 5 << 1 << 0;
        QTest::newRow("neighbours overlap") << 6 << 1'000 << 0;
        QTest::newRow("all of them overlap") << 8 << 1'000'000 << 0;
        QTest::newRow("small ones") << 400 << 1'000'000 << 0;
        QTest::newRow("envelopes") << 6 << 1'000 << 50;
        QTest::newRow("envelopes all over") << 8 << 1'000'000 << 700;
    }
    void anyMixture()
    {
        QFETCH(int, segments);
        QFETCH(int, spread);
        QFETCH(int, envelope);
        std::mt19937 random(7);
        Source source;
        source.count = static_cast<std::size_t>(segments);
        const int rows = 300'000;
        std::size_t number = 0;
        for (int n = 0; n < rows; ++n) {
            const int at =
                std::clamp(n + static_cast<int>(random() % static_cast<unsigned>(spread)), 0, rows - 1);
            source.segments.push_back(static_cast<std::size_t>(std::int64_t{at} * segments / rows));
            if (envelope > 0 && random() % static_cast<unsigned>(envelope) == 0) ++number;
            source.envelopes.push_back(envelope > 0 && number % 3 != 0 ? number : 0);
        }
        std::vector<OrdinalSpan> spans;
        const auto ranges = cut(source, spans);
        VERIFY_OK(ranges);
        QVERIFY(ranges->size() >= 3);
        const std::string wrong = judge(source, spans, *ranges, 2 * kSegmentRows);
        QVERIFY2(wrong.empty(), wrong.c_str());
    }

    /// No envelope is so large that a range grows without end.
    void anEnvelopeWithoutEnd()
    {
        Source source;
        source.count = 20;
        for (std::size_t n = 0; n < 1'200'000; ++n) {
            source.segments.push_back(n / 60'000);
            source.envelopes.push_back(1);
        }
        std::vector<OrdinalSpan> spans;
        const auto ranges = cut(source, spans);
        VERIFY_OK(ranges);
        QVERIFY(ranges->size() > 1);
        for (const OrdinalRange& range : *ranges)
            QVERIFY(range.last - range.first < 9 * Ordinal{kSegmentRows});
    }

    /// Two thousand full segments that all overlap: as many ranges, at the cost of their samples.
    void allOfManySegmentsOverlap()
    {
        constexpr std::size_t kCount = 2'000;
        std::vector<OrdinalSpan> spans(kCount);
        for (std::size_t i = 0; i < kCount; ++i) {
            spans[i].segment = spans[i].first = i;
            spans[i].last = (std::uint64_t{kSegmentRows} - 1) * kCount + i;
            spans[i].rows = kSegmentRows;
            spans[i].bytes = 1'000'000;
        }
        QElapsedTimer timer;
        timer.start();
        std::size_t asked = 0;
        const auto ranges =
            cutByOrdinal(spans, [&](const OrdinalSpan& span, std::vector<OrdinalSample>& samples) {
                ++asked;
                for (std::uint64_t n = 0; n < kSegmentRows; n += OrdinalSample::kMost)
                    samples.push_back({n * kCount + span.segment, OrdinalSample::kMost, 976, true});
                return Status();
            });
        VERIFY_OK(ranges);
        QVERIFY2(timer.elapsed() < 20'000, qPrintable(QString::number(timer.elapsed())));
        QCOMPARE(asked, kCount);
        QVERIFY(ranges->size() >= kCount && ranges->size() < 2 * kCount);
        Ordinal next = 0;
        for (const OrdinalRange& range : *ranges) {
            QCOMPARE(range.first, next);
            QVERIFY(range.rows <= 2 * std::uint64_t{kSegmentRows});
            next = range.last + 1;
        }
        QCOMPARE(next, kCount * std::uint64_t{kSegmentRows});
    }

    void manyAtOnePlace()
    {
        std::vector<OrdinalSpan> spans(1'000);
        for (OrdinalSpan& span : spans) {
            span.last = kSegmentRows - 1;
            span.rows = kSegmentRows;
        }
        const auto ranges =
            cutByOrdinal(spans, [](const OrdinalSpan&, std::vector<OrdinalSample>&) { return Status(); });
        QVERIFY(!ranges);
        QCOMPARE(ranges.error().kind, ErrorKind::Damaged);
    }

    /// The largest numbers that there are.
    void theEndsOfTheScale()
    {
        std::vector<OrdinalSpan> spans(4);
        for (std::size_t i = 0; i < spans.size(); ++i) {
            spans[i].segment = i;
            spans[i].last = ~Ordinal{0};
            spans[i].rows = kSegmentRows;
        }
        const auto ranges =
            cutByOrdinal(spans, [](const OrdinalSpan& span, std::vector<OrdinalSample>& samples) {
                for (std::uint64_t n = 0; n < 1'024; ++n)
                    samples.push_back({~Ordinal{0} - 4 * n - span.segment, 64, 0, true});
                samples.push_back({0, 1, 0, true});
                return Status();
            });
        VERIFY_OK(ranges);
        QCOMPARE(ranges->front().first, Ordinal{0});
        QCOMPARE(ranges->back().last, ~Ordinal{0});
        QVERIFY(ranges->size() >= 4);
    }
};

QTEST_APPLESS_MAIN(TestOrdinalCuts)
#include "tst_ordinal_cuts.moc"
