// One line of each layout, and the fields that it must give; and what a source is recognised as.
#include "models/ingest/detect.h"
#include "tests/support/decoded_records.h"

#include <QtTest>

#include <algorithm>
#include <string>
#include <vector>

using namespace faultline;
using namespace faultline::test;

namespace {

struct Layout
{
    const char* name;
    const char* format;
    std::string input;                                       ///< ' stands for "
    std::vector<std::pair<const char*, std::string>> fields; ///< of the first event
};

std::vector<Layout> layouts()
{
    return {
        {"nested JSON",
         "json",
         "{'a':{'b':1,'c':{'d':'x'}},'e':[1,2],'f':{},'g':null,'h':1.50}\n",
         {{"a.b", "1"}, {"a.c.d", "x"}, {"e", "[1,2]"}, {"f", "{}"}, {"g", "null"}, {"h", "1.50"}}},
        {"the last of duplicates",
         "json",
         "{'a':{'b':1},'a':{'c':2}}\n",
         {{"a.c", "2"}, {"a.b", "(absent)"}}},
        {"escapes", "json", "{'a':'\\u00e9\\ud83d\\ude00\\n'}\n", {{"a", "\xc3\xa9\xf0\x9f\x98\x80\n"}}},
        {"JSON in a message",
         "json",
         "{'message':'{\\'level\\':\\'warn\\',\\'message\\':\\'in\\'}','level':'info'}\n",
         {{"level", "info"}, {"message.level", "warn"}, {"message.message", "in"}}},
        {"docker with JSON",
         "docker",
         "{'log':'{\\'level\\':\\'warn\\',\\'msg\\':\\'in\\'}\\n','stream':'stdout','time':'2026-01-01T00:00:"
         "00Z'}\n",
         {{"level", "warn"}, {"msg", "in"}, {"stream", "stdout"}}},
        {"docker with text",
         "docker",
         "{'log':'2026-01-01 00:00:00,123 ERROR a.b.C - "
         "broke\\n','stream':'stderr','time':'2026-01-01T00:00:00Z'}\n",
         {{"level", "ERROR"}, {"logger", "a.b.C"}, {"time", "2026-01-01T00:00:00Z"}}},
        {"CRI",
         "cri",
         "2026-01-01T00:00:00.000000001Z stderr F {'level':'info','time':'x'}\n",
         {{"time", "2026-01-01T00:00:00.000000001Z"},
          {"stream", "stderr"},
          {"level", "info"},
          {"log.time", "x"}}},
        {"GELF",
         "gelf",
         "{'version':'1.1','host':'h','short_message':'m','level':3,'_user':'u'}\n",
         {{"user", "u"}, {"short_message", "m"}}},
        {"CLEF",
         "clef",
         "{'@t':'2026-01-01T00:00:00Z','@mt':'Hi {Name,6}|{N:000}|{No}{{','Name':'Ann','N':5,'@r':['005']}\n",
         {{"message", "Hi    Ann|005|{No}{"}, {"@l", "Information"}}},
        {"OTLP",
         "otlp",
         "{'resourceLogs':[{'resource':{'attributes':[{'key':'service.name','value':{'stringValue':'shop'}}]}"
         ","
         "'scopeLogs':[{'scope':{'name':'lib'},'logRecords':[{'timeUnixNano':'1795359845123000000','"
         "severityNumber':17,"
         "'body':{'stringValue':'broke'},'attributes':[{'key':'n','value':{'intValue':'5'}},"
         "{'key':'m','value':{'kvlistValue':{'values':[{'key':'k','value':{'boolValue':true}}]}}},"
         "{'key':'list','value':{'arrayValue':{'values':[{'stringValue':'a'},{'intValue':2}]}}},{'key':'nil',"
         "'value':{}}]}]}]}]}\n",
         {{"body", "broke"},
          {"service.name", "shop"},
          {"scope.name", "lib"},
          {"n", "5"},
          {"m.k", "true"},
          {"list", "[\"a\",2]"},
          {"nil", "null"}}},
        {"CloudTrail",
         "json",
         "{'Records':[{'eventTime':'2026-01-01T00:00:00Z','eventName':'A'},{'eventName':'B'}]}\n",
         {{"eventName", "A"}}},
        {"CloudWatch",
         "json",
         "{'messageType':'DATA_MESSAGE','logGroup':'g','logEvents':[{'id':'1','timestamp':1795359845123,'"
         "message':'m'}]}\n",
         {{"logGroup", "g"}, {"message", "m"}}},
        {"journald with bytes",
         "journald",
         "{'__REALTIME_TIMESTAMP':'1795359845123000','MESSAGE':[104,105,255]}\n",
         {{"message", "hi\xff"}}},
        {"journald export", "journald-export", "__CURSOR=x\nMESSAGE=a=b\n\n", {{"MESSAGE", "a=b"}}},
        {"logfmt",
         "logfmt",
         "time=2026-01-01T00:00:00Z level=info msg='a \\'b\\'' n=5 ok=true d=1.5 v=1.2.3 e=\n",
         {{"msg", "a \"b\""}, {"n", "5"}, {"v", "1.2.3"}, {"e", ""}}},
        {"compose",
         "prefixed",
         "web-1  | {'level':'info','msg':'x'}\n",
         {{"container.name", "web-1"}, {"msg", "x"}}},
        {"kubectl",
         "prefixed",
         "[pod/shop-1/main] {'msg':'x'}\n",
         {{"kubernetes.pod.name", "shop-1"}, {"container.name", "main"}}},
        {"stern",
         "prefixed",
         "shop-7f9 main {'msg':'x'}\n",
         {{"kubernetes.pod.name", "shop-7f9"}, {"container.name", "main"}}},
        {"a console logger",
         "prefixed",
         "2026-01-01T00:00:00.5Z\tinfo\tsync/a.go:87\tstarted on 80\t{'component':'Sync'}\n",
         {{"timestamp", "2026-01-01T00:00:00.5Z"}, {"level", "info"}, {"component", "Sync"}}},
        {"syslog 5424",
         "syslog",
         "<131>1 2026-11-22T13:55:29.819Z web app 4768 - [x@1 a='b'] {'msg':'in'}\n",
         {{"severity", "err"},
          {"hostname", "web"},
          {"appname", "app"},
          {"procid", "4768"},
          {"msgid", "(absent)"},
          {"sd.x@1.a", "b"},
          {"msg", "in"}}},
        {"syslog 3164",
         "syslog",
         "<34>Nov 22 13:55:29 web su[12]: failed for root\n",
         {{"severity", "crit"},
          {"timestamp", "Nov 22 13:55:29"},
          {"hostname", "web"},
          {"appname", "su"},
          {"procid", "12"},
          {"message", "failed for root"}}},
        {"a file of syslogd",
         "syslog",
         "Jun 14 15:16:01 combo sshd(pam_unix)[19939]: no\n",
         {{"appname", "sshd(pam_unix)"}, {"message", "no"}}},
        {"klog",
         "text",
         "E0517 15:04:22.619632   52 a.cc:253] no 3\n",
         {{"level", "E"},
          {"time", "May 17 15:04:22"},
          {"pid", "52"},
          {"logger", "a.cc:253"},
          {"message", "no 3"}}},
        {"Hadoop",
         "text",
         "2015-10-18 18:01:47,978 INFO [main] org.a.App: Created x\n",
         {{"timestamp", "2015-10-18 18:01:47,978"},
          {"level", "INFO"},
          {"thread", "main"},
          {"logger", "org.a.App"},
          {"message", "Created x"}}},
        {"HDFS",
         "text",
         "081109 203615 148 INFO dfs.Data$P: Packet 1\n",
         {{"time", "2008-11-09T20:36:15"},
          {"pid", "148"},
          {"level", "INFO"},
          {"logger", "dfs.Data$P"},
          {"message", "Packet 1"}}},
        {"Apache's error log",
         "text",
         "[Sun Dec 04 04:47:44 2005] [notice] init ok\n",
         {{"time", "2005-12-04T04:47:44"}, {"level", "notice"}, {"message", "init ok"}}},
        {"Spring",
         "text",
         "2025-01-14T16:10:44.175-07:00  INFO 93 --- [  task-1] e.c.Service   : got it\n",
         {{"level", "INFO"}, {"pid", "93"}, {"logger", "e.c.Service"}, {"message", "got it"}}},
        {"ids between the logger and the message",
         "text",
         "2023-01-29 16:42:22.382 INFO  o.a.c.C.[.[.[.[dispatcherServlet]#175 "
         "TraceID: ffc8ca7e4c8f06c75142c880d5595d96 span_id=439bc949a9eeb0cc, Servlet.service() threw\n",
         {{"logger", "o.a.c.C.[.[.[.[dispatcherServlet]#175"},
          {"trace_id", "ffc8ca7e4c8f06c75142c880d5595d96"},
          {"span_id", "439bc949a9eeb0cc"},
          {"message", "Servlet.service() threw"}}},
        {"what is no id stays in the message",
         "text",
         "2023-01-29 16:42:22.382 INFO  a.B#1 TraceID: 12 left\n",
         {{"trace_id", "(absent)"}, {"message", "TraceID: 12 left"}}},
        {"access log",
         "text",
         "10.1.2.3 - - [11/Feb/2013:06:43:36 +0000] \"GET / HTTP/1.1\" 200 5778\n",
         {{"time", "11/Feb/2013:06:43:36 +0000"},
          {"message", "10.1.2.3 - - [11/Feb/2013:06:43:36 +0000] \"GET / HTTP/1.1\" 200 5778"}}},
        {"Python's http.server",
         "text",
         "172.18.0.1 - - [29/Aug/2023 22:02:58] \"GET /\" 200 -\n",
         {{"time", "2023-08-29T22:02:58"}}},
        {"uWSGI",
         "text",
         "[pid: 24386|app: 0] 86.221.170.65 () {44 vars} [Tue Jan  3 05:01:31 2012] GET /\n",
         {{"time", "2012-01-03T05:01:31"}}},
        {"Ruby's Logger",
         "text",
         "I, [2024-06-26T17:00:04.497736 #126554]  INFO -- : done\n",
         {{"time", "2024-06-26T17:00:04.497736"}}},
        {"Redis",
         "text",
         "1:M 29 Aug 2023 13:47:38.984 * monotonic clock\n",
         {{"time", "2023-08-29T13:47:38.984"},
          {"message", "1:M 29 Aug 2023 13:47:38.984 * monotonic clock"}}},
        {"a logger's name first",
         "text",
         "(sqlalchemy.pool.QueuePool): 2021-04-28 16:37:00,355 DEBUG returned\n",
         {{"time", "2021-04-28 16:37:00,355"}}},
        {"a sentence about a time",
         "text",
         "the token of jo expired at 2021-04-28 16:37:00\n",
         {{"time", "(absent)"}}},
        {"Linux's audit log",
         "logfmt",
         "type=CWD msg=audit(1364481363.243:24287):  cwd=\"/home/shadowman\"\n",
         {{"time", "1364481363.243"}, {"cwd", "/home/shadowman"}}},
        {"Linux's audit log as text",
         "text",
         "audit: type=1400 audit(1364481363.243:24287): apparmor=DENIED\n",
         {{"time", "1364481363.243"}}},
        {"a level alone", "text", "ERROR: no space\n", {{"level", "ERROR"}, {"message", "no space"}}},
        {"no head",
         "text",
         "Info desk is open at 10:15:00 today\n",
         {{"level", "(absent)"}, {"message", "Info desk is open at 10:15:00 today"}}},
    };
}

std::string quoted(std::string text)
{
    std::replace(text.begin(), text.end(), '\'', '"');
    return text;
}

} // namespace

