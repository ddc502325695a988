#include "models/ingest/detect.h"

#include "models/ingest/document_decoder.h"
#include "models/ingest/journald_export.h"
#include "models/ingest/line_decoder.h"
#include "models/ingest/line_parsers.h"
#include "models/ingest/text_head.h"

#include <algorithm>
#include <array>

namespace faultline {

namespace {

constexpr std::array<FormatInfo, 13> kFormats = {{
    {"json", "JSON, an object a line (also mixed with text lines and stack traces)"},
    {"json-document",
     "JSON over several lines: pretty-printed, one big array, CloudTrail and other envelopes"},
    {"otlp", "OpenTelemetry log requests in JSON"},
    {"clef", "Serilog's compact JSON (CLEF), an event a line"},
    {"gelf", "Graylog's GELF, an object a line"},
    {"docker", "docker's json-file: {\"log\", \"stream\", \"time\"} a line"},
    {"cri", "container runtime lines of Kubernetes nodes: time stdout F text"},
    {"journald", "journalctl -o json"},
    {"journald-export", "journalctl -o export"},
    {"prefixed", "JSON behind a prefix: kubectl, stern, docker compose, console loggers"},
    {"logfmt", "logfmt: key=value pairs"},
    {"syslog", "syslog, RFC 5424 and RFC 3164"},
    {"text", "plain text, time and level at the head of a line"},
}};

/// What a line looks like, in the order in which ties are decided.
enum Kind : std::uint8_t { Docker, Cri, Json, Logfmt, Syslog, Prefixed, Export, Text, KindCount };

bool hasKey(const JsonTape& tape, std::string_view name)
{
    for (std::size_t i = 1; i + 1 < tape[0].next; i = tape[i + 1].next)
        if (tape.text(tape[i]) == name) return true;
    return false;
}

/// The logger that writes such objects, for people.
std::string_view loggerOf(const JsonTape& tape)
{
    const auto has = [&tape](std::initializer_list<std::string_view> names) {
        return std::all_of(names.begin(), names.end(),
                           [&](std::string_view name) { return hasKey(tape, name); });
    };
    if (has({"resourceLogs"})) return "OTLP";
    if (has({"Records"})) return "CloudTrail";
    if (has({"@t"})) return "Serilog (CLEF)";
    if (has({"version", "short_message"})) return "GELF";
    if (has({"__REALTIME_TIMESTAMP"})) return "journald";
    if (has({"insertId"}) || has({"logName"})) return "Google Cloud";
    if (has({"apiVersion", "auditID"})) return "Kubernetes audit";
    if (has({"v", "name", "hostname", "pid"})) return "bunyan";
    if (has({"level", "time", "pid", "hostname"})) return "pino";
    if (has({"@timestamp", "ecs.version"}) || has({"@timestamp", "log.level"}) || has({"@timestamp", "ecs"}))
        return "ECS";
    if (has({"@timestamp", "@version"})) return "logstash";
    if (has({"loggerFqcn"}) || has({"instant"})) return "log4j2";
    if (has({"EventId", "Category"})) return ".NET";
    if (has({"channel", "level_name"})) return "Monolog";
    if (has({"levelname"})) return "Python logging";
    if (has({"target", "fields"})) return "Rust tracing";
    if (has({"ts", "msg", "level"})) return "zap";
    if (has({"time", "msg", "level"})) return "slog or logrus";
    if (has({"event", "level"})) return "structlog";
    return {};
}

class LineSorter
{
public:
    Kind sort(std::string_view line)
    {
        const std::size_t first = line.find_first_not_of(" \t");
        if (line[first] == '{' || line[first] == '[') {
            if (m_builder.tape().read(line) == JsonTape::Verdict::Value) {
                const JsonTape& tape = m_builder.tape();
                if (tape[0].type != JsonToken::Type::Object) return Json;
                if (logger.empty()) logger = loggerOf(tape);
                return hasKey(tape, "log") && hasKey(tape, "stream") && hasKey(tape, "time") ? Docker : Json;
            }
            m_builder.beginRecord();
            if (m_json.read(line) == JsonEvents::Outcome::Events) return Json;
        }
        bool partial = false;
        m_builder.beginRecord();
        if (readCri(m_builder, m_json, line, partial)) return Cri;
        if (readSyslog(m_builder, m_json, line)) return Syslog;
        if (readLogfmt(m_builder, line)) return Logfmt;
        if (readPrefixed(m_builder, m_json, line)) return Prefixed;
        const std::size_t equals = line.find('=');
        if (equals != std::string_view::npos && equals > 0 &&
            line.substr(0, equals).find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") ==
                std::string_view::npos) {
            exportMark =
                exportMark || line.starts_with("__CURSOR=") || line.starts_with("__REALTIME_TIMESTAMP=");
            return Export;
        }
        return Text;
    }
    std::string_view logger;
    bool exportMark = false;

private:
    RecordBuilder m_builder;
    JsonEvents m_json{m_builder};
};

/// JSON whose first document goes over the end of its line.
bool isDocument(std::string_view head)
{
    const std::size_t first = head.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || (head[first] != '{' && head[first] != '[')) return false;
    const std::size_t lineEnd = head.find('\n', first);
    // A document larger than what is looked at, without a line end.
    if (lineEnd == std::string_view::npos) return head.size() >= kDetectBytes;
    JsonTape tape;
    const JsonTape::Verdict verdict = tape.read(head, first, false);
    if (verdict == JsonTape::Verdict::Invalid) return tape.truncated() && tape.tokens().size() > 1;
    return tape.end() > lineEnd;
}

std::string counted(std::size_t count, std::size_t lines, std::string_view what)
{
    const bool one = lines == 1;
    std::string text =
        one ? std::string("The line ") : std::to_string(count) + " of " + std::to_string(lines) + " lines ";
    text.append(one || count == 1 ? "is " : "are ").append(what);
    return text;
}

} // namespace

