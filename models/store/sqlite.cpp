#include "models/store/sqlite.h"

#include <sqlite3.h>

#include <cerrno>
#include <cstring>

namespace faultline {

namespace {

// A URI, because only a URI can say immutable; every byte that means something in one is escaped.
std::string fileUri(const std::string& path, bool immutable)
{
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string uri = "file:";
    for (const char c : path) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '/' || c == '.' || c == '-' || c == '_';
        if (plain) {
            uri += c;
        } else {
            uri += '%';
            uri += kHex[byte >> 4];
            uri += kHex[byte & 15];
        }
    }
    if (immutable) uri += "?immutable=1";
    return uri;
}

int onWal(void* frames, sqlite3*, const char*, int count)
{
    *static_cast<int*>(frames) = count;
    return SQLITE_OK;
}

} // namespace

bool isFsyncFailure(int code)
{
    return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
}
bool isIoFailure(int code)
{
    return (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN;
}

Statement::Statement(Statement&& other) noexcept
    : m_connection(std::exchange(other.m_connection, nullptr))
    , m_handle(std::exchange(other.m_handle, nullptr))
    , m_bindCode(other.m_bindCode)
{}

Statement::~Statement()
{
    if (m_handle) m_connection->giveBack(m_handle);
}

Statement& Statement::bind(int index, std::int64_t value)
{
    const int code = sqlite3_bind_int64(m_handle, index, value);
    if (code != SQLITE_OK) m_bindCode = code;
    return *this;
}

Statement& Statement::bindText(int index, std::string_view value)
{
    const char* data = value.data() ? value.data() : ""; // a null pointer would bind NULL
    const int code = sqlite3_bind_text64(m_handle, index, data, value.size(), SQLITE_STATIC, SQLITE_UTF8);
    if (code != SQLITE_OK) m_bindCode = code;
    return *this;
}

Statement& Statement::bindBlob(int index, std::string_view value)
{
    const char* data = value.data() ? value.data() : "";
    const int code = sqlite3_bind_blob64(m_handle, index, data, value.size(), SQLITE_STATIC);
    if (code != SQLITE_OK) m_bindCode = code;
    return *this;
}

Statement& Statement::bindNull(int index)
{
    const int code = sqlite3_bind_null(m_handle, index);
    if (code != SQLITE_OK) m_bindCode = code;
    return *this;
}

Statement& Statement::bindColumn(int index, const Statement& from, int column)
{
    const int code = sqlite3_bind_value(m_handle, index, sqlite3_column_value(from.m_handle, column));
    if (code != SQLITE_OK) m_bindCode = code;
    return *this;
}

int Statement::columns() const
{
    return sqlite3_column_count(m_handle);
}

Result<bool> Statement::step()
{
    if (m_bindCode != SQLITE_OK) return m_connection->error(m_bindCode, "write to the store");
    const int code = sqlite3_step(m_handle);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    Error error =
        m_connection->error(code, sqlite3_stmt_readonly(m_handle) ? "read the store" : "write to the store");
    sqlite3_reset(m_handle);
    return error;
}

Status Statement::run()
{
    for (;;) {
        auto row = step();
        if (!row) return std::move(row).error();
        if (!*row) return {};
    }
}

void Statement::reset()
{
    sqlite3_reset(m_handle);
    sqlite3_clear_bindings(m_handle);
    m_bindCode = SQLITE_OK;
}

std::int64_t Statement::integer(int column) const
{
    return sqlite3_column_int64(m_handle, column);
}

std::string_view Statement::blob(int column) const
{
    const void* data = sqlite3_column_blob(m_handle, column);
    const int size = sqlite3_column_bytes(m_handle, column);
    if (!data || size <= 0) return {};
    return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

bool Statement::isNull(int column) const
{
    return sqlite3_column_type(m_handle, column) == SQLITE_NULL;
}

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, const Options& options)
{
    std::unique_ptr<Connection> connection(new Connection(path));
    int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= options.readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    if (options.create && !options.readOnly) flags |= SQLITE_OPEN_CREATE;
    const std::string uri = fileUri(path, options.immutable);
    const int code = sqlite3_open_v2(uri.c_str(), &connection->m_db, flags,
                                     options.vfs.empty() ? nullptr : options.vfs.c_str());
    if (code != SQLITE_OK) return connection->error(code, "open the store " + path);
    sqlite3* db = connection->m_db;
    sqlite3_busy_timeout(db, options.busyTimeoutMs);
    // Nothing in the file may run code of its own: neither its triggers nor its views, nor shadow tables.
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_wal_hook(db, onWal, &connection->m_walFrames); // also turns automatic checkpoints off
    std::string pragmas =
        "PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=ON; PRAGMA cache_size=-" +
        std::to_string(options.cacheKiB) + ";";
    if (options.readOnly) pragmas += " PRAGMA query_only=ON;";
    if (auto done = connection->execute(pragmas.c_str()); !done) return std::move(done).error();
    return connection;
}

Connection::~Connection()
{
    for (auto& cached : m_idle) sqlite3_finalize(cached.statement);
    sqlite3_close_v2(m_db);
}

Result<Statement> Connection::prepare(std::string_view sql)
{
    for (std::size_t i = 0; i < m_idle.size(); ++i) {
        if (m_idle[i].sql != sql) continue;
        sqlite3_stmt* statement = m_idle[i].statement;
        m_used.emplace(statement, std::move(m_idle[i].sql));
        m_idle.erase(m_idle.begin() + static_cast<std::ptrdiff_t>(i));
        return Statement(*this, statement);
    }
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(m_db, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return error(code, "read the store");
    m_used.emplace(statement, std::string(sql));
    return Statement(*this, statement);
}

void Connection::giveBack(sqlite3_stmt* statement)
{
    constexpr std::size_t kKept = 32;
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    auto node = m_used.extract(statement);
    if (m_idle.size() >= kKept) {
        sqlite3_finalize(m_idle.front().statement);
        m_idle.erase(m_idle.begin());
    }
    m_idle.push_back({std::move(node.mapped()), statement});
}

Status Connection::execute(const char* sql)
{
    const int code = sqlite3_exec(m_db, sql, nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) return {};
    return error(code, (sqlite3_db_readonly(m_db, "main") == 1 ? "read the store " : "write to the store ") +
                           m_path);
}

Result<std::int64_t> Connection::number(std::string_view sql, std::int64_t fallback)
{
    auto statement = prepare(sql);
    if (!statement) return std::move(statement).error();
    auto row = statement->step();
    if (!row) return std::move(row).error();
    return *row ? statement->integer(0) : fallback;
}

std::int64_t Connection::lastInsertId() const
{
    return sqlite3_last_insert_rowid(m_db);
}
std::int64_t Connection::changes() const
{
    return sqlite3_changes64(m_db);
}
bool Connection::inTransaction() const
{
    return sqlite3_get_autocommit(m_db) == 0;
}

void Connection::rollback()
{
    if (inTransaction()) sqlite3_exec(m_db, "ROLLBACK", nullptr, nullptr, nullptr);
}

void Connection::setCheckpointOnClose(bool on)
{
    sqlite3_db_config(m_db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, on ? 0 : 1, nullptr);
}

Status Connection::checkpoint(bool truncate)
{
    int frames = 0;
    int done = 0;
    const int code = sqlite3_wal_checkpoint_v2(
        m_db, nullptr, truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, &frames, &done);
    m_framesLeft = frames > done ? static_cast<std::size_t>(frames - done) : 0;
    if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY) return {};
    return error(code, "move the write-ahead log into the store");
}

Error Connection::error(int code, std::string what)
{
    const int systemErrno = m_db ? sqlite3_system_errno(m_db) : 0;
    const int extended = m_db && sqlite3_errcode(m_db) != SQLITE_OK ? sqlite3_extended_errcode(m_db) : code;
    m_lastCode = (extended & 0xff) == (code & 0xff) ? extended : code;
    std::string why = m_db ? sqlite3_errmsg(m_db) : sqlite3_errstr(code);
    ErrorKind kind = ErrorKind::Store;
    std::vector<std::string> hints;
    const bool io = isIoFailure(m_lastCode);
    switch (code & 0xff) {
    case SQLITE_FULL: kind = ErrorKind::DiskFull; break;
    case SQLITE_CORRUPT:
        kind = ErrorKind::Damaged;
        hints.push_back(
            "Run `faultline doctor` on the store: it lists what is damaged and repairs what it can.");
        break;
    case SQLITE_NOTADB:
        kind = ErrorKind::Damaged;
        why = "it is not a Faultline store, or its first page is damaged";
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: kind = ErrorKind::Locked; break;
    case SQLITE_INTERRUPT: kind = ErrorKind::Cancelled; break;
    case SQLITE_TOOBIG: kind = ErrorKind::Limit; break;
    default: break;
    }
    if (io && (systemErrno == ENOSPC || systemErrno == EDQUOT || systemErrno == EFBIG) &&
        !isFsyncFailure(m_lastCode)) {
        kind = ErrorKind::DiskFull;
    }
    if (io && systemErrno != 0) why += std::string(" (") + std::strerror(systemErrno) + ")";
    return makeError(kind, std::move(what), std::move(why), std::move(hints));
}

Result<Transaction> Transaction::begin(Connection& connection, Kind kind)
{
    if (auto done = connection.execute(kind == Kind::Write ? "BEGIN IMMEDIATE" : "BEGIN"); !done)
        return std::move(done).error();
    return Transaction(connection);
}

Transaction::~Transaction()
{
    if (m_connection) m_connection->rollback();
}

Status Transaction::commit()
{
    auto done = m_connection->execute("COMMIT");
    if (done) m_connection = nullptr;
    return done;
}

} // namespace faultline
