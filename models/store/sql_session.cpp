#include "models/store/sql_session.h"

#include "models/store/sql_context.h"

#include <sqlite3.h>

#include <algorithm>
#include <cctype>

namespace faultline {
namespace {

constexpr const char* kWhat = "run the statement";
constexpr std::size_t kLongestStatement = 1'000'000;

/// Reading the tables of this connection, and asking for their columns. All of them are virtual.
int authorize(void*, int action, const char* first, const char* second, const char*, const char*)
{
    const auto is = [](const char* name, std::string_view wanted) {
        return name && sqlite3_stricmp(name, wanted.data()) == 0;
    };
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE: return SQLITE_OK;
    case SQLITE_FUNCTION: return is(second, "load_extension") ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_PRAGMA:
        return is(first, "table_info") || is(first, "table_xinfo") || is(first, "table_list") ||
                       is(first, "function_list")
                   ? SQLITE_OK
                   : SQLITE_DENY;
    default: return SQLITE_DENY;
    }
}

int progress(void* context)
{
    return static_cast<SqlContext*>(context)->stopped() ? 1 : 0;
}

void setLimits(sqlite3* db)
{
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 128 << 20);
    sqlite3_limit(db, SQLITE_LIMIT_SQL_LENGTH, static_cast<int>(kLongestStatement));
    sqlite3_limit(db, SQLITE_LIMIT_EXPR_DEPTH, 500);
    sqlite3_limit(db, SQLITE_LIMIT_COMPOUND_SELECT, 100);
    sqlite3_limit(db, SQLITE_LIMIT_VDBE_OP, 1'000'000);
    sqlite3_limit(db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1'000);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(db, SQLITE_LIMIT_WORKER_THREADS, 0);
}

/// Where the first thing behind a statement stands that is neither space, a comment nor a semicolon; size()
/// when there is none.
std::size_t behind(std::string_view text, std::size_t at)
{
    while (at < text.size()) {
        const char c = text[at];
        if (c == ';' || std::isspace(static_cast<unsigned char>(c)) != 0) {
            ++at;
        } else if (text.substr(at, 2) == "--") {
            at = std::min(text.find('\n', at), text.size());
        } else if (text.substr(at, 2) == "/*") {
            const std::size_t end = text.find("*/", at + 2);
            at = end == text.npos ? text.size() : end + 2;
        } else {
            break;
        }
    }
    return at;
}

Error usage(std::string why, std::vector<std::string> hints = {})
{
    return makeError(ErrorKind::Usage, kWhat, std::move(why), std::move(hints));
}

bool isWord(char c)
{
    return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           static_cast<unsigned char>(c) >= 128;
}

Error::Place placeAt(std::string_view statement, std::size_t offset)
{
    std::size_t end = offset;
    while (end < statement.size() && isWord(statement[end])) ++end;
    return {offset, std::max<std::size_t>(end - offset, 1)};
}

/// What SQLite said about a statement, in the words of this project.
Error statementError(Connection& connection, int code, std::string_view statement)
{
    sqlite3* db = connection.handle();
    const int offset = sqlite3_error_offset(db);
    const std::string said = sqlite3_errmsg(db);
    const int primary = code & 0xff;
    Error error;
    if (primary == SQLITE_AUTH) {
        error =
            usage("a statement here only reads", {"SELECT from events, quarantine, sources or settings."});
    } else if (primary == SQLITE_ERROR) {
        error = usage(said);
        const auto name = [&](std::string_view prefix) -> std::string {
            return said.starts_with(prefix) ? said.substr(prefix.size()) : std::string();
        };
        if (const auto column = name("no such column: "); !column.empty()) {
            error.hints.push_back("A field of the events is read with field(row, '" + column +
                                  "'); faultline sql --help lists the columns.");
        } else if (!name("no such table: ").empty()) {
            error.hints.push_back("The tables are events, quarantine, sources and settings.");
        } else if (!name("no such function: ").empty()) {
            error.hints.push_back("faultline sql --help lists the functions beside SQLite's own.");
        }
    } else if (primary == SQLITE_TOOBIG) {
        error = makeError(ErrorKind::Limit, kWhat, said);
    } else {
        error = connection.error(code, kWhat);
    }
    if (offset >= 0 && static_cast<std::size_t>(offset) <= statement.size())
        error.place = placeAt(statement, static_cast<std::size_t>(offset));
    return error;
}

SqlValue valueOf(sqlite3_stmt* statement, int column)
{
    SqlValue value;
    const auto bytes = [&](const void* data) {
        const int size = sqlite3_column_bytes(statement, column);
        value.text = data && size > 0
                         ? std::string_view(static_cast<const char*>(data), static_cast<std::size_t>(size))
                         : std::string_view();
    };
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
        value.type = SqlValue::Type::Integer;
        value.integer = sqlite3_column_int64(statement, column);
        break;
    case SQLITE_FLOAT:
        value.type = SqlValue::Type::Real;
        value.real = sqlite3_column_double(statement, column);
        break;
    case SQLITE_TEXT:
        value.type = SqlValue::Type::Text;
        bytes(sqlite3_column_text(statement, column));
        break;
    case SQLITE_BLOB:
        value.type = SqlValue::Type::Blob;
        bytes(sqlite3_column_blob(statement, column));
        break;
    default: break;
    }
    return value;
}

