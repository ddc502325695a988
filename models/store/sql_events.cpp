#include "models/records/severity.h"
#include "models/store/sql_context.h"
#include "models/store/sql_module.h"

#include <sqlite3.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <utility>

namespace faultline {
namespace {

/// Columns of `events`, in order of the declaration.
enum Column : int {
    Timestamp,
    TimestampNs,
    SeverityText,
    SeverityNumber,
    Service,
    Host,
    Logger,
    Message,
    TraceId,
    SpanId,
    PatternId,
    SourcePath,
    SourceNumber,
    OrdinalNumber,
    Flags,
    Document,
    Row, ///< hidden
};
constexpr const char* kDeclaration =
    "CREATE TABLE events(timestamp TEXT, timestamp_ns INTEGER, severity TEXT, severity_number INTEGER, "
    "service TEXT, host TEXT, logger TEXT, message TEXT, trace_id TEXT, span_id TEXT, pattern TEXT, "
    "source TEXT, source_id INTEGER, ordinal INTEGER, flags INTEGER, document TEXT, row INTEGER HIDDEN)";

Canonical canonicalOf(int column)
{
    switch (column) {
    case Message: return Canonical::Message;
    case Service: return Canonical::Service;
    case Host: return Canonical::Host;
    case Logger: return Canonical::Logger;
    case TraceId: return Canonical::TraceId;
    case SpanId: return Canonical::SpanId;
    default: return Canonical::Count;
    }
}

struct EventsTable : sqlite3_vtab
{
    SqlContext* context = nullptr;
};

struct EventsCursor : sqlite3_vtab_cursor
{
    std::optional<EventCursor> events;
    std::string text;
};

SqlContext& contextOf(sqlite3_vtab_cursor* cursor)
{
    return *static_cast<EventsTable*>(cursor->pVtab)->context;
}

int failWith(SqlContext& context, sqlite3_vtab* table, const Error& error)
{
    context.fail(error);
    sqlite3_free(table->zErrMsg);
    table->zErrMsg = sqlite3_mprintf("%s", error.line().c_str());
    return SQLITE_ERROR;
}

int connect(sqlite3* db, void* context, int, const char* const*, sqlite3_vtab** out, char**)
{
    const int code = sqlite3_declare_vtab(db, kDeclaration);
    if (code != SQLITE_OK) return code;
    auto table = std::make_unique<EventsTable>();
    table->context = static_cast<SqlContext*>(context);
    *out = table.release();
    return SQLITE_OK;
}

int disconnect(sqlite3_vtab* table)
{
    delete static_cast<EventsTable*>(table);
    return SQLITE_OK;
}

int openCursor(sqlite3_vtab*, sqlite3_vtab_cursor** out)
{
    *out = std::make_unique<EventsCursor>().release();
    return SQLITE_OK;
}

int closeCursor(sqlite3_vtab_cursor* cursor)
{
    delete static_cast<EventsCursor*>(cursor);
    return SQLITE_OK;
}

/// Whether a scan can make use of a comparison.
bool usable(int column, int op)
{
    const bool equal = op == SQLITE_INDEX_CONSTRAINT_EQ;
    const bool order = equal || op == SQLITE_INDEX_CONSTRAINT_GT || op == SQLITE_INDEX_CONSTRAINT_GE ||
                       op == SQLITE_INDEX_CONSTRAINT_LT || op == SQLITE_INDEX_CONSTRAINT_LE;
    switch (column) {
    case Timestamp:
    case TimestampNs:
    case SeverityNumber: return order;
    case SeverityText:
    case SourcePath:
    case SourceNumber: return equal;
    default: return equal && canonicalOf(column) != Canonical::Count;
    }
}

/// The order (time, source, ordinal), or the beginning of it, in one direction.
EventPlan::Order orderOf(const sqlite3_index_info& info)
{
    if (info.nOrderBy < 1 || info.nOrderBy > 3) return EventPlan::Order::Any;
    const auto wanted = [](int at, int column) {
        if (at == 0) return column == TimestampNs || column == Timestamp;
        return column == (at == 1 ? int{SourceNumber} : int{OrdinalNumber});
    };
    for (int i = 0; i < info.nOrderBy; ++i)
        if (!wanted(i, info.aOrderBy[i].iColumn) || info.aOrderBy[i].desc != info.aOrderBy[0].desc)
            return EventPlan::Order::Any;
    return info.aOrderBy[0].desc ? EventPlan::Order::Descending : EventPlan::Order::Ascending;
}

/// idxStr names each argument of filter(): column and comparison, a byte each from 'A' on. idxNum is the
/// order. Nothing is ever omitted: SQLite tests every row again, so a scan may give too much.
int bestIndex(sqlite3_vtab* table, sqlite3_index_info* info)
{
    SqlContext& context = *static_cast<EventsTable*>(table)->context;
    double rows = context.view ? static_cast<double>(context.view->events()) : 1e6;
    std::string use;
    int arguments = 0;
    bool lower = false, upper = false;
    for (int i = 0; i < info->nConstraint; ++i) {
        const auto& constraint = info->aConstraint[i];
        if (!constraint.usable || !usable(constraint.iColumn, constraint.op)) continue;
        const char* collation = sqlite3_vtab_collation(info, i);
        if (collation && std::strcmp(collation, "BINARY") != 0) continue;
        info->aConstraintUsage[i].argvIndex = ++arguments;
        use.push_back(static_cast<char>('A' + constraint.iColumn));
        // Comparisons are 2, 4, 8, 16 and 32.
        use.push_back(constraint.op == SQLITE_INDEX_CONSTRAINT_EQ   ? '='
                      : constraint.op == SQLITE_INDEX_CONSTRAINT_GT ? 'g'
                      : constraint.op == SQLITE_INDEX_CONSTRAINT_GE ? 'G'
                      : constraint.op == SQLITE_INDEX_CONSTRAINT_LT ? 'l'
                                                                    : 'L');
        const bool equal = use.back() == '=';
        const bool time = constraint.iColumn == Timestamp || constraint.iColumn == TimestampNs;
        if (time && equal)
            rows /= 10'000;
        else if (equal)
            rows /= constraint.iColumn == TraceId || constraint.iColumn == SpanId ? 10'000 : 8;
        else if (time && !std::exchange(use.back() == 'g' || use.back() == 'G' ? lower : upper, true))
            rows /= 4;
    }
    EventPlan::Order order = orderOf(*info);
    // In order of time every segment that overlaps is open at once: past a few of them sorting is cheaper.
    if (context.view && context.view->overlap() > EventView::kKept) order = EventPlan::Order::Any;
    info->orderByConsumed = order != EventPlan::Order::Any;
    info->idxNum = static_cast<int>(order);
    info->idxStr = sqlite3_mprintf("%s", use.c_str());
    if (!info->idxStr) return SQLITE_NOMEM;
    info->needToFreeIdxStr = 1;
    rows = std::max(rows, 1.0);
    info->estimatedRows = static_cast<sqlite3_int64>(rows);
    info->estimatedCost = 100 + rows * (order == EventPlan::Order::Any ? 1.0 : 1.1);
    return SQLITE_OK;
}

/// The least time whose RFC 3339 text is not before (`strict`: is after) `text`; nothing when there is none.
/// That text grows with the time, byte by byte.
std::optional<TimeNs> firstTimeFrom(std::string_view text, bool strict)
{
    const auto behind = [&](TimeNs t) {
        const std::string written = formatRfc3339(t);
        return strict ? written > text : written >= text;
    };
    if (!behind(kTimeMax)) return std::nullopt;
    // Unsigned distances from the beginning, so that the middle does not overflow.
    std::uint64_t low = 0;
    for (std::uint64_t high = ~std::uint64_t{0}; low < high;) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (behind(static_cast<TimeNs>(middle ^ (std::uint64_t{1} << 63))))
            high = middle;
        else
            low = middle + 1;
    }
    return static_cast<TimeNs>(low ^ (std::uint64_t{1} << 63));
}

void addLower(EventPlan& plan, std::optional<TimeNs> first)
{
    if (first)
        plan.first = std::max(plan.first, *first);
    else
        plan.nothing = true;
}

/// `last` is one past the bound when `past`; nothing: all times are below it.
void addUpperBefore(EventPlan& plan, std::optional<TimeNs> past)
{
    if (!past) return;
    if (*past == kTimeMin)
        plan.nothing = true;
    else
        plan.last = std::min(plan.last, *past - 1);
}

void boundTimeText(EventPlan& plan, char op, std::string_view text)
{
    if (op == '=' || op == 'G') addLower(plan, firstTimeFrom(text, false));
    if (op == 'g') addLower(plan, firstTimeFrom(text, true));
    if (op == '=' || op == 'L') addUpperBefore(plan, firstTimeFrom(text, true));
    if (op == 'l') addUpperBefore(plan, firstTimeFrom(text, false));
}

void boundTimeInteger(EventPlan& plan, char op, std::int64_t value)
{
    if (op == '=' || op == 'G' || op == 'g') plan.first = std::max(plan.first, value);
    if (op == '=' || op == 'L' || op == 'l') plan.last = std::min(plan.last, value);
    if (op == 'g') {
        if (value == kTimeMax)
            plan.nothing = true;
        else
            plan.first = std::max(plan.first, value + 1);
    }
    if (op == 'l') {
        if (value == kTimeMin)
            plan.nothing = true;
        else
            plan.last = std::min(plan.last, value - 1);
    }
}

void boundTimeReal(EventPlan& plan, char op, double value)
{
    // A little wider than the number: a double cannot tell nanoseconds of today apart.
    constexpr double kEdge = 9.2e18;
    if (value > kEdge) {
        if (op == '=' || op == 'G' || op == 'g')
            plan.first = std::max(plan.first, TimeNs{9'199'999'999'999'990'000});
        return;
    }
    if (value < -kEdge) {
        if (op == '=' || op == 'L' || op == 'l')
            plan.last = std::min(plan.last, TimeNs{-9'199'999'999'999'990'000});
        return;
    }
    constexpr TimeNs kSlack = 2'048;
    if (op == '=' || op == 'G' || op == 'g')
        plan.first = std::max(plan.first, static_cast<TimeNs>(std::floor(value)) - kSlack);
    if (op == '=' || op == 'L' || op == 'l')
        plan.last = std::min(plan.last, static_cast<TimeNs>(std::ceil(value)) + kSlack);
}

/// Severities are small: each is compared as SQL would.
void boundSeverity(EventPlan& plan, char op, double value)
{
    for (int s = 0; s < 32; ++s) {
        const bool holds = op == '='   ? s == value
                           : op == 'g' ? s > value
                           : op == 'G' ? s >= value
                           : op == 'l' ? s < value
                                       : s <= value;
        if (!holds) plan.severities &= ~(std::uint32_t{1} << s);
    }
}

std::string_view textOf(sqlite3_value* value)
{
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    return text ? std::string_view(text, static_cast<std::size_t>(sqlite3_value_bytes(value)))
                : std::string_view();
}

/// Takes a comparison into the plan. A value of another type than the column is left to SQLite, which knows
/// how to compare those; nothing is lost, the scan only gives more.
bool takeConstraint(SqlContext& context, EventPlan& plan, int column, char op, sqlite3_value* value)
{
    const int type = sqlite3_value_type(value);
    switch (column) {
    case Timestamp:
        if (type == SQLITE_TEXT) boundTimeText(plan, op, textOf(value));
        return true;
    case TimestampNs:
        if (type == SQLITE_INTEGER) boundTimeInteger(plan, op, sqlite3_value_int64(value));
        if (type == SQLITE_FLOAT) boundTimeReal(plan, op, sqlite3_value_double(value));
        return true;
    case SeverityNumber:
        if (type == SQLITE_INTEGER || type == SQLITE_FLOAT)
            boundSeverity(plan, op, sqlite3_value_double(value));
        return true;
    case SeverityText:
        if (type != SQLITE_TEXT) return true;
        for (unsigned s = 0; s < 32; ++s)
            if (severityName(static_cast<Severity>(s)) != textOf(value))
                plan.severities &= ~(std::uint32_t{1} << s);
        return true;
    case SourceNumber: {
        if (type != SQLITE_INTEGER) return true;
        const std::int64_t id = sqlite3_value_int64(value);
        std::vector<SourceId> one;
        if (id >= 0 && id <= std::int64_t{UINT32_MAX}) one.push_back({static_cast<std::uint32_t>(id)});
        if (plan.sources && *plan.sources != one)
            one.clear(); // two different ones, or a path and a number: SQLite tests what is left
        if (plan.sources && one.empty()) return true;
        plan.sources = std::move(one);
        return true;
    }
    case SourcePath: {
        if (type != SQLITE_TEXT || plan.sources) return true;
        const auto* paths = context.sourcePaths();
        if (!paths) return false;
        plan.sources.emplace();
        for (const auto& [id, path] : *paths)
            if (path == textOf(value)) plan.sources->push_back(id);
        return true;
    }
    default: break;
    }
    const Canonical field = canonicalOf(column);
    if (field != Canonical::Count && type == SQLITE_TEXT)
        plan.equals[static_cast<std::size_t>(field)] = std::string(textOf(value));
    return true;
}

int filter(sqlite3_vtab_cursor* cursor, int order, const char* use, int count, sqlite3_value** values)
{
    SqlContext& context = contextOf(cursor);
    auto& own = *static_cast<EventsCursor*>(cursor);
    if (!context.view) {
        return failWith(context, cursor->pVtab,
                        makeError(ErrorKind::Internal, "run the statement", "there is no snapshot"));
    }
    EventPlan plan;
    plan.order = static_cast<EventPlan::Order>(order);
    for (int i = 0; i < count; ++i)
        if (!takeConstraint(context, plan, use[2 * i] - 'A', use[2 * i + 1], values[i])) return SQLITE_ERROR;
    own.events.emplace(*context.view, std::move(plan));
    if (own.events->error()) return failWith(context, cursor->pVtab, *own.events->error());
    return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* cursor)
{
    auto& events = *static_cast<EventsCursor*>(cursor)->events;
    events.next();
    if (events.error()) return failWith(contextOf(cursor), cursor->pVtab, *events.error());
    return SQLITE_OK;
}

int atEnd(sqlite3_vtab_cursor* cursor)
{
    const auto& events = static_cast<EventsCursor*>(cursor)->events;
    return !events || events->atEnd();
}

int rowId(sqlite3_vtab_cursor* cursor, sqlite3_int64* out)
{
    const auto& events = *static_cast<EventsCursor*>(cursor)->events;
    *out = EventView::handleOf(events.segment(), events.row());
    return SQLITE_OK;
}

void resultText(sqlite3_context* out, std::string_view text)
{
    sqlite3_result_text64(out, text.data() ? text.data() : "", text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

int column(sqlite3_vtab_cursor* cursor, sqlite3_context* out, int which)
{
    SqlContext& context = contextOf(cursor);
    auto& own = *static_cast<EventsCursor*>(cursor);
    const RowIndex row = own.events->row();
    EventReader& reader = context.view->reader(own.events->segment());
    std::string& text = own.text;
    text.clear();
    switch (which) {
    case Timestamp: resultText(out, formatRfc3339(reader.number(TimeColumn, row))); break;
    case TimestampNs: sqlite3_result_int64(out, reader.number(TimeColumn, row)); break;
    case SeverityText:
        resultText(out, severityName(static_cast<Severity>(reader.number(SeverityColumn, row))));
        break;
    case SeverityNumber: sqlite3_result_int64(out, reader.number(SeverityColumn, row)); break;
    case PatternId:
        if (const auto id = reader.pattern(row)) {
            char hex[17];
            std::snprintf(hex, sizeof hex, "%016llx", static_cast<unsigned long long>(*id));
            resultText(out, hex);
        }
        break;
    case SourcePath: {
        const SourceId id{static_cast<std::uint32_t>(reader.number(SourceColumn, row))};
        const auto* paths = context.sourcePaths();
        if (!paths) return SQLITE_ERROR;
        if (const auto found = paths->find(id); found != paths->end()) resultText(out, found->second);
        break;
    }
    case SourceNumber: sqlite3_result_int64(out, reader.number(SourceColumn, row)); break;
    case OrdinalNumber: sqlite3_result_int64(out, reader.number(OrdinalColumn, row)); break;
    case Flags: sqlite3_result_int64(out, reader.number(FlagsColumn, row)); break;
    case Document:
        if (reader.document(row, text)) resultText(out, text);
        break;
    case Row: sqlite3_result_int64(out, EventView::handleOf(own.events->segment(), row)); break;
    default:
        if (const Canonical field = canonicalOf(which);
            field != Canonical::Count && reader.canonical(field, row, text))
            resultText(out, text);
        break;
    }
    if (reader.failed()) return failWith(context, cursor->pVtab, *reader.error());
    return SQLITE_OK;
}

const sqlite3_module kModule = readOnlyModule<sqlite3_module>(
    connect, bestIndex, disconnect, openCursor, closeCursor, filter, next, atEnd, column, rowId);

} // namespace

int registerEventsTable(sqlite3* db, SqlContext& context)
{
    const int code = sqlite3_create_module_v2(db, "faultline_events", &kModule, &context, nullptr);
    if (code != SQLITE_OK) return code;
    return sqlite3_exec(db, "CREATE VIRTUAL TABLE events USING faultline_events", nullptr, nullptr, nullptr);
}

} // namespace faultline
