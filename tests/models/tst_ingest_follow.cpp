#include "tests/support/ingest_fixture.h"
#include "tests/support/packing.h"

#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

using namespace faultline;
using namespace faultline::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// An ingest that follows, on a thread of its own, and a way to wait for what it commits.
class Following
{
public:
    Following(IngestFixture& fixture, IngestRequest request) : m_fixture(fixture)
    {
        m_id = fixture.store->onChange([this] {
            std::lock_guard lock(m_mutex);
            ++m_changes;
            m_changed.notify_all();
        });
        request.follow = true;
        request.workers = 2;
        request.pathTemplate = "/no/such/path";
        m_thread = std::thread([this, request = std::move(request)] {
            m_report.emplace(m_fixture.ingest(request, m_stop.get_token()));
            std::lock_guard lock(m_mutex);
            m_over = true;
            m_changed.notify_all();
        });
    }
    ~Following() { stop(); }
    Following(const Following&) = delete;
    Following& operator=(const Following&) = delete;

    /// Looks after each commit whether it is so; false after ten seconds, or when the run has ended before.
    bool until(const std::function<bool()>& so)
    {
        const auto deadline = std::chrono::steady_clock::now() + 10s;
        std::unique_lock lock(m_mutex);
        for (;;) {
            const auto seen = m_changes;
            lock.unlock();
            if (so()) return true;
            lock.lock();
            if (m_over) return false;
            if (!m_changed.wait_until(lock, deadline, [&] { return m_changes != seen || m_over; }))
                return false;
        }
    }
    bool untilRows(std::size_t count)
    {
        return until([&] { return rowsOf(*m_fixture.store).size() >= count; });
    }
    /// Waits for the end without asking for it.
    bool ends()
    {
        std::unique_lock lock(m_mutex);
        return m_changed.wait_for(lock, 10s, [&] { return m_over; });
    }
    const Result<IngestReport>& stop()
    {
        m_stop.request_stop();
        if (m_thread.joinable()) m_thread.join();
        if (m_id != 0) m_fixture.store->removeOnChange(m_id);
        m_id = 0;
        return *m_report;
    }

private:
    IngestFixture& m_fixture;
    std::uint64_t m_id = 0;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::uint64_t m_changes = 0;
    bool m_over = false;
    std::stop_source m_stop;
    std::optional<Result<IngestReport>> m_report;
    std::thread m_thread;
};

/// Lines that say their number, so that each can be looked for.
class Lines
{
public:
    std::string next(int count)
    {
        std::string text;
        for (int i = 0; i < count; ++i)
            text +=
                "{\"time\":\"2026-01-01T00:00:00Z\",\"message\":\"line " + std::to_string(m_next++) + "\"}\n";
        return text;
    }
    std::size_t count() const { return m_next; }
    /// Empty when each line is stored exactly once.
    std::string missing(Store& store) const
    {
        std::multiset<std::string> have;
        for (const StoredRow& row : rowsOf(store)) have.insert(row.document + "\n");
        Lines again;
        for (std::size_t i = 0; i < m_next; ++i) {
            const std::string line = again.next(1);
            if (have.count(line) != 1) return std::to_string(have.count(line)) + " times: " + line;
        }
        return have.size() == m_next ? std::string() : "rows that were never written";
    }

private:
    std::size_t m_next = 0;
};

#define VERIFY_STORED(lines, fixture)                                                                        \
    do {                                                                                                     \
        const std::string missing = (lines).missing(*(fixture).store);                                       \
        QVERIFY2(missing.empty(), missing.c_str());                                                          \
    } while (false)

} // namespace