class TestLayouts : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void fields_data()
    {
        QTest::addColumn<int>("row");
        const auto all = layouts();
        for (std::size_t i = 0; i < all.size(); ++i) QTest::newRow(all[i].name) << static_cast<int>(i);
    }
    void fields()
    {
        QFETCH(int, row);
        const Layout layout = layouts()[static_cast<std::size_t>(row)];
        const std::string input = quoted(layout.input);
        const Collector found = decode(layout.format, input);
        QCOMPARE(found.bytes(), static_cast<std::uint64_t>(input.size()));
        QVERIFY(!found.events().empty());
        const Event event = found.events()[0];
        const std::string fault = faultOf(event);
        QVERIFY2(fault.empty(), fault.c_str());
        std::string all;
        for (const auto& field : event.fields) all += field.path + "=" + field.text + "; ";
        for (const auto& [path, value] : layout.fields)
            QVERIFY2(event.text(path) == value,
                     (std::string(path) + " is '" + event.text(path) + "' in " + all).c_str());
    }
    void recognised()
    {
        for (const auto& layout : layouts()) {
            const std::string_view format = layout.format;
            // Shapes of JSON lines have no decoder of their own.
            const std::string_view wanted =
                format == "gelf" || format == "clef" || format == "journald" || format == "otlp" ? "json"
                                                                                                 : format;
            const Detection seen = detectFormat(quoted(layout.input));
            QVERIFY2(
                seen.format == wanted,
                (std::string(layout.name) + ": " + std::string(seen.format) + ", " + seen.reason).c_str());
            QVERIFY(makeDecoder(format) != nullptr);
        }
        QCOMPARE(std::string(detectFormat("").format).c_str(), "text");
        QCOMPARE(std::string(detectFormat("{\n \"a\": 1\n}\n").format).c_str(), "json-document");
        QCOMPARE(std::string(detectFormat("[\n{\"a\":1},\n{\"a\":2}\n]\n").format).c_str(), "json-document");
        QVERIFY(makeDecoder("no such format") == nullptr);
    }
    void limits()
    {
        // 2,000 fields; the others are one overflow object. Nesting over 16 is one Json value.
        std::string line = "{";
        for (int i = 0; i < 2100; ++i)
            line += (i == 0 ? "\"f" : ",\"f") + std::to_string(i) + "\":" + std::to_string(i);
        line += "}\n";
        Collector found = decode("json", line);
        QCOMPARE(found.events()[0].fields.size(), std::size_t{2000});
        QVERIFY(!found.events()[0].rebuilds);
        QVERIFY(found.events()[0].overflow.starts_with("{\"f2000\":2000,\"f2001\":2001"));
        QVERIFY(found.events()[0].overflow.ends_with(",\"f2099\":2099}"));
        std::string deep;
        for (int i = 0; i < 20; ++i) deep += "{\"a\":";
        deep += "1" + std::string(20, '}') + "\n";
        found = decode("json", deep);
        QCOMPARE(found.events()[0].fields.size(), std::size_t{1});
        QCOMPARE(found.events()[0].fields[0].path.c_str(), "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a");
        QCOMPARE(found.events()[0].fields[0].text.c_str(), "{\"a\":{\"a\":{\"a\":{\"a\":1}}}}");
        QVERIFY(found.events()[0].rebuilds);
        const std::string name(300, 'n');
        found = decode("json", "{\"" + name + "\":1}\n");
        QCOMPARE(found.events()[0].fields[0].path.size(), std::size_t{256});
    }
    void bigArraysInParts()
    {
        std::string input = "[";
        const std::string filler(100'000, 'x');
        for (int i = 0; i < 400; ++i)
            input += (i == 0 ? "\n{\"n\":" : ",\n{\"n\":") + std::to_string(i) + ",\"x\":\"" + filler + "\"}";
        input += "\n]\n";
        const Collector found = decode("json-document", input, 1'000'000);
        QCOMPARE(found.bytes(), static_cast<std::uint64_t>(input.size()));
        QCOMPARE(found.events().size(), std::size_t{400});
        QCOMPARE(found.events()[399].text("n").c_str(), "399");
        QVERIFY(found.count(RecordOutcome::Kind::Quarantined) == 0);
        QVERIFY(found.count(RecordOutcome::Kind::Events) > 1);
    }
};

QTEST_APPLESS_MAIN(TestLayouts)
#include "tst_layouts.moc"
