#include "models/records/time_text.h"
#include "tests/support/shared_data.h"

#include <QTest>

#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace faultline;

namespace {

/// Where we read differently from the suites, on purpose: text -> why.
const std::map<std::string, const char*> kWider = {
    {"1985-04-12T23:20:50+01", "offsets of hours alone: PostgreSQL and others print them"},
    {"1997-09-09T09:09:09.09+09", "the same"},
    {"1997-09-09T09:09:09.09+0909", "offsets without a colon: Java, Python and Apache print them"},
    {"2020-11-28T23:55:45Z", "no full-date, but a date-time"},
};
const std::map<std::string, const char*> kNarrower = {
    {"0001-01-01 00:00:00Z",
     "outside 1677 to 2262: no int64 of nanoseconds; loggers print it for \"no time\""},
    {"9999-12-31 23:59:59Z", "the same, \"for ever\""},
    {"9999-12-31 23:59:59", "the same"},
};
/// The suite's file has several times, and the extraction paired them with the normal form of another one.
const std::map<std::string, const char*> kMispaired = {
    {"1987-07-05T17:45:56+12:00", "-05:00"},
    {"1987-07-05T17:45:56+13:00", "Z"},
    {"1987-07-05T17:45:56-05:00", "+12:00"},
};

} // namespace

class TestTimestamps : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// All strings of the kinds that are times of day on a date; dates, clocks and durations alone are no
    /// times.
    void suites()
    {
        const auto path = test::sharedData("timestamps/timestamps.ndjson");
        if (!path) QSKIP("SKIPPED ALL: data/timestamps is not here");
        std::istringstream lines(test::readFile(*path));
        std::string line;
        int read = 0;
        int strings = 0;
        std::string wrong;
        for (; std::getline(lines, line); ++strings) {
            const auto entry = nlohmann::json::parse(line);
            const std::string kind = entry["kind"];
            const std::string text = entry["text"];
            const bool valid = entry["valid"];
            const auto parsed = parseTime(text, {0, 1'795'355'726'000'000'000});
            // TOML's local dates are listed with clocks too: the text decides what it has to be.
            const bool isTime = kind == "date-time" || kind.rfind("toml-", 0) == 0;
            const bool hasClock = text.size() > 10 && text.find(':') != std::string::npos && text[4] == '-';
            if (parsed && !valid && !kWider.count(text)) wrong += "accepted: " + kind + " " + text + "\n";
            if (isTime && hasClock) ++read;
            if (!parsed && valid && isTime && hasClock && !kNarrower.count(text))
                wrong += "refused: " + kind + " " + text + "\n";
            if (!parsed && kWider.count(text)) wrong += "no difference any more: " + text + "\n";
            if (parsed && kNarrower.count(text)) wrong += "no difference any more: " + text + "\n";
            if (!parsed) continue;
            if (parsed->layout.form != TimeLayout::Form::None) {
                std::string again;
                formatTime(parsed->ns, parsed->layout, again);
                if (again != text) wrong += "rebuilt as " + again + ": " + text + "\n";
                TimeNs fast = 0;
                if (!parseTimeAs(parsed->layout, text, fast) || fast != parsed->ns)
                    wrong += "fast path: " + text + "\n";
            }
            if (!entry.contains("normal_form")) continue;
            const std::string normal = entry["normal_form"];
            if (normal.size() <= 10 || kMispaired.count(text)) continue; // the date alone, or another time's
            const auto same = parseTime(normal, {0, 0});
            if (!same || same->ns != parsed->ns)
                wrong += "not equal to its normal form " + normal + ": " + text + "\n";
        }
        QVERIFY2(wrong.empty(), wrong.c_str());
        QCOMPARE(strings, 175);
        QCOMPARE(read, 55);
    }
};

QTEST_APPLESS_MAIN(TestTimestamps)
#include "tst_timestamps.moc"