class TestIngestFollow : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aFileGrowsInHalves()
    {
        IngestFixture fixture;
        Lines lines;
        IngestRequest request;
        request.paths = {fixture.write("a.log", lines.next(100))};
        Following following(fixture, request);
        QVERIFY(following.untilRows(100));
        const std::string more = lines.next(50);
        // The last line comes in two halves.
        fixture.write("a.log", more.substr(0, more.size() - 10), true);
        QVERIFY(following.untilRows(149));
        fixture.write("a.log", more.substr(more.size() - 10), true);
        QVERIFY(following.untilRows(150));
        const auto& report = following.stop();
        VERIFY_OK(report);
        VERIFY_STORED(lines, fixture);
        QCOMPARE(report->sources.size(), std::size_t(1));
        QCOMPARE(report->total.events, std::uint64_t(150));
        QVERIFY(report->total.balanced());
        QVERIFY(report->cancelled);
        auto sources = fixture.store->sources();
        QVERIFY(sources && sources->size() == 1);
        QVERIFY(sources->front().ledger == report->total);
        QCOMPARE(sources->front().checkpoint.position, report->total.received.bytes);
        // A later run goes on from there and ends it.
        fixture.write("a.log", lines.next(5), true);
        auto later = fixture.ingest(request.paths[0]);
        VERIFY_OK(later);
        QCOMPARE(later->total.events, std::uint64_t(5));
        QCOMPARE(later->sources.front().state, SourceState::Complete);
        VERIFY_STORED(lines, fixture);
    }

    void aFolderWithRotationAndNewFiles()
    {
        IngestFixture fixture;
        Lines lines;
        const std::string first = fixture.write("a.log", lines.next(30));
        IngestRequest request;
        request.paths = {fs::path(first).parent_path().string()};
        Following following(fixture, request);
        QVERIFY(following.untilRows(lines.count()));
        // Renamed, written once more under its new name, a new one in its place.
        fs::rename(first, fixture.path("a.log.1"));
        fixture.write("a.log.1", lines.next(3), true);
        fixture.write("a.log", lines.next(7));
        QVERIFY(following.untilRows(lines.count()));
        // A new file in a new folder, which then grows.
        fs::create_directory(fixture.path("sub"));
        fixture.write("sub/b.log", lines.next(11));
        QVERIFY(following.untilRows(lines.count()));
        fixture.write("sub/b.log", lines.next(2), true);
        QVERIFY(following.untilRows(lines.count()));
        // Compressed by rotation: the same content, under another name.
        std::ifstream old(fixture.path("a.log.1"), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(old), {}};
        fixture.write("a.log.1.gz", packed(bytes, "gzip"));
        fs::remove(fixture.path("a.log.1"));
        QVERIFY(following.until([&] {
            auto sources = fixture.store->sources();
            return sources && std::any_of(sources->begin(), sources->end(), [](const SourceRecord& source) {
                       return source.path.ends_with("a.log.1.gz") && source.ledger.events == 33;
                   });
        }));
        // Cut in place.
        fs::resize_file(fixture.path("a.log"), 0);
        fixture.write("a.log", lines.next(4), true);
        QVERIFY(following.untilRows(lines.count()));
        const auto& report = following.stop();
        VERIFY_OK(report);
        VERIFY_STORED(lines, fixture);
        QVERIFY(report->total.balanced());
        QCOMPARE(report->total.events, lines.count());
        // Nothing of it is new to the next run.
        auto later = fixture.ingest(request.paths[0]);
        VERIFY_OK(later);
        QCOMPARE(later->total.events, std::uint64_t(0));
        VERIFY_STORED(lines, fixture);
    }

    /// The source of a rotated file goes on under its new name, whichever of the files is looked at first.
    void rotatedBetweenTwoReads()
    {
        IngestFixture fixture;
        Lines lines;
        const std::string log = fixture.write("a.log", lines.next(40));
        const std::string folder = fs::path(log).parent_path().string();
        IngestRequest request;
        request.paths = {folder};
        VERIFY_OK(fixture.ingest(request));
        fixture.write("a.log", lines.next(3), true);
        fs::rename(log, fixture.path("a.log.1"));
        fixture.write("a.log", lines.next(7));
        // One of the readers is busy with this: the other one reads both.
        std::string large;
        while (large.size() < 6'000'000) large += "{\"n\":" + std::to_string(large.size()) + "}\n";
        fixture.write("0.log", large);
        const auto report = fixture.ingest(request);
        VERIFY_OK(report);
        auto sources = fixture.store->sources();
        VERIFY_OK(sources);
        QCOMPARE(sources->size(), std::size_t{3});
        for (const SourceRecord& source : *sources) {
            const std::string name = fs::path(source.path).filename().string();
            if (name == "0.log") continue;
            QVERIFY2(name == "a.log" || name == "a.log.1", source.path.c_str());
            QCOMPARE(source.ledger.events, std::uint64_t{name == "a.log" ? 7u : 43u});
            QVERIFY(source.ledger.balanced());
        }
        // Nothing is new to the next run.
        const auto later = fixture.ingest(request);
        VERIFY_OK(later);
        QCOMPARE(later->total.events, std::uint64_t{0});
    }

    void aFileThatWasEmptyIsNotCalledSoWhenItIsRead()
    {
        IngestFixture fixture;
        Lines lines;
        const std::string first = fixture.write("a.log", lines.next(3));
        fixture.write("b.log", "");
        IngestRequest request;
        request.paths = {fs::path(first).parent_path().string()};
        Following following(fixture, request);
        QVERIFY(following.untilRows(lines.count()));
        fixture.write("b.log", lines.next(2), true);
        QVERIFY(following.untilRows(lines.count()));
        const auto& report = following.stop();
        VERIFY_OK(report);
        QCOMPARE(report->sources.size(), std::size_t(2));
        for (const SourceReport& source : report->sources)
            QVERIFY2(source.detail.empty(), (source.name + ": " + source.detail).c_str());
        auto sources = fixture.store->sources();
        VERIFY_OK(sources);
        for (const SourceRecord& source : *sources)
            QVERIFY2(source.detail.empty(), (source.name + ": " + source.detail).c_str());
        VERIFY_STORED(lines, fixture);
    }

    void aSilentPipeHoldsNothingBack()
    {
        IngestFixture fixture;
        Lines lines;
        // Another source in the store: its first checkpoint must not keep the pipe waiting.
        VERIFY_OK(fixture.ingest(fixture.write("other.log", lines.next(2'000))));
        int ends[2];
        QVERIFY(::pipe(ends) == 0);
        const auto send = [&](const std::string& text) {
            return ::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
        };
        IngestRequest request;
        request.paths = {"-"};
        request.stdinDescriptor = [&] { return ends[0]; };
        Following following(fixture, request);
        QVERIFY(send(lines.next(3)));
        QVERIFY(following.untilRows(2'003));
        for (int i = 1; i <= 5; ++i) {
            QVERIFY(send(lines.next(1)));
            QVERIFY(following.untilRows(2'003 + static_cast<std::size_t>(i)));
        }
        QVERIFY(send(lines.next(1) + "{\"message\":\"half"));
        QVERIFY(following.untilRows(2'009));
        QVERIFY(send(" and half\"}\n"));
        QVERIFY(following.untilRows(2'010));
        ::close(ends[1]);
        QVERIFY2(following.ends(), "the end of the pipe is the end of the run");
        const auto& report = following.stop();
        ::close(ends[0]);
        VERIFY_OK(report);
        QCOMPARE(report->total.events, std::uint64_t(10));
        QVERIFY(report->total.balanced());
        QCOMPARE(report->sources.front().state, SourceState::Complete);
        QCOMPARE(rowsOf(*fixture.store).size(), std::size_t(2'010));
    }

    void whatAPipeGaveIsKeptOnStop()
    {
        IngestFixture fixture;
        Lines lines;
        int ends[2];
        QVERIFY(::pipe(ends) == 0);
        IngestRequest request;
        const std::string file = fixture.write("a.log", lines.next(5));
        request.paths = {"-", file};
        request.stdinDescriptor = [&] { return ends[0]; };
        Following following(fixture, request);
        const std::string text = lines.next(20);
        QVERIFY(::write(ends[1], text.data(), text.size() - 1) == static_cast<ssize_t>(text.size()) - 1);
        QVERIFY(following.untilRows(24)); // the last one has no end yet
        fixture.write("a.log", lines.next(5), true);
        QVERIFY(following.untilRows(29));
        const auto& report = following.stop();
        ::close(ends[0]);
        ::close(ends[1]);
        VERIFY_OK(report);
        VERIFY_STORED(lines, fixture);
        QCOMPARE(report->total.events, std::uint64_t(30));
        QVERIFY(report->total.balanced());
    }
};

QTEST_APPLESS_MAIN(TestIngestFollow)
#include "tst_ingest_follow.moc"
