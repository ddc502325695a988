#include "app/cli/asking.h"
#include "app/cli/csv.h"
#include "app/cli/json_out.h"
#include "app/cli/nothing_found.h"
#include "app/cli/one_line.h"
#include "app/cli/table.h"
#include "models/records/json_text.h"
#include "models/records/time_text.h"
#include "models/records/value.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace faultline::cli {
namespace {

constexpr auto kOptions =
    queryOptions(OptionSpec{"limit", "N", "at most N events (default 100; 0: all)"},
                 OptionSpec{"order", "asc|desc", "by time (default asc; with --newest: desc)"},
                 OptionSpec{"newest", "", "the newest events: short for --order desc"},
                 OptionSpec{"fields", "A,B",
                            "these fields as columns behind time, level and service, in place of message"});

/// The fields that --fields asks for, each once. In a table and in CSV the time, the level and the service
/// stand in front already; JSON has the fields as the logger wrote them beside those.
std::vector<std::string> fieldsOf(const Arguments& arguments, Format format)
{
    constexpr std::string_view kInFront[] = {"time", "timestamp", "level", "severity", "service"};
    std::vector<std::string> fields;
    for (std::string& field : splitList(arguments.value("fields"))) {
        const bool columns = format == Format::Table || format == Format::Csv;
        if (columns && std::find(std::begin(kInFront), std::end(kInFront), field) != std::end(kInFront))
            continue;
        if (std::find(fields.begin(), fields.end(), field) == fields.end())
            fields.push_back(std::move(field));
    }
    return fields;
}

nlohmann::ordered_json textOrNull(const std::string& text)
{
    return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(text);
}

/// Prints rows as they stream in.
class Printer
{
public:
    /// `withMessage`: a table and CSV show the message, which fields that were asked for replace.
    Printer(const Context& context, Format format, std::vector<std::string> fields, bool withMessage,
            std::map<SourceId, std::string> sources)
        : m_context(context)
        , m_format(format)
        , m_fields(std::move(fields))
        , m_withMessage(withMessage)
        , m_sources(std::move(sources))
        , m_json(context, true)
        , m_table(columns())
    {
        if (format == Format::Csv) printCsv(context, titles());
    }

