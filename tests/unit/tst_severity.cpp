#include "models/records/severity.h"

#include <QTest>

#include <sstream>
#include <string>

using namespace faultline;

namespace {

/// One case a line: scale, number or text, expected severity (`-` for nothing).
constexpr const char* kTable = R"(
text trace 1
text VERBOSE 1
text finest 1
text Finer 1
text ALL 1
text trc 1
text trce 1
text Debug 5
text FINE 5
text dbg 5
text dbug 5
text CONFIG 5
text D 5
text info 9
text Information 9
text informational 9
text inf 9
text i 9
text DEFAULT 9
text log 9
text notice 10
text WARN 13
text warning 13
text wrn 13
text W 13
text error 17
text ERR 17
text severe 17
text eror 17
text E 17
text fail 17
text critical 18
text CRIT 18
text alert 19
text fatal 21
text emerg 21
text Emergency 21
text panic 21
text dpanic 21
text ftl 21
text F 21
text off 21
text INFO+2 11
text info-1 8
text DEBUG-4 1
text DEBUG-40 1
text DEBUG+1 6
text WARN+3 16
text ERROR+8 24
text ERROR+80 24
text ERROR+4 21
text INFO2 10
text fatal4 24
text TRACE3 3
text INFO5 -
text INFO0 -
text INFO+ -
text INFO+- -
text INFO+-2 -
text INFO+2x -
text INFO+99999999999 -
text FATAL+1 -
text SEVERITY_NUMBER_WARN 13
text SEVERITY_NUMBER_ERROR3 19
text SEVERITY_NUMBER_ -
text SEVERITY_NUMBER_NOTICE -
text warnings -
text 30 -
text none -
text unknown -
text erro -
text + -
text averyveryverylongwordthatisnolevelatall -
pino 10 1
pino 20 5
pino 30 9
pino 35 9
pino 40 13
pino 50 17
pino 59 17
pino 60 21
pino 100 21
pino 5 1
pino 0 -
pino -10 -
syslog 0 21
syslog 1 19
syslog 2 18
syslog 3 17
syslog 4 13
syslog 5 10
syslog 6 9
syslog 7 5
syslog 8 -
syslog -1 -
python 0 0
python 5 1
python 10 5
python 20 9
python 25 9
python 30 13
python 40 17
python 50 21
python -1 -
logback 5000 1
logback 10000 5
logback 20000 9
logback 30000 13
logback 40000 17
logback 2147483647 21
logback -2147483648 1
gcp 0 0
gcp 100 5
gcp 200 9
gcp 300 10
gcp 400 13
gcp 500 17
gcp 600 18
gcp 700 19
gcp 800 21
gcp -1 -
monolog 100 5
monolog 200 9
monolog 250 10
monolog 300 13
monolog 400 17
monolog 500 18
monolog 550 19
monolog 600 21
monolog 99 -
dotnet 0 1
dotnet 1 5
dotnet 2 9
dotnet 3 13
dotnet 4 17
dotnet 5 21
dotnet 6 0
dotnet 7 -
otel 0 0
otel 1 1
otel 24 24
otel 25 -
otel -1 -
unknown 3 -
unknown 0 -
unknown 10 1
unknown 30 9
unknown 60 21
unknown 35 -
unknown 70 -
unknown 9223372036854775807 -
unknown -9223372036854775808 -
)";

SeverityScale scaleOf(const std::string& name)
{
    if (name == "pino") return SeverityScale::Pino;
    if (name == "syslog") return SeverityScale::Syslog;
    if (name == "python") return SeverityScale::Python;
    if (name == "logback") return SeverityScale::Logback;
    if (name == "gcp") return SeverityScale::Gcp;
    if (name == "monolog") return SeverityScale::Monolog;
    if (name == "dotnet") return SeverityScale::DotNet;
    if (name == "otel") return SeverityScale::Otel;
    return SeverityScale::Unknown;
}

} // namespace

class TestSeverity : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void table()
    {
        std::istringstream lines(kTable);
        std::string scale, value, expected;
        int cases = 0;
        while (lines >> scale >> value >> expected) {
            const auto found = scale == "text" ? severityFromText(value)
                                               : severityFromNumber(std::stoll(value), scaleOf(scale));
            const std::string got = found ? std::to_string(int{*found}) : "-";
            if (got != expected) {
                const std::string why = scale + " " + value + ": expected " + expected + ", got " + got;
                QFAIL(why.c_str());
            }
            ++cases;
        }
        QVERIFY(cases > 130);
    }

    void textMayBePadded()
    {
        QCOMPARE(int{severityFromText("INFO ").value_or(0)}, 9);
        QCOMPARE(int{severityFromText("  warn\t").value_or(0)}, 13);
        QVERIFY(!severityFromText(""));
        QVERIFY(!severityFromText("   "));
        QVERIFY(!severityFromText(std::string_view("info\0", 5)));
    }

    void namesAndClasses()
    {
        const char* names[] = {"none", "trace", "debug", "info", "warn", "error", "fatal"};
        for (int s = 0; s <= 255; ++s) {
            const int expected = s == 0 || s > 24 ? 0 : (s - 1) / 4 + 1;
            QCOMPARE(int{severityClass(static_cast<Severity>(s))}, expected);
            QCOMPARE(severityName(static_cast<Severity>(s)), std::string_view(names[expected]));
        }
    }

    void spans()
    {
        const auto span = [](std::string_view name) {
            const auto found = severitySpan(name);
            return found ? std::pair<int, int>(found->first, found->last) : std::pair<int, int>(-1, -1);
        };
        QCOMPARE(span("error"), std::pair(17, 20));
        QCOMPARE(span("ERR"), std::pair(17, 20));
        QCOMPARE(span("warning"), std::pair(13, 16));
        QCOMPARE(span("None"), std::pair(0, 0));
        QCOMPARE(span("fatal"), std::pair(21, 24));
        QCOMPARE(span("notice"), std::pair(10, 10));
        QCOMPARE(span("critical"), std::pair(18, 18));
        QCOMPARE(span("INFO2"), std::pair(10, 10));
        QCOMPARE(span("nothing"), std::pair(-1, -1));
    }
};

QTEST_APPLESS_MAIN(TestSeverity)
#include "tst_severity.moc"
