#include "models/records/time_text.h"
#include "models/store/sql_context.h"
#include "models/store/sql_module.h"

#include <sqlite3.h>

#include <algorithm>

namespace faultline {
namespace {

/// A table whose rows are read from the store in pages, each with a reader of its own: a slow statement holds
/// no transaction.
struct PlainTable
{
    const char* name;
    const char* module;
    const char* declaration;
    /// Columns of the declaration behind a key that grows (an integer, not shown). ?1: the last key,
    /// ?2: rows so far, ?3: 1 when the last column, which may be large, is asked for.
    const char* page;
    int pageRows;
    std::uint64_t times; ///< bit c: column c is a time in ns, shown in RFC 3339, null when 0
    bool largeLast;      ///< the last column is read only where it is used
};

constexpr PlainTable kTables[] = {
    {"quarantine", "faultline_quarantine",
     "CREATE TABLE quarantine(source TEXT, source_id INTEGER, record INTEGER, position INTEGER, "
     "length INTEGER, reason TEXT, arrival TEXT, bytes BLOB)",
     "SELECT q.id, s.path, q.source, q.record, q.position, q.length, q.reason, q.arrival, "
     "CASE WHEN ?3 THEN q.bytes END FROM quarantine q LEFT JOIN source s ON s.id = q.source "
     "WHERE q.id > ?1 AND ?2 >= 0 ORDER BY q.id LIMIT 32",
     32, std::uint64_t{1} << 6, true},
    {"sources", "faultline_sources",
     "CREATE TABLE sources(id INTEGER, path TEXT, name TEXT, format TEXT, state TEXT, detail TEXT, "
     "first_arrival TEXT, last_arrival TEXT, received_records INTEGER, received_bytes INTEGER, "
     "stored_records INTEGER, stored_bytes INTEGER, quarantined_records INTEGER, quarantined_bytes INTEGER, "
     "duplicate_records INTEGER, duplicate_bytes INTEGER, events INTEGER, cut_bytes INTEGER, joined INTEGER)",
     "SELECT id, id, path, name, format, CASE state WHEN 1 THEN 'reading' WHEN 2 THEN 'complete' "
     "WHEN 3 THEN 'incomplete' WHEN 4 THEN 'skipped' WHEN 5 THEN 'unreadable' WHEN 6 THEN 'duplicate' END, "
     "detail, first_arrival, last_arrival, received_records, received_bytes, stored_records, stored_bytes, "
     "quarantined_records, quarantined_bytes, duplicate_records, duplicate_bytes, events, cut_bytes, joined "
     "FROM source WHERE id > ?1 AND ?2 >= 0 AND ?3 >= 0 ORDER BY id LIMIT 256",
     256, std::uint64_t{3} << 6, false},
    {"settings", "faultline_settings", "CREATE TABLE settings(key TEXT, value TEXT)",
     "SELECT 0, key, value FROM setting WHERE ?1 <= 0 AND ?3 >= 0 ORDER BY key LIMIT 64 OFFSET ?2", 64, 0,
     false},
};

struct Registration
{
    SqlContext* context;
    const PlainTable* table;
};

struct TableObject : sqlite3_vtab
{
    Registration registration{};
    int columns = 0;
};

/// A copied value.
struct Cell
{
    int type = SQLITE_NULL;
    std::int64_t integer = 0;
    std::string bytes;
};

struct PageCursor : sqlite3_vtab_cursor
{
    std::vector<std::vector<Cell>> rows;
    std::size_t at = 0;
    std::int64_t lastKey = -1;
    std::int64_t given = 0;
    bool withLarge = false;
    bool more = false;
};

TableObject& tableOf(sqlite3_vtab_cursor* cursor)
{
    return *static_cast<TableObject*>(cursor->pVtab);
}

int failWith(sqlite3_vtab* table, const Error& error)
{
    static_cast<TableObject*>(table)->registration.context->fail(error);
    sqlite3_free(table->zErrMsg);
    table->zErrMsg = sqlite3_mprintf("%s", error.line().c_str());
    return SQLITE_ERROR;
}

int connect(sqlite3* db, void* registration, int, const char* const*, sqlite3_vtab** out, char**)
{
    auto table = std::make_unique<TableObject>();
    table->registration = *static_cast<Registration*>(registration);
    const std::string_view declaration = table->registration.table->declaration;
    table->columns = 1 + static_cast<int>(std::count(declaration.begin(), declaration.end(), ','));
    const int code = sqlite3_declare_vtab(db, table->registration.table->declaration);
    if (code == SQLITE_OK) *out = table.release();
    return code;
}

int disconnect(sqlite3_vtab* table)
{
    delete static_cast<TableObject*>(table);
    return SQLITE_OK;
}

int bestIndex(sqlite3_vtab* table, sqlite3_index_info* info)
{
    const auto& object = *static_cast<TableObject*>(table);
    const int last = std::min(object.columns - 1, 63);
    info->idxNum = object.registration.table->largeLast && (info->colUsed >> last & 1) != 0 ? 1 : 0;
    info->estimatedCost = 1e5;
    info->estimatedRows = 100'000;
    return SQLITE_OK;
}

int openCursor(sqlite3_vtab*, sqlite3_vtab_cursor** out)
{
    *out = std::make_unique<PageCursor>().release();
    return SQLITE_OK;
}

int closeCursor(sqlite3_vtab_cursor* cursor)
{
    delete static_cast<PageCursor*>(cursor);
    return SQLITE_OK;
}

Cell cellOf(const Statement& statement, int column, bool number)
{
    Cell cell;
    if (statement.isNull(column)) return cell;
    if (number) {
        cell.type = SQLITE_INTEGER;
        cell.integer = statement.integer(column);
    } else {
        cell.type = SQLITE_TEXT;
        cell.bytes = statement.text(column);
    }
    return cell;
}

/// Which columns hold numbers stands in the declaration: "name INTEGER".
std::vector<bool> numberColumns(std::string_view declaration)
{
    std::vector<bool> result;
    std::string_view rest = declaration.substr(declaration.find('(') + 1);
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find_first_of(",)"), rest.size());
        result.push_back(rest.substr(0, end).find(" INTEGER") != std::string_view::npos);
        if (end == rest.size() || rest[end] == ')') break;
        rest.remove_prefix(end + 1);
    }
    return result;
}

