#include "models/records/severity.h"
#include "models/records/time_text.h"
#include "tests/support/truth.h"

#include <QDir>
#include <QFile>
#include <QTest>

#include <nlohmann/json.hpp>
#include <sstream>

using namespace faultline;
using namespace faultline::test;

namespace {

constexpr TimeNs kNow = 1'795'359'845'000'000'000; // 2026-11-22T15:04:05Z

void flatten(const nlohmann::ordered_json& json, const std::string& path, TruthEvent& event)
{
    if (json.is_object() && !json.empty()) {
        for (const auto& [key, value] : json.items())
            flatten(value, path.empty() ? key : path + "." + key, event);
        return;
    }
    ValueKind kind = ValueKind::Json;
    if (json.is_string()) kind = ValueKind::Text;
    if (json.is_number_integer()) kind = ValueKind::Int;
    if (json.is_number_float()) kind = ValueKind::Decimal;
    if (json.is_boolean()) kind = ValueKind::Bool;
    if (json.is_null()) kind = ValueKind::Null;
    std::string text = json.is_string() ? json.get<std::string>() : json.dump();
    if (path == "time" || path == "@timestamp") {
        if (const auto time = parseTime(text, {0, kNow})) {
            event.key.time = time->ns;
            event.flags = 0;
            kind = ValueKind::Time;
        }
    }
    if (path == "level" || path == "lvl") event.severity = severityFromText(text).value_or(0);
    if (path == "msg") event.canonical[0] = path;
    if (path == "service.name") event.canonical[1] = path;
    event.values.push_back({path, kind, std::move(text)});
}

TruthEvent eventOf(const std::string& line)
{
    TruthEvent event;
    event.flags = FlagTimeMissing;
    event.document = line;
    flatten(nlohmann::ordered_json::parse(line), {}, event);
    return event;
}

/// What the engine says to one line of a case.
std::string answerTo(const std::string& line, const std::vector<TruthEvent>& events)
{
    const bool print = line.starts_with("print ");
    const std::string query = line.substr(line.find(' ') + 1);
    const auto filter = parseFilter(query, kNow);
    std::string answer;
    if (!filter) {
        answer = "  error\n";
        std::istringstream lines(explainFilterError(query, filter.error()));
        for (std::string shown; std::getline(lines, shown);) answer += "    " + shown + "\n";
        return answer;
    }
    if (print) return "  as " + printFilter(**filter) + "\n";
    answer = "  expect";
    bool any = false;
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (!matches(**filter, events[i])) continue;
        answer += " " + std::to_string(i + 1);
        any = true;
    }
    return answer + (any ? "\n" : " none\n");
}

} // namespace

class LanguageTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void cases_data()
    {
        QTest::addColumn<QString>("path");
        const QDir folder(QStringLiteral(FAULTLINE_SOURCE_DIR "/tests/scripts/language"));
        for (const QString& name : folder.entryList({QStringLiteral("*.case")}, QDir::Files, QDir::Name))
            QTest::newRow(name.toUtf8().constData()) << folder.filePath(name);
    }

    void cases()
    {
        QFETCH(QString, path);
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const std::string written = file.readAll().toStdString();
        file.close();
        std::istringstream lines(written);
        std::string approved;
        std::vector<TruthEvent> events;
        bool loading = false;
        std::string asked, expected;
        std::size_t failed = 0, number = 0, askedAt = 0, count = 0;
        const auto finish = [&] {
            if (asked.empty()) return;
            ++count;
            const std::string answer = answerTo(asked, events);
            approved += answer;
            if (answer != expected) {
                ++failed;
                qWarning("line %zu: %s\nexpected\n%sgot\n%s", askedAt, asked.c_str(), expected.c_str(),
                         answer.c_str());
            }
            asked.clear();
            expected.clear();
        };
        for (std::string line; std::getline(lines, line);) {
            ++number;
            if (!asked.empty() && line.starts_with("  ")) {
                expected += line + "\n";
                continue;
            }
            finish();
            approved += line + "\n";
            if (line == "load") {
                events.clear();
                loading = true;
            } else if (loading && line.starts_with("  ")) {
                events.push_back(eventOf(line.substr(2)));
            } else if (line.starts_with("filter ") || line.starts_with("print ")) {
                loading = false;
                asked = line;
                askedAt = number;
            } else if (!line.empty() && line[0] != '#') {
                QFAIL(("line " + std::to_string(number) + " is no case: " + line).c_str());
            }
        }
        finish();
        QVERIFY(count > 0);
        if (qEnvironmentVariableIsSet("FAULTLINE_APPROVE")) {
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(QByteArray::fromStdString(approved));
            return;
        }
        QCOMPARE(failed, std::size_t{0});
    }
};

QTEST_APPLESS_MAIN(LanguageTest)
#include "tst_language.moc"
