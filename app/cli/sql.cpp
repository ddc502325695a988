#include "app/cli/asking.h"
#include "app/cli/csv.h"
#include "app/cli/json_out.h"
#include "app/cli/table.h"
#include "models/query/regex.h"
#include "models/records/time_text.h"
#include "models/session/sql_text.h"
#include "models/store/sql_session.h"

#include <array>
#include <optional>
#include <utility>

namespace faultline::cli {
namespace {

constexpr auto kOptions =
    readOptions(OptionSpec{"timeout", "TIME", "stop after this time (default 5m; 0: never)"});

/// Prints rows as they come.
class Printer final : public SqlSession::Sink
{
public:
    Printer(const Context& context, Format format)
        : m_context(context), m_format(format), m_json(context, format == Format::Json)
    {}
    void columns(const std::vector<std::string>& names) override
    {
        m_names = names;
        if (m_format == Format::Csv) printCsv(m_context, names);
        if (m_format == Format::Json || m_format == Format::Ndjson) m_names = memberNames(names);
    }
    bool row(std::span<const SqlValue> values) override
    {
        ++m_rows;
        if (m_format == Format::Json || m_format == Format::Ndjson) {
            m_json.addText(sqlRowJson(m_names, values));
            return true;
        }
        std::vector<std::string> cells;
        cells.reserve(values.size());
        for (const SqlValue& value : values) cells.push_back(sqlText(value));
        if (m_format == Format::Csv) {
            printCsv(m_context, cells);
            return true;
        }
        if (!m_table) startTable(values);
        m_table->add(std::move(cells));
        // Laid out a piece at a time, so that an endless result does not fill the memory.
        if (m_rows % 10'000 == 0) flush();
        return true;
    }
    void end()
    {
        if (m_format == Format::Json || m_format == Format::Ndjson) m_json.end();
        flush();
    }
    std::uint64_t rows() const { return m_rows; }

private:
    void startTable(std::span<const SqlValue> first)
    {
        std::vector<Table::Column> columns;
        for (std::size_t c = 0; c < m_names.size(); ++c)
            columns.push_back({m_names[c], first[c].type == SqlValue::Type::Integer ||
                                               first[c].type == SqlValue::Type::Real});
        m_table.emplace(std::move(columns));
    }
    void flush()
    {
        if (m_table) m_table->print(m_context);
        m_table.reset();
    }
    const Context& m_context;
    Format m_format;
    std::vector<std::string> m_names;
    JsonRows m_json;
    std::optional<Table> m_table;
    std::uint64_t m_rows = 0;
};

/// Runs that are only timed.
class Nowhere final : public SqlSession::Sink
{
public:
    void columns(const std::vector<std::string>&) override {}
    bool row(std::span<const SqlValue>) override { return true; }
};

Result<SqlSession::TextTest> makeTest(std::string_view expression)
{
    auto regex = Regex::compile(expression);
    if (!regex) return regex.error();
    auto shared = std::make_shared<const Regex>(std::move(*regex));
    return SqlSession::TextTest([shared](std::string_view text) { return shared->matches(text); });
}

/// The statement, from the command line or, for "-", from standard input.
std::string statementOf(const Arguments& arguments)
{
    if (arguments.values() != std::vector<std::string>{"-"}) return queryText(arguments);
    std::string text;
    std::array<char, 4096> piece;
    // One byte more than a session takes: it says that this is too long.
    while (text.size() <= 1'000'000) {
        const std::size_t got = std::fread(piece.data(), 1, piece.size(), stdin);
        if (got == 0) break;
        text.append(piece.data(), got);
    }
    return text;
}

Result<std::chrono::milliseconds> timeoutOf(const Arguments& arguments)
{
    const std::string text = arguments.value("timeout", "5m");
    if (text == "0") return std::chrono::milliseconds{0};
    const auto duration = parseDuration(text);
    if (!duration || *duration < 1'000'000)
        return makeError(ErrorKind::Usage, "read the option --timeout", "\"" + text + "\" is not a time",
                         {"Write 30s, 5m, 1h, or 0 for none."});
    return std::chrono::milliseconds{*duration / 1'000'000};
}

Result<int> run(const Context& context, const Arguments& arguments)
{
    auto format = formatOf(arguments);
    if (!format) return format.error();
    auto timeout = timeoutOf(arguments);
    if (!timeout) return timeout.error();
    if (arguments.values().empty())
        return makeError(ErrorKind::Usage, "run the statement", "there is none",
                         {"Write it behind faultline sql, in quotes, or - to read it from standard input."});
    const std::string statement = statementOf(arguments);
    auto workspace = openToRead(context, arguments);
    if (!workspace) return workspace.error();
    SqlSession::Options options;
    options.regexp = makeTest;
    options.timeout = *timeout;
    options.clock = context.clock;
    auto session = SqlSession::open((*workspace)->store(), std::move(options));
    if (!session) return session.error();

    Printer printer(context, *format);
    Nowhere nowhere;
    bool first = true;
    Status status = timed(context, arguments, **workspace, [&]() -> Status {
        SqlSession::Sink* sink = &nowhere;
        if (std::exchange(first, false)) sink = &printer;
        return (*session)->run(statement, *sink, context.stop);
    });
    if (!status) {
        Error error = status.error();
        if (statement != queryText(arguments)) error.place.reset(); // it was not typed on the command line
        return error;
    }
    printer.end();
    for (const UnreadableSegment& segment : (*session)->unreadable())
        context.grounds->missed.push_back({segment.id, segment.events, segment.why});
    return printer.rows() == 0 ? AnswerIsNo : Done;
}

const std::string& details()
{
    static const std::string text =
        "Reads and nothing else. Exit status 1 when there is no row.\n\n" + std::string(SqlSession::help());
    return text;
}

} // namespace

const Command sqlCommand = {
    "sql",
    "STATEMENT|- [OPTION...]",
    "read-only SQL over the store: events, quarantine, sources",
    details(),
    "  faultline sql \"SELECT severity, count(*) FROM events GROUP BY severity\"\n"
    "  faultline sql \"SELECT time_bucket('5m', timestamp_ns) t, count(*) n FROM events\n"
    "                 WHERE severity = 'error' GROUP BY t\"\n"
    "  faultline sql \"SELECT service, percentile(field(row, 'duration_ms'), 95) p95 FROM events\n"
    "                 WHERE timestamp >= '2026-11-17T12' GROUP BY service ORDER BY p95 DESC\"\n"
    "  faultline sql \"SELECT reason, count(*) FROM quarantine GROUP BY reason\" --format csv\n"
    "  faultline sql - < question.sql\n",
    kOptions,
    run};

} // namespace faultline::cli