Status readPage(const TableObject& object, PageCursor& cursor)
{
    const PlainTable& table = *object.registration.table;
    SqlContext& context = *object.registration.context;
    cursor.rows.clear();
    cursor.at = 0;
    cursor.more = false;
    if (context.stopped()) return *context.failure;
    auto reader = context.store->reader(ReaderPool::Use::Normal, context.stop);
    if (!reader) return std::move(reader).error();
    auto page = (*reader)->prepare(table.page);
    if (!page) return std::move(page).error();
    page->bind(1, cursor.lastKey).bind(2, cursor.given).bind(3, std::int64_t{cursor.withLarge});
    const std::vector<bool> numbers = numberColumns(table.declaration);
    for (;;) {
        auto row = page->step();
        if (!row) return std::move(row).error();
        if (!*row) break;
        cursor.lastKey = page->integer(0);
        ++cursor.given;
        auto& cells = cursor.rows.emplace_back();
        cells.reserve(numbers.size());
        for (std::size_t c = 0; c < numbers.size(); ++c) {
            const bool time = (table.times >> c & 1) != 0;
            Cell cell = cellOf(*page, static_cast<int>(c) + 1, numbers[c] || time);
            if (time && cell.type == SQLITE_INTEGER) {
                cell.type = cell.integer == 0 ? SQLITE_NULL : SQLITE_TEXT;
                cell.bytes = formatRfc3339(cell.integer);
            }
            if (table.largeLast && c + 1 == numbers.size() && cell.type == SQLITE_TEXT)
                cell.type = SQLITE_BLOB;
            cells.push_back(std::move(cell));
        }
    }
    cursor.more = cursor.rows.size() == static_cast<std::size_t>(table.pageRows);
    return {};
}

int filter(sqlite3_vtab_cursor* cursor, int withLarge, const char*, int, sqlite3_value**)
{
    auto& own = *static_cast<PageCursor*>(cursor);
    own.lastKey = -1;
    own.given = 0;
    own.withLarge = withLarge != 0;
    if (auto done = readPage(tableOf(cursor), own); !done) return failWith(cursor->pVtab, done.error());
    return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* cursor)
{
    auto& own = *static_cast<PageCursor*>(cursor);
    if (++own.at < own.rows.size() || !own.more) return SQLITE_OK;
    if (auto done = readPage(tableOf(cursor), own); !done) return failWith(cursor->pVtab, done.error());
    return SQLITE_OK;
}

int atEnd(sqlite3_vtab_cursor* cursor)
{
    const auto& own = *static_cast<PageCursor*>(cursor);
    return own.at >= own.rows.size();
}

int column(sqlite3_vtab_cursor* cursor, sqlite3_context* out, int which)
{
    const auto& own = *static_cast<PageCursor*>(cursor);
    const Cell& cell = own.rows[own.at][static_cast<std::size_t>(which)];
    switch (cell.type) {
    case SQLITE_INTEGER: sqlite3_result_int64(out, cell.integer); break;
    case SQLITE_TEXT:
        sqlite3_result_text64(out, cell.bytes.data(), cell.bytes.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
        break;
    case SQLITE_BLOB:
        sqlite3_result_blob64(out, cell.bytes.data(), cell.bytes.size(), SQLITE_TRANSIENT);
        break;
    default: sqlite3_result_null(out); break;
    }
    return SQLITE_OK;
}

int rowId(sqlite3_vtab_cursor* cursor, sqlite3_int64* out)
{
    const auto& own = *static_cast<PageCursor*>(cursor);
    *out = own.given - static_cast<std::int64_t>(own.rows.size()) + static_cast<std::int64_t>(own.at);
    return SQLITE_OK;
}

const sqlite3_module kModule = readOnlyModule<sqlite3_module>(
    connect, bestIndex, disconnect, openCursor, closeCursor, filter, next, atEnd, column, rowId);

} // namespace

int registerPlainTables(sqlite3* db, SqlContext& context)
{
    for (const PlainTable& table : kTables) {
        auto registration = std::make_unique<Registration>(Registration{&context, &table});
        // SQLite frees it, also when this call fails.
        int code = sqlite3_create_module_v2(db, table.module, &kModule, registration.release(),
                                            [](void* object) { delete static_cast<Registration*>(object); });
        if (code != SQLITE_OK) return code;
        const std::string create =
            std::string("CREATE VIRTUAL TABLE ") + table.name + " USING " + table.module;
        code = sqlite3_exec(db, create.c_str(), nullptr, nullptr, nullptr);
        if (code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
}

} // namespace faultline
