// Every I/O call fails in turn while a source is read again out of the store: all of it is new, or all of it
// is as it was.
#include "models/ingest/ingest.h"
#include "models/ingest/renormalise.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/ingest_rows.h"
#include "tests/support/store_fixture.h"

#include <QTest>

#include <filesystem>
#include <fstream>

using namespace faultline;
using namespace faultline::testing;

namespace {

constexpr TimeNs kStart = 1'700'000'000 * kSecondNs;
constexpr int kEvents = 40;

std::string lineOf(int n)
{
    return "{\"time\":" + std::to_string(kStart / kSecondNs + n) + ",\"msg\":\"event " + std::to_string(n) +
           "\"}";
}

Store::Options onFaultVfs()
{
    Store::Options options;
    options.vfs = FaultVfs::name();
    options.readers = 2;
    return options;
}

} // namespace

class TestRewriteFaults : public QObject
{
    Q_OBJECT

    std::shared_ptr<const Normaliser> m_normaliser = test::loadNormaliser();
    StoreFolder m_folder;

    /// Two commits of one source and one of another, among which its rows lie.
    Status makeStore(const std::string& path)
    {
        auto store = Store::open(path, onFaultVfs());
        if (!store) return store.error();
        Ingest ingest(*store, m_normaliser, std::make_shared<ManualClock>(kStart + 86'400 * kSecondNs));
        for (const char* name : {"a.log", "b.log"}) {
            const std::string file = m_folder.file(name);
            for (int part = 0; part < 2; ++part) {
                std::ofstream out(file, part == 0 ? std::ios::trunc : std::ios::app);
                for (int n = part * kEvents / 2; n < (part + 1) * kEvents / 2; ++n)
                    out << lineOf(n + (name[0] == 'b' ? 1'000 : 0)) << '\n';
                out.close();
                IngestRequest request;
                request.paths = {file};
                request.workers = 1;
                if (auto report = ingest.run(request, {}, {}); !report) return report.error();
            }
        }
        auto merged = (*store)->mergeSmallSegments();
        return merged ? Status() : Status(merged.error());
    }

    /// What is wrong; `changed`: whether the new reading was acknowledged.
    std::string judge(const std::string& path, SourceId id, bool changed)
    {
        auto store = Store::open(path, onFaultVfs());
        if (!store) return describe(store.error());
        auto sources = (*store)->sources();
        if (!sources) return describe(sources.error());
        bool set = false;
        for (const SourceRecord& source : *sources) {
            if (!source.ledger.balanced()) return "the ledger is not balanced";
            if (source.id == id) set = parseSettings(source.settings)->clockOffset == kSecondNs;
        }
        if (changed && !set) return "the settings that were acknowledged are not there";
        const auto rows = test::rowsOf(**store);
        if (rows.size() != 2 * kEvents) return std::to_string(rows.size()) + " events";
        for (const test::StoredRow& row : rows) {
            const bool own = row.source == id;
            const int n = static_cast<int>(row.ordinal) + (own ? 0 : 1'000);
            if (row.document != lineOf(n)) return "event " + std::to_string(n) + " is " + row.document;
            const TimeNs expected = kStart + n * kSecondNs + (own && set ? kSecondNs : 0);
            if (row.time != expected) return "event " + std::to_string(n) + " has another time";
        }
        if (SourceStore::of(*(*store)).sourceChanges(id)->size() != (set ? 1u : 0u))
            return "the history does not say what happened";
        auto again = renormalise(*store, m_normaliser, id, {}, {}, {});
        return again ? std::string() : "it cannot be changed any more: " + describe(again.error());
    }

private Q_SLOTS:
    void everyCallFails_data()
    {
        QTest::addColumn<bool>("sticky");
        QTest::addColumn<bool>("full");
        QTest::newRow("once") << false << false;
        QTest::newRow("for good") << true << false;
        QTest::newRow("disk full") << true << true;
    }
    void everyCallFails()
    {
        QFETCH(bool, sticky);
        QFETCH(bool, full);
        const std::string made = m_folder.file("made");
        std::filesystem::remove(made);
        VERIFY_OK(makeStore(made));
        SourceSettings settings;
        settings.clockOffset = kSecondNs;
        const SourceId id{1};
        Fault fault;
        fault.calls = full ? IoWrite : IoAll;
        fault.full = full;
        fault.sticky = sticky;
        std::uint64_t total = 0, failed = 0;
        for (std::uint64_t k = 0; k <= total; ++k) {
            const std::string path = m_folder.file(("k" + std::to_string(k)).c_str());
            std::filesystem::copy_file(made, path, std::filesystem::copy_options::overwrite_existing);
            bool changed = false;
            {
                auto store = Store::open(path, onFaultVfs());
                VERIFY_OK(store);
                fault.at = k; // 0: counts only
                FaultVfs::arm(fault);
                const auto done = renormalise(*store, m_normaliser, id, settings, {}, {});
                if (k == 0) {
                    VERIFY_OK(done);
                    total = FaultVfs::calls();
                    QVERIFY(total > 3);
                }
                changed = done.ok();
                failed += changed ? 0 : 1;
            }
            FaultVfs::disarm();
            const std::string wrong = judge(path, id, changed);
            const std::string message =
                "call " + std::to_string(k) + " of " + std::to_string(total) + ": " + wrong;
            QVERIFY2(wrong.empty(), message.c_str());
            for (const char* suffix : {"", "-wal", "-shm", "-lock"}) std::filesystem::remove(path + suffix);
        }
        QVERIFY2(failed > 0, "some of the faults were seen");
    }
};

QTEST_GUILESS_MAIN(TestRewriteFaults)
#include "tst_rewrite_faults.moc"
