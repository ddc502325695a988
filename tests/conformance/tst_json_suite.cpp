// JSONTestSuite: what the standard accepts becomes events, what it refuses is quarantined, or stays a text
// line when it does not begin as an object or an array; the rest must not crash. Each file is one document.
#include "tests/support/data_files.h"
#include "tests/support/decoded_records.h"

#include <QtTest>

using namespace faultline;
using namespace faultline::test;

class TestJsonSuite : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void parsing_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QChar>("kind");
        const auto files = dataFiles("json-conformance/JSONTestSuite/test_parsing");
        if (!files) QSKIP("json-conformance/JSONTestSuite is absent from the shared data");
        QVERIFY2(!files->empty(), "the folder is there, its files are not");
        for (const auto& file : *files) {
            const std::string name = file.substr(file.rfind('/') + 1);
            const auto bytes = readDataFile(file);
            if (name.size() < 3 || name[1] != '_') continue;
            // Compressed and UTF-16 files come decoded from the reader; empty ones cannot be opened as text.
            QTest::newRow(name.c_str())
                << QByteArray::fromStdString(bytes.value_or(std::string())) << QChar::fromLatin1(name[0]);
        }
    }
    void parsing()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QChar, kind);
        const std::string text = bytes.toStdString();
        for (const char* const format : {"json", "json-document"}) {
            const Collector found = decode(format, text);
            QCOMPARE(found.bytes(), static_cast<std::uint64_t>(text.size()));
            for (const auto& event : found.events()) {
                const std::string fault = faultOf(event);
                QVERIFY2(fault.empty(), fault.c_str());
            }
            const bool oneLine = text.find('\n') == std::string::npos || text.find('\n') + 1 == text.size();
            if (std::string_view(format) == "json" && !oneLine) continue;
            const std::size_t first = text.find_first_not_of(" \t\r\n");
            const bool structured = first != std::string::npos && (text[first] == '{' || text[first] == '[');
            const std::size_t refused = found.count(RecordOutcome::Kind::Quarantined);
            std::string seen;
            for (const auto& record : found.records)
                seen += std::to_string(static_cast<int>(record.kind)) + " " + record.reason + "; ";
            if (kind == QLatin1Char('y')) {
                QVERIFY2(refused == 0, seen.c_str());
                QVERIFY2(found.count(RecordOutcome::Kind::Events) == 1, seen.c_str());
            }
            if (kind == QLatin1Char('n') && structured) {
                // An indented line that does not parse is text, as in stack traces.
                const bool plain = first > 0 && refused == 0 && !found.events().empty() &&
                                   (found.events()[0].flags & FlagPlainText) != 0;
                // Read as documents back to back, what follows a good one is a record of its own.
                const bool apart = std::string_view(format) == "json-document" && found.records.size() > 1;
                QVERIFY2(refused > 0 || plain || apart, seen.c_str());
            }
            if (kind == QLatin1Char('n') && !structured)
                for (const auto& event : found.events())
                    QVERIFY2(event.field("message") != nullptr && event.text("message") != "(absent)",
                             seen.c_str());
        }
    }
    void transform()
    {
        const auto files = dataFiles("json-conformance/JSONTestSuite/test_transform");
        if (!files) QSKIP("json-conformance/JSONTestSuite/test_transform is absent from the shared data");
        QVERIFY2(!files->empty(), "the folder is there, its files are not");
        for (const auto& file : *files) {
            const auto bytes = readDataFile(file);
            QVERIFY2(bytes.has_value(), file.c_str());
            const Collector found = decode("json", *bytes);
            QCOMPARE(found.bytes(), static_cast<std::uint64_t>(bytes->size()));
            for (const auto& event : found.events()) {
                const std::string fault = faultOf(event);
                QVERIFY2(fault.empty(), (file + ": " + fault).c_str());
            }
            if (file.ends_with("object_same_key_different_values.json")) {
                QCOMPARE(found.events()[0].fields.size(), std::size_t{1});
                QCOMPARE(found.events()[0].text("a").c_str(), "2");
                QVERIFY(!found.events()[0].rebuilds);
            }
        }
    }
    void largerDocuments()
    {
        const auto files = dataFiles("json-conformance/simdjson-data");
        if (!files) QSKIP("json-conformance/simdjson-data is absent from the shared data");
        QVERIFY2(!files->empty(), "the folder is there, its files are not");
        int read = 0;
        for (const auto& file : *files) {
            const auto bytes = readDataFile(file);
            if (!bytes || bytes->size() > 8'000'000) continue;
            ++read;
            const bool lines = file.find(".ndjson") != std::string::npos;
            const Collector found = decode(lines ? "json" : "json-document", *bytes);
            QCOMPARE(found.bytes(), static_cast<std::uint64_t>(bytes->size()));
            for (const auto& event : found.events()) {
                const std::string fault = faultOf(event);
                QVERIFY2(fault.empty(), (file + ": " + fault).c_str());
            }
        }
        QVERIFY2(read > 0, "none of the folder's files could be read");
    }
};

QTEST_APPLESS_MAIN(TestJsonSuite)
#include "tst_json_suite.moc"
