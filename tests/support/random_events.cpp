#include "tests/support/random_events.h"

#include "models/records/json_text.h"
#include "models/records/severity.h"
#include "models/records/time_text.h"

#include <algorithm>

namespace faultline::test {

namespace {

constexpr TimeNs kBegin = 1'795'359'600'000'000'000; // 2026-11-22T15:00:00Z

std::string quoted(std::string_view text)
{
    std::string out = "\"";
    appendJsonEscaped(text, out);
    return out + "\"";
}

std::string documentOf(const std::vector<TruthValue>& values)
{
    std::string out = "{";
    for (const auto& value : values) {
        if (out.size() > 1) out += ',';
        out += quoted(value.path) + ':';
        const bool text = value.kind == ValueKind::Text || value.kind == ValueKind::Time;
        out += text ? quoted(value.text) : value.text;
    }
    return out + "}";
}

template <class T> const T& oneOf(const std::vector<T>& all, std::size_t at)
{
    return all[at % all.size()];
}

const std::vector<std::string>& words()
{
    static const std::vector<std::string> all{"timeout",
                                              "Timeout",
                                              "CONNECTION reset",
                                              "connection refused",
                                              "took 12 ms",
                                              "took 9 ms",
                                              "user 4711",
                                              "naïve café",
                                              "Straße",
                                              "\xe2\x84\xaa"
                                              "elvin",
                                              "kelvin",
                                              "日本語",
                                              "",
                                              "200",
                                              "404",
                                              "-1.5",
                                              "1e3",
                                              "1.5s",
                                              "250ms",
                                              "10MiB",
                                              "warn",
                                              "Error",
                                              "a*b",
                                              "a\\b",
                                              "say \"hi\"",
                                              "tab\there",
                                              "line\nbreak",
                                              "/api/users/1",
                                              "/api/orders/2",
                                              "true",
                                              "null"};
    return all;
}

} // namespace

std::string RandomEvents::text()
{
    std::string made = oneOf(words(), m_random());
    while (chance(30)) made += " " + oneOf(words(), m_random());
    return made;
}

std::string RandomEvents::field()
{
    static const std::vector<std::string> all{"status", "duration_ms", "path",    "user.id",
                                              "tags",   "flag",        "items",   "mixed",
                                              "rare",   "message",     "service", "odd name"};
    return oneOf(all, m_random());
}

TruthValue RandomEvents::value(std::string path)
{
    // most fields have one kind most of the time
    std::size_t form = chance(15) ? pick(10) : 10;
    if (path == "mixed") form = pick(10);
    if (form == 10) {
        if (path == "status")
            form = 1;
        else if (path == "duration_ms")
            form = chance(50) ? 1 : 2;
        else if (path == "flag")
            form = 4;
        else if (path == "tags")
            form = 6;
        else if (path == "items")
            form = 7;
        else
            form = 0;
    }
    static const std::vector<std::string> ints{
        "0", "200", "200", "404", "500", "503", "-7", "9007199254740993", "12"};
    static const std::vector<std::string> decimals{"0.5", "200.0", "1.50", "1.5", "-0.25", "12.125", "99.9"};
    static const std::vector<std::string> numbers{"2e2", "-0", "1E-3", "12345678901234567890", "5e2"};
    switch (form) {
    case 1: return {std::move(path), ValueKind::Int, oneOf(ints, m_random())};
    case 2: return {std::move(path), ValueKind::Decimal, oneOf(decimals, m_random())};
    case 3: return {std::move(path), ValueKind::Number, oneOf(numbers, m_random())};
    case 4: return {std::move(path), ValueKind::Bool, chance(50) ? "true" : "false"};
    case 5: return {std::move(path), ValueKind::Null, "null"};
    case 6: {
        std::string list = "[";
        for (std::size_t i = 0, n = pick(4); i < n; ++i) {
            if (i > 0) list += ',';
            list += chance(60)   ? quoted(text())
                    : chance(50) ? oneOf(ints, m_random())
                    : chance(50) ? "[1,\"in\"]"
                                 : "null";
        }
        return {std::move(path), ValueKind::Json, list + "]"};
    }
    case 7: {
        std::string list = "[";
        for (std::size_t i = 0, n = pick(3); i < n; ++i) {
            if (i > 0) list += ',';
            list += "{\"sku\":" + quoted(text()) + ",\"n\":{\"of\":" + oneOf(ints, m_random()) + "}}";
        }
        return {std::move(path), ValueKind::Json, list + "]"};
    }
    default: return {std::move(path), ValueKind::Text, text()};
    }
}

std::vector<TruthEvent> RandomEvents::events(std::size_t count, std::uint32_t sources)
{
    std::vector<TruthEvent> made;
    std::vector<Ordinal> ordinals(sources, 0);
    TimeNs time = kBegin;
    for (std::size_t i = 0; i < count; ++i) {
        if (chance(60)) time += static_cast<TimeNs>(m_random() % (3 * kSecondNs)); // 40 % share a time
        TruthEvent event;
        const auto source = static_cast<std::uint32_t>(pick(sources));
        event.key = {time, SourceId{source + 1}, ordinals[source]++};
        if (chance(5))
            event.flags |= FlagTimeMissing;
        else
            event.values.push_back({"time", ValueKind::Time, formatRfc3339(time)});
        static const std::vector<Severity> severities{9, 9, 9, 5, 13, 17, 21, 1};
        if (chance(90)) {
            event.severity = oneOf(severities, m_random());
            event.values.push_back({"level", ValueKind::Text, std::string(severityName(event.severity))});
        }
        if (chance(92)) event.values.push_back({"message", ValueKind::Text, text()});
        if (chance(80))
            event.values.push_back({"service", ValueKind::Text,
                                    chance(50) ? "checkout" : "payments-" + std::to_string(pick(3))});
        for (const char* path :
             {"status", "duration_ms", "path", "user.id", "tags", "flag", "items", "mixed", "odd name"})
            if (chance(60)) event.values.push_back(value(path));
        if (chance(2)) event.values.push_back(value("rare"));
        for (std::size_t c = 0; c < event.canonical.size(); ++c) {
            const bool present = std::any_of(event.values.begin(), event.values.end(),
                                             [&](const auto& v) { return v.path == event.canonical[c]; });
            if (!present) event.canonical[c].clear();
        }
        event.document = documentOf(event.values);
        made.push_back(std::move(event));
    }
    std::sort(made.begin(), made.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
    return made;
}

std::string RandomEvents::leaf()
{
    std::string name = field();
    if (name.find(' ') != std::string::npos) name = "\"" + name + "\"";
    static const std::vector<std::string> bare{"timeout", "time", "KELVIN", "kelvin", "cafÉ",
                                               "STRASSE", "日本", "ms",     "1",      "checkout"};
    static const std::vector<std::string> phrases{"\"connection re\"", "\"took \"", "\"say \\\"hi\"",
                                                  "\"line\\nbreak\"", "\"a*b\""};
    static const std::vector<std::string> values{
        "200",    "200.0",  "2e2",  "timeout", "*out",     "t*", "*e*",
        "a\\*b",  "\"\"",   "true", "null",    "1.5",      "-7", "12345678901234567890",
        "kelvin", "/api/*", "*",    "40*",     "checkout", "in"};
    static const std::vector<std::string> numbers{"200",   "-0.25", "12",   "1.5", "5e2", "9007199254740992",
                                                  "250ms", "1s",    "10MB", "warn"};
    static const std::vector<std::string> compare{">", ">=", "<", "<="};
    static const std::vector<std::string> levels{"trace", "debug", "info", "warn", "error", "fatal"};
    static const std::vector<std::string> regexes{
        "time?out", "(?i)connection (reset|refused)", "^4", "\\\\d{3}", "a.b", "é|ß", "took [0-9]+ ms$"};
    switch (pick(13)) {
    case 12:
        return chance(20) ? "pattern_id:*"
                          : "pattern_id:" + std::string(1, "0123456789abcdef"[pick(16)]) +
                                std::string(1, "0123456789ABCDEF"[pick(16)]).substr(chance(50)) + "*";
    case 0: return oneOf(bare, m_random());
    case 1: return oneOf(phrases, m_random());
    case 2:
    case 3: return name + ":" + oneOf(values, m_random());
    case 4: return name + oneOf(compare, m_random()) + oneOf(numbers, m_random());
    case 5:
        return name + ":" + (chance(50) ? "[" : "{") + (chance(20) ? "*" : "-7") + " TO " + "404" +
               (chance(50) ? "]" : "}");
    case 6: return name + ":*";
    case 7: return name + "=~\"" + oneOf(regexes, m_random()) + "\"";
    case 8: return "=~\"" + oneOf(regexes, m_random()) + "\"";
    case 9:
        return std::string(chance(50) ? "level" : "severity") +
               (chance(40) ? ":" : oneOf(compare, m_random())) + oneOf(levels, m_random());
    case 10:
        return "timestamp" + oneOf(compare, m_random()) + "\"" +
               formatRfc3339(kBegin + static_cast<TimeNs>(pick(300)) * kSecondNs) + "\"";
    default:
        return chance(50) ? "items.sku:" + oneOf(values, m_random())
                          : "items.n.of>=" + oneOf(numbers, pick(6));
    }
}

std::string RandomEvents::query(int depth)
{
    if (depth <= 0) return leaf();
    switch (pick(6)) {
    case 0: return "(" + query(depth - 1) + " OR " + query(depth - 1) + ")";
    case 1: return "(" + query(depth - 1) + " AND " + query(depth - 1) + ")";
    case 2: return "NOT " + query(depth - 1);
    case 3: return "";
    default: return leaf();
    }
}

Selection RandomEvents::selection()
{
    Selection made;
    if (chance(80)) {
        std::string text = query(2);
        // "" stands for everything, and is none inside a group
        for (std::size_t tries = 0; tries < 50; ++tries) {
            if (auto filter = parseFilter(text, kBegin)) {
                made.filter = *filter;
                break;
            }
            text = leaf();
        }
    }
    if (chance(40)) {
        made.range.begin = kBegin + static_cast<TimeNs>(pick(200)) * kSecondNs;
        made.range.end = made.range.begin + static_cast<TimeNs>(1 + pick(400)) * kSecondNs;
    }
    return made;
}

Question RandomEvents::question()
{
    static const std::vector<std::string> groupable{"severity", "service", "status", "flag",
                                                    "mixed",    "user.id", "rare"};
    const auto by = [&](std::size_t most) {
        std::vector<std::string> fields;
        for (std::size_t i = 0, n = pick(most + 1); i < n; ++i) {
            const std::string& name = oneOf(groupable, m_random());
            if (std::find(fields.begin(), fields.end(), name) == fields.end()) fields.push_back(name);
        }
        return fields;
    };
    const auto key = [&] {
        return EventKey{kBegin + static_cast<TimeNs>(pick(300)) * kSecondNs, SourceId{1}, pick(50)};
    };
    switch (pick(9)) {
    case 7: {
        StatsOverTimeQuestion question{selection(),
                                       field(),
                                       kBegin - static_cast<TimeNs>(pick(100)) * kSecondNs,
                                       static_cast<TimeNs>(2 + pick(60)) * kSecondNs,
                                       {0, 0.5, 0.95, 1}};
        if (chance(50)) question.selection.range = {};
        return question;
    }
    case 8: {
        FacetQuestion question{selection(), {"severity"}, 0, true, false};
        for (int i = 0; i < 3; ++i) {
            const std::string name = field();
            if (std::find(question.fields.begin(), question.fields.end(), name) == question.fields.end())
                question.fields.push_back(name);
        }
        return question;
    }
    case 0: {
        CountQuestion question;
        question.selection = selection();
        if (chance(30)) question.before = key();
        return question;
    }
    case 1: {
        HistogramQuestion question{selection(), kBegin - static_cast<TimeNs>(pick(100)) * kSecondNs,
                                   static_cast<TimeNs>(1 + pick(60)) * kSecondNs, by(2), pick(2) * 3};
        return question;
    }
    case 2: return FacetQuestion{selection(), chance(30) ? std::vector<std::string>{} : by(3), 5, true};
    case 3: return GroupQuestion{selection(), by(3), pick(2) * 4};
    case 4:
        return StatsQuestion{selection(),
                             field(),
                             {0, 0.25, 0.5, 0.9, 0.99, 1},
                             chance(50) ? by(2) : std::vector<std::string>{},
                             pick(2) * 3,
                             chance(50) ? std::vector<double>{-1, 0, 12.5, 200, 400} : std::vector<double>{}};
    case 5: {
        PageQuestion question;
        question.selection = selection();
        question.order = chance(50) ? Order::Ascending : Order::Descending;
        question.limit = pick(3) * 20;
        if (chance(50)) question.after = key();
        question.fields = by(3);
        question.withDocument = chance(50);
        question.withFields = chance(30);
        question.inclusive = chance(50);
        question.skip = chance(30) ? pick(60) : 0;
        return question;
    }
    default: return PatternQuestion{selection(), pick(2) * 3};
    }
}

} // namespace faultline::test