    void row(EventRow&& event)
    {
        // A time that stands in for a missing one only puts the event into an order.
        const bool timed = (event.flags & FlagTimeMissing) == 0;
        switch (m_format) {
        case Format::Ndjson: document(oneLine(event)); break;
        case Format::Json: object(event); break;
        case Format::Csv:
            printCsv(m_context, cells(event, timed ? formatRfc3339(event.key.time) : ""));
            break;
        case Format::Table:
            m_table.add(cells(event, timed ? humanTime(event.key.time) : std::string(kNoTime)));
            // A table is laid out a piece at a time, so that an endless result does not fill the memory.
            if (++m_held == 10'000) flushTable();
            break;
        }
    }
    void end()
    {
        if (m_format == Format::Json) m_json.end();
        if (m_format == Format::Table && m_held != 0) flushTable();
    }

private:
    std::vector<std::string> titles() const
    {
        std::vector<std::string> names = {"time", "level", "service"};
        if (m_withMessage) names.push_back("message");
        names.insert(names.end(), m_fields.begin(), m_fields.end());
        return names;
    }
    std::vector<Table::Column> columns() const
    {
        std::vector<Table::Column> result;
        for (const std::string& name : titles()) result.push_back({name, false});
        return result;
    }
    void flushTable()
    {
        m_table.print(m_context);
        m_table = Table(columns());
        m_held = 0;
    }
    std::vector<std::string> cells(EventRow& event, std::string time) const
    {
        std::vector<std::string> result = {std::move(time), std::string(severityName(event.severity)),
                                           event.service};
        if (m_withMessage) result.push_back(event.message);
        for (auto& value : event.columns) result.push_back(value.value_or(""));
        return result;
    }
    void document(const std::string& bytes) const
    {
        // To a pipe the event's own bytes; a terminal must not act on what they hold.
        if (!m_context.outIsTerminal)
            print(m_context, bytes);
        else {
            std::string text;
            appendTerminalSafe(bytes, text, true);
            print(m_context, text);
        }
        print(m_context, "\n");
    }
    void object(EventRow& event)
    {
        nlohmann::ordered_json row;
        row["timestamp"] = formatRfc3339(event.key.time);
        if ((event.flags & FlagTimeMissing) != 0) row["no_time"] = true;
        row["severity"] = severityName(event.severity);
        row["severity_number"] = event.severity;
        row["message"] = textOrNull(event.message);
        row["service"] = textOrNull(event.service);
        row["host"] = textOrNull(event.host);
        row["logger"] = textOrNull(event.logger);
        row["trace_id"] = textOrNull(event.traceId);
        row["span_id"] = textOrNull(event.spanId);
        const auto source = m_sources.find(event.key.source);
        row["source"] =
            source == m_sources.end() ? nlohmann::ordered_json() : nlohmann::ordered_json(source->second);
        for (std::size_t i = 0; i < m_fields.size() && i < event.columns.size(); ++i)
            row["fields"][m_fields[i]] =
                event.columns[i] ? nlohmann::ordered_json(*event.columns[i]) : nlohmann::ordered_json();
        row["document"] = event.document;
        m_json.add(row);
    }

    const Context& m_context;
    Format m_format;
    std::vector<std::string> m_fields;
    bool m_withMessage;
    std::map<SourceId, std::string> m_sources;
    JsonRows m_json;
    Table m_table;
    std::size_t m_held = 0;
};

Result<int> run(const Context& context, const Arguments& arguments)
{
    auto format = formatOf(arguments);
    if (!format) return format.error();
    auto limit = arguments.number("limit", 100, 0, UINT64_MAX);
    if (!limit) return limit.error();
    const std::string order = arguments.value("order", arguments.has("newest") ? "desc" : "asc");
    if (order == "asc" && arguments.has("newest"))
        return makeError(ErrorKind::Usage, "search", "--order asc and --newest contradict each other",
                         {"--newest is short for --order desc."});
    if (order != "asc" && order != "desc")
        return makeError(ErrorKind::Usage, "read the option --order",
                         "\"" + order + "\" is neither asc nor desc");
    auto selection = selectionOf(context, arguments);
    if (!selection) return selection.error();
    auto workspace = openToRead(context, arguments);
    if (!workspace) return workspace.error();

    PageQuestion question;
    question.selection = *selection;
    question.order = order == "asc" ? Order::Ascending : Order::Descending;
    const std::vector<std::string> fields = fieldsOf(arguments, *format);
    question.fields = *format == Format::Ndjson ? oneLineFields() : fields;
    question.withDocument = *format == Format::Ndjson || *format == Format::Json;
    std::map<SourceId, std::string> names;
    if (*format == Format::Json) {
        auto sources = (*workspace)->store()->sources();
        if (!sources) return sources.error();
        for (const SourceRecord& source : *sources) names[source.id] = source.path;
    }
    std::uint64_t rows = 0;
    bool more = false;
    const bool withMessage = splitList(arguments.value("fields")).empty();
    Printer printer(context, *format, fields, withMessage, std::move(names));
    // One row more than asked for tells whether there are more.
    question.limit = *limit == 0 ? 0 : *limit + std::min<std::uint64_t>(1, UINT64_MAX - *limit);
    const bool asksOnce = !arguments.has("timing");
    bool first = true;
    std::vector<EventRow> held; // with --timing: what is measured is the answer, not the terminal
    question.sink = [&](EventRow&& event) {
        if (!first) return true;
        if (*limit != 0 && rows == *limit) {
            more = true;
            return false;
        }
        ++rows;
        if (asksOnce || *limit == 0)
            printer.row(std::move(event));
        else
            held.push_back(std::move(event));
        return !context.stop.stop_requested();
    };
    Status status = timed(context, arguments, **workspace, [&]() -> Status {
        auto answer = (*workspace)->engine()->ask(question, context.stop);
        first = false;
        return answer ? Status() : Status(answer.error());
    });
    if (!status) return status.error();
    for (EventRow& row : held) printer.row(std::move(row));
    printer.end();
    if (more)
        std::fprintf(context.err, "%s shown, there are more: --limit 0 shows all\n",
                     counted(rows, "event").c_str());
    explain(context, **workspace, {*selection, fields, askedText(arguments, *selection)}, rows != 0);
    return rows == 0 ? AnswerIsNo : Done;
}

} // namespace

const Command searchCommand = {
    "search",
    "[QUERY] [OPTION...]",
    "events that match, in order of time",
    "Formats\n"
    "  table   (default) an event without a time of its own shows (no time); it stands where its neighbour's "
    "time is\n"
    "  ndjson  each event's own bytes, one a line. JSON over several lines is put on one, its tokens as they "
    "were; lines\n"
    "          that joined a JSON object (a stack trace) become its member error.stack_trace; other text "
    "over "
    "several\n"
    "          lines becomes {\"timestamp\",\"severity\",\"message\"} with all of the text as message\n"
    "  json    objects with timestamp, severity, severity_number, message, service, host, logger, trace_id, "
    "span_id,\n"
    "          source and document (the event's own bytes); \"no_time\":true when the timestamp only stands "
    "in\n"
    "  csv     time (empty when there is none), level, service and message; what a spreadsheet would run as "
    "a "
    "formula\n"
    "          has an apostrophe in front; bytes that are not UTF-8 become U+FFFD\n"
    "In table and csv --fields replaces message (--fields message,user.id has both); time, timestamp, level, "
    "severity and\n"
    "service are there already and not repeated. In json it adds \"fields\"; ndjson is not changed by it.\n"
    "Exit status 1 when nothing matches.\n",
    "  faultline search 'timeout service:checkout -level:debug'\n"
    "  faultline search 'level:>=error duration_ms>500' --newest --limit 20\n"
    "  faultline search 'message=~`took \\d{4,} ms`' --from 2026-11-17T16:00:00Z --to "
    "2026-11-17T16:30:00Z\n"
    "  faultline search 'trace_id:4bf92f3577b34da6a3ce929d0e0e4736' --format ndjson --limit 0 > "
    "trace.ndjson\n"
    "  faultline search 'user.id:*' --fields user.id,http.response.status_code --format csv\n",
    kOptions,
    run};

} // namespace faultline::cli
