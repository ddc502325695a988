// Another reading of a source's events, made of the store alone.
#include "models/ingest/renormalise.h"
#include "tests/support/ingest_fixture.h"
#include "tests/support/ingest_lines.h"
#include "tests/support/source_checks.h"
#include "tests/support/store_fixture.h"

#include <QTest>

#include <algorithm>
#include <set>

using namespace faultline;
using namespace faultline::test;
using faultline::testing::describe;

namespace {

struct Sample
{
    const char* name;
    std::string bytes;
    std::string format = {}; ///< given; empty: recognised
};

/// Everything that an event may be joined out of, unwrapped from, or taken out of.
std::vector<Sample> samples()
{
    std::vector<Sample> all;
    all.push_back({"mixed", mixedLines(400'000, 5)});
    all.push_back(
        {"bom", "\xef\xbb\xbf{\"time\":\"2026-01-01T00:00:00Z\",\"msg\":\"a\"}\n{\"msg\":\"b\"}\r\n"});
    all.push_back({"no times", manyLines("{\"msg\":\"line %n\"}", 50)});
    all.push_back({"late times", manyLines("plain %n", 20) +
                                     manyLines("{\"time\":\"2026-01-01T00:00:%2Z\",\"msg\":\"x\"}", 20)});
    all.push_back(
        {"zone",
         manyLines(
             "2026-01-01 00:00:%2.5 INFO [main] a.b.C - hello %n\n    at a.b.C.d(C.java:1)\nCaused by: x",
             60)});
    all.push_back(
        {"logfmt",
         manyLines(
             "ts=2026-01-01T00:00:%2Z level=warn msg=\"hello %n\" trace_id=4BF92F3577B34DA6A3CE929D0E0E4736",
             60)});
    all.push_back({"syslog", manyLines("Jan  2 03:04:%2 web1 sshd[%n]: Accepted password", 60)});
    all.push_back({"gelf", manyLines("{\"version\":\"1.1\",\"host\":\"h\",\"short_message\":\"m "
                                     "%n\",\"timestamp\":17700000%2.5,\"level\":4,\"_user\":\"u%n\"}",
                                     60)});
    all.push_back(
        {"clef",
         manyLines("{\"@t\":\"2026-01-01T00:00:%2Z\",\"@mt\":\"Hello {Name}\",\"Name\":\"n%n\"}", 60)});
    all.push_back(
        {"wrapped",
         manyLines("{\"log\":\"{\\\"level\\\":\\\"error\\\",\\\"msg\\\":\\\"inner "
                   "%n\\\"}\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-01T00:00:%2.123456789Z\"}",
                   60)});
    std::string docker, cri, array = "[\n", otlp, journal, cloud = "{\"Records\":[";
    for (int i = 0; i < 60; ++i) {
        const std::string n = std::to_string(i), s = std::to_string(10 + i % 50);
        const bool part = i % 5 == 0;
        docker += "{\"log\":\"warn: part " + n + (part ? "" : "\\n") +
                  "\",\"stream\":\"stdout\",\"time\":\"2026-01-01T00:00:" + s + "Z\"}\n";
        cri += "2026-01-01T00:00:" + s + ".5Z stdout " + (part ? "P" : "F") +
               " {\"level\":\"info\",\"msg\":\"m" + n + "\"}\n";
        array += std::string(i ? ",\n" : "") + " {\n  \"timestamp\": \"2026-01-01T00:00:" + s +
                 "Z\",\n  \"message\": \"m" + n + "\"\n }";
        otlp += "{\"resourceLogs\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{"
                "\"stringValue\":\"svc" +
                n + "\"}}]},\"scopeLogs\":[{\"scope\":{\"name\":\"lib\"},\"logRecords\":[";
        for (int j = 0; j < 3; ++j)
            otlp += std::string(j ? "," : "") + "{\"timeUnixNano\":\"17700000" + s +
                    "000000000\",\"severityNumber\":" + std::to_string(9 + 4 * j) +
                    ",\"body\":{\"stringValue\":\"b" + n +
                    "\"},\"attributes\":[{\"key\":\"k\",\"value\":{\"intValue\":\"" + n + "\"}}]}";
        otlp += "]}]}]}\n";
        journal += "__REALTIME_TIMESTAMP=17700000" + s + "000000\nMESSAGE=hello " + n +
                   "\nPRIORITY=4\n_HOSTNAME=h\n\n";
        cloud += std::string(i ? "," : "") + "{\"eventTime\":\"2026-01-01T00:00:" + s +
                 "Z\",\"eventName\":\"e" + n + "\"}";
    }
    all.push_back({"docker", docker});
    all.push_back({"cri", cri});
    all.push_back({"array", array + "\n]\n"});
    all.push_back({"otlp", otlp});
    all.push_back({"journald-export", journal, "journald-export"});
    all.push_back({"cloudtrail", cloud + "]}\n"});
    all.push_back({"arrays a line",
                   manyLines("[{\"time\":\"2026-01-01T00:00:%2Z\",\"msg\":\"a%n\"}, {\"msg\":\"b\"}]", 40)});
    all.push_back({"cut", "{\"time\":\"2026-01-01T00:00:00Z\",\"msg\":\"" + std::string(1'200'000, 'x') +
                              "\"}\n{\"msg\":\"b\"}\n"});
    return all;
}

std::vector<std::string> documentsOf(Store& store)
{
    std::vector<std::string> documents;
    for (const StoredRow& row : rowsOf(store)) documents.push_back(row.document);
    return documents;
}

SourceSettings settingsNow(IngestFixture& fixture, SourceId id)
{
    const auto sources = fixture.store->sources().value();
    const auto found =
        std::find_if(sources.begin(), sources.end(), [&](const auto& one) { return one.id == id; });
    return settingsOfSource(*fixture.store, *fixture.normaliser, *found).value();
}

Result<RenormaliseReport> change(IngestFixture& fixture, const SourceSettings& settings,
                                 std::stop_token stop = {})
{
    return renormalise(fixture.store, fixture.normaliser, firstSource(*fixture.store), settings, {},
                       std::move(stop));
}

} // namespace

class TestRenormalise : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// With the settings that it has, a source stays what it is, to the last flag.
    void sameSettings_data()
    {
        QTest::addColumn<int>("index");
        const auto all = samples();
        for (std::size_t i = 0; i < all.size(); ++i) QTest::newRow(all[i].name) << static_cast<int>(i);
    }
    void sameSettings()
    {
        QFETCH(int, index);
        const Sample sample = samples()[static_cast<std::size_t>(index)];
        IngestFixture fixture;
        QVERIFY(fixture.valid());
        IngestRequest request;
        request.paths = {fixture.write("a.log", sample.bytes)};
        request.inputFormat = sample.format;
        request.pathTemplate = "{folder}/{service}.log";
        VERIFY_OK(fixture.ingest(request));
        const auto before = rowsOf(*fixture.store);
        QVERIFY(!before.empty());
        const Ledger ledger = fixture.store->sources().value().front().ledger;
        const Checkpoint point = fixture.store->sources().value().front().checkpoint;
        std::filesystem::remove(request.paths.front()); // the store alone is enough
        SourceSettings same = settingsNow(fixture, firstSource(*fixture.store));
        auto report = change(fixture, same);
        VERIFY_OK(report);
        QCOMPARE(report->events, ledger.events);
        const auto after = rowsOf(*fixture.store);
        const std::string differs = firstDifference(before, after);
        QVERIFY2(differs.empty(), differs.c_str());
        const SourceRecord now = fixture.store->sources().value().front();
        QVERIFY(now.ledger == ledger);
        QVERIFY2(now.checkpoint == point, "the last time of the source is not what it was");
        QVERIFY2(whatIsWrong(*fixture.store).empty(), whatIsWrong(*fixture.store).c_str());
    }

    /// Other settings give what reading with them from the start gives; undone, all is as before.
    void otherSettings_data() { sameSettings_data(); }
    void otherSettings()
    {
        QFETCH(int, index);
        const Sample sample = samples()[static_cast<std::size_t>(index)];
        SourceSettings settings;
        settings.zoneOffsetMinutes = 120;
        settings.clockOffset = -90'500'000'000;
        settings.setField("message", index % 2 ? "trace_id" : "level");
        settings.setField("service", "stream");
        settings.innerJson = "msg";
        IngestFixture fixture, fresh;
        IngestRequest request;
        request.inputFormat = sample.format;
        request.pathTemplate = "/no/such/path";
        request.paths = {fixture.write("a.log", sample.bytes)};
        VERIFY_OK(fixture.ingest(request));
        const auto before = rowsOf(*fixture.store);
        VERIFY_OK(change(fixture, settings));
        QVERIFY2(whatIsWrong(*fixture.store).empty(), whatIsWrong(*fixture.store).c_str());

        // A source that has the settings before its first byte.
        SourceRecord record;
        record.path = fresh.write("a.log", sample.bytes);
        record.name = "a.log";
        std::filesystem::last_write_time(record.path,
                                         std::filesystem::last_write_time(request.paths.front()));
        SourceSettings known = withUserSettings(settingsNow(fixture, firstSource(*fixture.store)), settings);
        record.settings = printSettings(known);
        VERIFY_OK(fresh.store->addSource(record));
        request.paths = {record.path};
        VERIFY_OK(fresh.ingest(request));
        const std::string differs = firstDifference(rowsOf(*fresh.store), rowsOf(*fixture.store));
        QVERIFY2(differs.empty(), differs.c_str());

        VERIFY_OK(undoSettings(fixture.store, fixture.normaliser, firstSource(*fixture.store), {}, {}));
        const std::string kept = firstDifference(before, rowsOf(*fixture.store));
        QVERIFY2(kept.empty(), kept.c_str());
        QVERIFY(SourceStore::of(*fixture.store).sourceChanges(firstSource(*fixture.store)).value().empty());
        QCOMPARE(
            undoSettings(fixture.store, fixture.normaliser, firstSource(*fixture.store), {}, {}).error().kind,
            ErrorKind::NotFound);
    }

    /// Whatever it is taken for, each document stays one event with its bytes.
    void everyFormat()
    {
        for (const Sample& sample : samples()) {
            IngestFixture fixture;
            IngestRequest request;
            request.paths = {fixture.write("a.log", sample.bytes)};
            request.inputFormat = sample.format;
            VERIFY_OK(fixture.ingest(request));
            const auto before = documentsOf(*fixture.store);
            const std::string recognised = fixture.store->sources().value().front().format;
            for (const char* format : {"text", "json", "logfmt", "cri", "otlp", "journald-export"}) {
                SourceSettings settings;
                settings.format = format;
                VERIFY_OK(change(fixture, settings));
                const std::string what = std::string(sample.name) + " as " + format;
                QVERIFY2(documentsOf(*fixture.store) == before, what.c_str());
                QVERIFY2(whatIsWrong(*fixture.store).empty(), what.c_str());
                QCOMPARE(fixture.store->sources().value().front().format, std::string(format));
            }
            VERIFY_OK(change(fixture, {}));
            QCOMPARE(fixture.store->sources().value().front().format, recognised);
        }
    }

    /// A clock that was off by more than half a year does not move times without a year into another one.
    void clocksFarOffAndNoYear()
    {
        IngestFixture fixture;
        VERIFY_OK(fixture.ingest(
            fixture.write("a.log", manyLines("Jan  2 03:04:%2 web1 sshd[%n]: Accepted password", 40) +
                                       manyLines("Oct 12 03:04:%2 web1 sshd[%n]: Accepted password", 40))));
        const auto before = rowsOf(*fixture.store);
        constexpr TimeNs kDay = 86'400 * kSecondNs;
        for (const int days : {250, -250, 300, -340, 0}) {
            SourceSettings settings = settingsNow(fixture, firstSource(*fixture.store));
            settings.clockOffset = days * kDay;
            const auto preview =
                previewSettings(fixture.store, fixture.normaliser, firstSource(*fixture.store), settings, {});
            VERIFY_OK(preview);
            VERIFY_OK(change(fixture, settings));
            const auto after = rowsOf(*fixture.store);
            QCOMPARE(after.size(), before.size());
            for (std::size_t i = 0; i < after.size(); ++i)
                QCOMPARE((after[i].time - before[i].time) / kDay, TimeNs{days});
            for (const auto& row : preview->rows)
                QCOMPARE(row.after.time, after[static_cast<std::size_t>(row.ordinal)].time);
        }
        QVERIFY(firstDifference(before, rowsOf(*fixture.store)).empty());
    }

    /// What comes later is read with the settings, too.
    void moreBytesUseThem()
    {
        IngestFixture fixture;
        const std::string first = "{\"sent\":\"2026-01-01 10:00:00\",\"prio\":\"error\",\"text\":\"a\"}\n";
        const std::string path = fixture.write("a.log", first);
        VERIFY_OK(fixture.ingest(path));
        SourceSettings settings;
        settings.zoneOffsetMinutes = -60;
        settings.clockOffset = 5 * kSecondNs;
        settings.setField("timestamp", "sent");
        settings.setField("severity", "prio");
        settings.setField("message", "text");
        VERIFY_OK(change(fixture, settings));
        fixture.write("a.log", "{\"sent\":\"2026-01-01 10:00:01\",\"prio\":\"error\",\"text\":\"a\"}\n",
                      true);
        VERIFY_OK(fixture.ingest(path));
        const auto rows = rowsOf(*fixture.store);
        QCOMPARE(rows.size(), std::size_t{2});
        const TimeNs ten = parseTime("2026-01-01T11:00:05Z", {})->ns;
        QCOMPARE(rows[0].time, ten);
        QCOMPARE(rows[1].time, ten + kSecondNs);
        QVERIFY2(rows[1].text.find("error") != std::string::npos, rows[1].text.c_str());
        QCOMPARE(rows[0].document + "\n", first);
    }

    /// A stop, at any place, leaves the store as it was, and nothing behind.
    void cancel()
    {
        IngestFixture fixture;
        VERIFY_OK(fixture.ingest(fixture.write(
            "a.log", manyLines("{\"time\":\"2026-01-01T00:00:%2Z\",\"msg\":\"m %n\"}", 150'000))));
        const auto before = rowsOf(*fixture.store);
        SourceSettings settings;
        settings.clockOffset = kSecondNs;
        for (const std::uint64_t at : {1u, 9'000u, 70'000u, 149'000u}) {
            std::stop_source stop;
            auto done = renormalise(
                fixture.store, fixture.normaliser, firstSource(*fixture.store), settings,
                [&](const RenormaliseProgress& so) {
                    QCOMPARE(so.eventsTotal, std::uint64_t{150'000});
                    if (so.eventsDone >= at) stop.request_stop();
                },
                stop.get_token());
            if (done) {
                QVERIFY2(at > 140'000, "a stop was passed over");
                VERIFY_OK(
                    undoSettings(fixture.store, fixture.normaliser, firstSource(*fixture.store), {}, {}));
            } else {
                QCOMPARE(done.error().kind, ErrorKind::Cancelled);
            }
            QVERIFY(firstDifference(before, rowsOf(*fixture.store)).empty());
            fixture.reopen();
            QVERIFY2(whatIsWrong(*fixture.store).empty(), whatIsWrong(*fixture.store).c_str());
        }
    }

    /// Small segments with many sources in them: only the one changes, and merges go on around it.
    void amongOthers()
    {
        IngestFixture fixture;
        IngestRequest request;
        for (int i = 0; i < 30; ++i)
            request.paths.push_back(fixture.write(
                "f" + std::to_string(i),
                manyLines(
                    ("{\"time\":\"2026-01-01T00:00:%2Z\",\"msg\":\"f" + std::to_string(i) + " %n\"}").c_str(),
                    40)));
        VERIFY_OK(fixture.ingest(request));
        const auto before = rowsOf(*fixture.store);
        const SourceId id = fixture.store->sources().value()[7].id;
        SourceSettings settings;
        settings.clockOffset = 3'600 * kSecondNs;
        VERIFY_OK(fixture.store->mergeSmallSegments());
        VERIFY_OK(renormalise(fixture.store, fixture.normaliser, id, settings, {}, {}));
        for (int round = 0; round < 2; ++round) {
            const auto after = rowsOf(*fixture.store);
            QCOMPARE(after.size(), before.size());
            for (std::size_t i = 0; i < after.size(); ++i) {
                QCOMPARE(after[i].document, before[i].document);
                QCOMPARE(after[i].time - before[i].time, after[i].source == id ? 3'600 * kSecondNs : 0);
            }
            VERIFY_OK(fixture.store->mergeSmallSegments());
        }
        QVERIFY2(whatIsWrong(*fixture.store).empty(), whatIsWrong(*fixture.store).c_str());
    }

    /// Rows that were deleted stay deleted, and the ordinals of the others stay.
    void deletedRows()
    {
        IngestFixture fixture;
        VERIFY_OK(fixture.ingest(fixture.write("a.log", samples()[12].bytes))); // an array
        const SegmentId segment = fixture.store->snapshot().value()->segments.front().info->id;
        VERIFY_OK(fixture.store->deleteRows(segment, {0x5a5a}));
        const auto before = rowsOf(*fixture.store);
        VERIFY_OK(change(fixture, settingsNow(fixture, firstSource(*fixture.store))));
        const std::string differs = firstDifference(before, rowsOf(*fixture.store));
        QVERIFY2(differs.empty(), differs.c_str());
    }

    void preview()
    {
        IngestFixture fixture;
        VERIFY_OK(fixture.ingest(
            fixture.write("a.log", manyLines("{\"time\":\"2026-01-01T00:00:%2Z\",\"sent\":\"2026-02-01T00:00:"
                                             "%2Z\",\"msg\":\"m %n\",\"text\":\"t %n\"}",
                                             2'000))));
        SourceSettings settings;
        settings.setField("timestamp", "sent");
        settings.setField("message", "text");
        const SourceId id = firstSource(*fixture.store);
        auto preview = previewSettings(fixture.store, fixture.normaliser, id, settings, {});
        VERIFY_OK(preview);
        QCOMPARE(preview->rows.size(), kPreviewRows);
        QCOMPARE(preview->timedBefore, kPreviewRows);
        QCOMPARE(preview->timedAfter, kPreviewRows);
        QCOMPARE(preview->changed, kPreviewRows);
        QCOMPARE(preview->rows.front().ordinal, Ordinal{0});
        QCOMPARE(preview->rows.back().ordinal, Ordinal{1'999});
        QVERIFY(preview->rows[10].ordinal > 500 && preview->rows[10].ordinal < 1'500);
        VERIFY_OK(change(fixture, settings));
        const auto rows = rowsOf(*fixture.store);
        for (const auto& row : preview->rows) {
            const StoredRow& stored = rows[static_cast<std::size_t>(row.ordinal)];
            QCOMPARE(row.after.time, stored.time);
            QCOMPARE(row.document, stored.document);
            QCOMPARE(row.after.message, "t " + std::to_string(row.ordinal));
        }
        settings.setField("timestamp", "text");
        settings.clockOffset = 0;
        preview = previewSettings(fixture.store, fixture.normaliser, id, settings, {});
        VERIFY_OK(preview);
        QCOMPARE(preview->timedAfter, kPreviewRows); // the aliases are tried behind the role
        QCOMPARE(previewSettings(fixture.store, fixture.normaliser, SourceId{99}, settings, {}).error().kind,
                 ErrorKind::NotFound);
    }

    /// The faces of the preview are those of the rows, whatever they are made of.
    void previewOfEverySample()
    {
        for (const Sample& sample : samples()) {
            IngestFixture fixture;
            IngestRequest request;
            request.paths = {fixture.write("a.log", sample.bytes)};
            request.inputFormat = sample.format;
            VERIFY_OK(fixture.ingest(request));
            auto preview = previewSettings(fixture.store, fixture.normaliser, firstSource(*fixture.store),
                                           settingsNow(fixture, firstSource(*fixture.store)), {});
            VERIFY_OK(preview);
            for (const auto& row : preview->rows) {
                if (!row.before.ownTime) continue; // its neighbour may not be among the rows
                QVERIFY2(row.before == row.after, sample.name);
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestRenormalise)
#include "tst_renormalise.moc"
