#pragma once
#include "models/base/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

/// The one wrapper over SQLite's C API. Only files of models/store include it.
namespace faultline {

class Connection;

/// A prepared statement in use; goes back to its connection's cache, reset, when it is destroyed.
/// A bind that fails is remembered and reported by the next step(). Texts and blobs are bound without a copy:
/// they must live until the statement is stepped for the last time.
class Statement
{
public:
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;
    ~Statement();

    Statement& bind(int index, std::int64_t value); ///< index from 1
    Statement& bindText(int index, std::string_view value);
    Statement& bindBlob(int index, std::string_view value);
    Statement& bindNull(int index);
    Statement& bindColumn(int index, const Statement& from,
                          int column); ///< copies a value of the row of `from`

    Result<bool> step(); ///< true: a row is there
    Status run();        ///< to its end; rows are passed over
    void reset();        ///< keeps nothing bound

    std::int64_t integer(int column) const;  ///< column from 0
    std::string_view blob(int column) const; ///< also for text; valid until the next step
    std::string text(int column) const { return std::string(blob(column)); }
    bool isNull(int column) const;
    int columns() const; ///< of the answer

private:
    friend class Connection;
    Statement(Connection& connection, sqlite3_stmt* handle) : m_connection(&connection), m_handle(handle) {}
    Connection* m_connection;
    sqlite3_stmt* m_handle;
    int m_bindCode = 0;
};

/// One SQLite connection. One thread at a time.
class Connection
{
public:
    struct Options
    {
        bool readOnly = true;
        bool immutable = false; ///< the file must not change while it is open
        bool create = false;
        int cacheKiB = 2048;
        int busyTimeoutMs = 5000;
        std::string vfs; ///< empty: the system's
    };
    static Result<std::unique_ptr<Connection>> open(const std::string& path, const Options& options);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// From the cache or newly prepared. `sql` is one statement.
    Result<Statement> prepare(std::string_view sql);
    /// Several statements, without parameters and answers.
    Status execute(const char* sql);
    /// The first column of the first row as a number; `fallback` when there is no row.
    Result<std::int64_t> number(std::string_view sql, std::int64_t fallback = 0);

    std::int64_t lastInsertId() const;
    std::int64_t changes() const; ///< rows changed by the last statement
    bool inTransaction() const;
    void rollback();                            ///< of whatever is open; never fails visibly
    int lastCode() const { return m_lastCode; } ///< extended result code of the last failure, 0 when none
    void clearLastCode() { m_lastCode = 0; }
    int walFrames() const { return m_walFrames; } ///< in the WAL after the last commit of this connection
    void setCheckpointOnClose(bool on);
    /// `truncate` false: PASSIVE. Sets the number of frames left; busy readers are no error.
    Status checkpoint(bool truncate);
    std::size_t framesLeft() const { return m_framesLeft; }
    sqlite3* handle() const { return m_db; }
    const std::string& path() const { return m_path; }

    /// The Error for a result code of this connection.
    Error error(int code, std::string what);

private:
    friend class Statement;
    explicit Connection(std::string path) : m_path(std::move(path)) {}
    void giveBack(sqlite3_stmt* statement);

    std::string m_path;
    sqlite3* m_db = nullptr;
    int m_lastCode = 0;
    int m_walFrames = 0;
    std::size_t m_framesLeft = 0;
    struct Cached
    {
        std::string sql;
        sqlite3_stmt* statement;
    };
    std::vector<Cached> m_idle;
    std::unordered_map<sqlite3_stmt*, std::string> m_used;
};

/// BEGIN ... COMMIT; rolls back when it is destroyed before commit().
class Transaction
{
public:
    enum class Kind { Read, Write };
    static Result<Transaction> begin(Connection& connection, Kind kind);
    Transaction(Transaction&& other) noexcept : m_connection(std::exchange(other.m_connection, nullptr)) {}
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    Status commit();

private:
    explicit Transaction(Connection& connection) : m_connection(&connection) {}
    Connection* m_connection;
};

/// What a result code says about going on.
bool isFsyncFailure(int sqliteCode); ///< durability is unknown: the store must be closed and opened again
bool isIoFailure(int sqliteCode);    ///< any I/O error, fsync included; not a full disk

} // namespace faultline