std::span<const FormatInfo> knownFormats()
{
    return kFormats;
}

Result<std::string_view> formatNamed(std::string_view name)
{
    constexpr std::array<std::string_view, 4> kJsonLines = {"ndjson", "jsonl", "json-lines", "jsonlines"};
    constexpr std::size_t kLongest = 32;
    std::string lower(name.substr(0, kLongest));
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    if (std::find(kJsonLines.begin(), kJsonLines.end(), lower) != kJsonLines.end()) lower = "json";
    std::string all;
    for (const FormatInfo& format : kFormats) {
        if (name.size() <= kLongest && lower == format.name) return format.name;
        all.append(all.empty() ? "" : ", ").append(format.name);
    }
    return makeError(ErrorKind::Usage, "read a source as \"" + std::string(name.substr(0, kLongest)) + "\"",
                     "there is no such format", {"The formats are " + all + "."});
}

std::unique_ptr<Decoder> makeDecoder(std::string_view format, const DecoderOptions& options)
{
    using Format = LineDecoder::Format;
    static constexpr std::pair<std::string_view, Format> kLines[] = {
        {"json", Format::Json},         {"docker", Format::Docker}, {"cri", Format::Cri},
        {"prefixed", Format::Prefixed}, {"logfmt", Format::Logfmt}, {"syslog", Format::Syslog},
        {"text", Format::Text}};
    for (const auto& [name, lines] : kLines)
        if (format == name) return std::make_unique<LineDecoder>(lines, name, options);
    // Shapes that the reader of JSON lines knows by their members.
    if (format == "clef" || format == "gelf" || format == "journald")
        return std::make_unique<LineDecoder>(Format::Json, "json", options);
    if (format == "json-document") return std::make_unique<DocumentDecoder>("json-document", options);
    if (format == "otlp") return std::make_unique<DocumentDecoder>("otlp", options);
    if (format == "journald-export") return std::make_unique<JournaldExportDecoder>(options);
    return nullptr;
}

Detection detectFormat(std::string_view head, bool atEnd)
{
    head = head.substr(0, kDetectBytes);
    if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
    Detection found;
    std::array<std::size_t, KindCount> counts{};
    std::size_t lines = 0, timed = 0, continued = 0;
    LineSorter sorter;
    std::size_t at = 0;
    while (at < head.size() && lines < kDetectLines) {
        std::size_t end = head.find('\n', at);
        const bool complete = end != std::string_view::npos;
        if (!complete) {
            if (!atEnd && lines > 0) break;
            end = head.size();
        }
        std::string_view line = head.substr(at, end - at);
        at = end + 1;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
        ++lines;
        const Kind kind = sorter.sort(line);
        ++counts[kind];
        if (kind == Text) {
            if (isContinuation(line))
                ++continued;
            else if (readTextHead(line).known)
                ++timed;
        }
    }
    if (lines == 0) {
        found.reason = "There is nothing but blank space in it yet.";
        return found;
    }
    const std::size_t json = counts[Json] + counts[Docker];
    const auto is = [&](std::string_view format, std::size_t count, std::string_view what) {
        found.format = format;
        found.confidence = static_cast<double>(count) / static_cast<double>(lines);
        found.reason = counted(count, lines, what) + ".";
    };
    if (json * 2 < lines && isDocument(head)) {
        found.format =
            sorter.logger == "OTLP" || head.find("\"resourceLogs\"") < 200 ? "otlp" : "json-document";
        found.confidence = 1;
        found.reason = "Its first JSON document goes over several lines, or is longer than a line may be.";
        return found;
    }
    const std::size_t heads = lines - std::min(lines, continued);
    if (counts[Docker] * 2 > heads)
        is("docker", counts[Docker], "docker's json-file records");
    else if (counts[Cri] * 2 > heads)
        is("cri", counts[Cri], "container runtime lines (time, stream, P or F, text)");
    else if (sorter.exportMark && counts[Export] * 2 > lines)
        is("journald-export", counts[Export], "fields of journald's export format");
    else if (json * 5 >= heads && json >= counts[Logfmt] && json >= counts[Syslog] &&
             json >= counts[Prefixed] && json > 0) {
        std::string what = "JSON objects";
        if (!sorter.logger.empty()) what.append(" in the shape of ").append(sorter.logger);
        is("json", json, what);
    } else if (counts[Logfmt] * 2 > heads)
        is("logfmt", counts[Logfmt], "key=value pairs");
    else if (counts[Syslog] * 2 > heads)
        is("syslog", counts[Syslog], "syslog lines");
    else if (counts[Prefixed] * 3 > heads)
        is("prefixed", counts[Prefixed], "JSON objects behind a prefix");
    else
        is("text", timed, "text lines with a time or a level at their head");
    return found;
}

} // namespace faultline