struct Finalize
{
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

} // namespace

bool SqlContext::stopped()
{
    if (failure) return true;
    if (stop.stop_requested()) {
        fail(makeError(ErrorKind::Cancelled, kWhat, "stopped"));
    } else if (deadline != std::chrono::steady_clock::time_point{} && options.clock->steady() >= deadline) {
        fail(makeError(
            ErrorKind::Deadline, kWhat,
            "it took longer than " + std::to_string(options.timeout.count()) + " ms",
            {"Narrow it by time (timestamp_ns >= to_ns('now-1h')), or allow more with --timeout."}));
    }
    return failure.has_value();
}

const std::map<SourceId, std::string>* SqlContext::sourcePaths()
{
    if (paths) return &*paths;
    auto sources = store->sources(false);
    if (!sources) {
        fail(std::move(sources).error());
        return nullptr;
    }
    paths.emplace();
    for (SourceRecord& source : *sources) paths->emplace(source.id, std::move(source.path));
    return &*paths;
}

SqlSession::SqlSession() = default;
SqlSession::~SqlSession() = default;

Result<std::unique_ptr<SqlSession>> SqlSession::open(std::shared_ptr<Store> store, Options options)
{
    std::unique_ptr<SqlSession> session(new SqlSession);
    session->m_context = std::make_unique<SqlContext>();
    SqlContext& context = *session->m_context;
    context.store = std::dynamic_pointer_cast<StoreImpl>(store);
    if (!context.store)
        return makeError(ErrorKind::Unsupported, "open the store for SQL",
                         "it is not one that Store::open() gave");
    context.options = std::move(options);
    if (!context.options.clock) context.options.clock = std::make_shared<SystemClock>();

    Connection::Options memory;
    memory.readOnly = false;
    memory.create = true;
    memory.cacheKiB = 16'384;
    auto connection = Connection::open(":memory:", memory);
    if (!connection) return std::move(connection).error();
    session->m_connection = std::move(*connection);
    sqlite3* db = session->m_connection->handle();
    // A sort of millions of rows goes to a file, which is unlinked while it is open, and not into memory.
    if (auto done = session->m_connection->execute("PRAGMA temp_store=FILE"); !done)
        return std::move(done).error();
    for (const auto registerAll : {registerEventsTable, registerPlainTables, registerSqlFunctions}) {
        const int code = registerAll(db, context);
        if (code != SQLITE_OK) return session->m_connection->error(code, "open the store for SQL");
    }
    // SQLite's own tables connect when they are first named: before there is an authorizer and there are
    // limits.
    if (auto done = session->m_connection->execute(
            "SELECT 1 FROM json_each('1'), json_tree('1'), pragma_table_info('events'), "
            "pragma_table_xinfo('events') LIMIT 1");
        !done)
        return std::move(done).error();
    setLimits(db);
    sqlite3_progress_handler(db, 1'000, progress, &context);
    sqlite3_set_authorizer(db, authorize, nullptr);
    return session;
}

Status SqlSession::run(std::string_view statement, Sink& sink, std::stop_token stop)
{
    if (statement.size() > kLongestStatement)
        return makeError(ErrorKind::Limit, kWhat, "it is longer than a million bytes");
    if (const auto zero = statement.find('\0'); zero != statement.npos) {
        Error error = usage("it holds a zero byte");
        error.place = Error::Place{zero, 1};
        return error;
    }
    if (behind(statement, 0) == statement.size())
        return usage("it is empty", {"Example: SELECT severity, count(*) FROM events GROUP BY severity"});

    SqlContext& context = *m_context;
    auto snapshot = context.store->snapshot();
    if (!snapshot) return std::move(snapshot).error();
    m_unreadable = (*snapshot)->unreadable;
    context.failure.reset();
    context.paths.reset();
    context.heldNumbers = 0;
    context.stop = stop;
    context.now = context.options.clock->now();
    context.deadline = {};
    if (context.options.timeout.count() > 0)
        context.deadline = context.options.clock->steady() + context.options.timeout;
    context.view = std::make_unique<EventView>(std::move(*snapshot), *context.store,
                                               [&context] { return context.stopped(); });

    sqlite3* db = m_connection->handle();
    const std::string text(statement); // ends with a zero byte
    Status result;
    {
        sqlite3_stmt* handle = nullptr;
        const char* tail = nullptr;
        int code = sqlite3_prepare_v3(db, text.c_str(), static_cast<int>(text.size()) + 1, 0, &handle, &tail);
        const std::unique_ptr<sqlite3_stmt, Finalize> prepared(handle);
        const std::size_t rest =
            tail ? behind(statement, static_cast<std::size_t>(tail - text.c_str())) : text.size();
        if (context.failure) {
            result = *context.failure;
        } else if (code != SQLITE_OK) {
            result = statementError(*m_connection, code, statement);
        } else if (!handle) {
            result = usage("it is empty");
        } else if (rest < statement.size()) {
            Error error = usage("there is a second statement", {"Run one statement at a time."});
            error.place = placeAt(statement, rest);
            result = error;
        } else if (sqlite3_stmt_readonly(handle) == 0 || sqlite3_column_count(handle) == 0) {
            result = usage("a statement here only reads");
        } else if (sqlite3_bind_parameter_count(handle) > 0) {
            result = usage("it has a parameter (?, :name, @name or $name) and there is no value for it",
                           {"Write the value itself."});
        } else {
            const int count = sqlite3_column_count(handle);
            std::vector<std::string> names;
            for (int c = 0; c < count; ++c) {
                const char* name = sqlite3_column_name(handle, c);
                names.emplace_back(name ? name : "");
            }
            sink.columns(names);
            std::vector<SqlValue> values(static_cast<std::size_t>(count));
            while ((code = sqlite3_step(handle)) == SQLITE_ROW) {
                for (int c = 0; c < count; ++c) values[static_cast<std::size_t>(c)] = valueOf(handle, c);
                if (!sink.row(values)) break;
            }
            if (code != SQLITE_ROW && code != SQLITE_DONE) {
                result = context.failure ? Status(*context.failure)
                                         : statementError(*m_connection, code, statement);
            }
        }
    }
    context.view.reset();
    context.paths.reset();
    return result;
}

std::span<const SqlExample> SqlSession::examples()
{
    static constexpr SqlExample kExamples[] = {
        {"Events by severity",
         "SELECT severity, count(*) AS events\nFROM events\nGROUP BY severity\nORDER BY events DESC"},
        {"Errors every five minutes",
         "SELECT time_bucket('5m', timestamp_ns) AS t, count(*) AS errors\nFROM events\n"
         "WHERE severity IN ('error', 'fatal')\nGROUP BY t\nORDER BY t"},
        {"A percentile for each service",
         "SELECT service, count(*) AS events,\n       percentile(field(row, 'duration_ms'), 95) AS p95\n"
         "FROM events\nGROUP BY service\nORDER BY p95 DESC"},
        {"The last errors",
         "SELECT timestamp, service, message\nFROM events\nWHERE severity IN ('error', 'fatal')\n"
         "ORDER BY timestamp_ns DESC\nLIMIT 100"},
        {"Why records were quarantined",
         "SELECT reason, count(*) AS records\nFROM quarantine\nGROUP BY reason\nORDER BY records DESC"},
        {"All sources", "SELECT * FROM sources"},
    };
    return kExamples;
}

std::string_view SqlSession::help()
{
    return R"(Tables
  events      timestamp (RFC 3339 in UTC, nine digits: sorts as text), timestamp_ns, severity, severity_number,
              service, host, logger, message, trace_id, span_id, pattern (id of the message's pattern),
              source (path), source_id, ordinal (number in its source), flags, document (the event's own bytes)
  quarantine  source, source_id, record, position, length, reason, arrival, bytes (a blob)
  sources     id, path, name, format, state, detail, first_arrival, last_arrival, and the ledger:
              received_records, received_bytes, stored_..., quarantined_..., duplicate_..., events, cut_bytes, joined
  settings    key, value
Functions beside SQLite's own
  field(row, 'user.id')              any field of an event, with its type; NULL when absent. row is a hidden column.
                                     Arrays are JSON text: json_each(field(row, 'items'))
  time_bucket('5m', timestamp_ns)    the start of the 5 minutes that a time is in
  to_ns('now-1h'), to_time(ns)       times as text and as nanoseconds
  pattern_of(message)                the message with its variable parts as <*>
  percentile(x, 95), percentile_cont(x, 0.95), median(x)   with linear interpolation; what is no number does not count
  x REGEXP 'expression'              RE2 syntax, found anywhere in the text
Flags (bits): 1 no time of its own, 2 zone assumed, 4 far in the future, 8 before 2000, 16 plain text, 32 cut,
  64 lenient parser, 128 not UTF-8, 256 from an array, 512 continuation lines joined, 2048 a value was lost to damage
Comparisons of timestamp, timestamp_ns, severity, severity_number, service, host, logger, trace_id, span_id, source and
source_id with constants skip what cannot match; ORDER BY timestamp does not sort. One statement at a time.
)";
}

} // namespace faultline
