#pragma once
#include "models/store/event_cursor.h"
#include "models/store/sql_session.h"
#include "models/store/store_impl.h"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

struct sqlite3;

namespace faultline {

/// What the virtual tables and functions of one SQL session share while a statement runs. One thread.
struct SqlContext
{
    std::shared_ptr<StoreImpl> store;
    SqlSession::Options options;

    // Of the statement that runs.
    std::unique_ptr<EventView> view;
    std::optional<std::map<SourceId, std::string>> paths; ///< of sources; read when first asked for
    TimeNs now = 0;
    std::stop_token stop;
    std::chrono::steady_clock::time_point deadline{}; ///< none when it is the clock's zero
    std::optional<Error> failure;                     ///< what SQLite can only call an error
    std::uint64_t heldNumbers = 0;                    ///< by percentile()

    /// True when the statement must end; `failure` says why then.
    bool stopped();
    /// Keeps the first failure.
    void fail(const Error& error)
    {
        if (!failure) failure = error;
    }
    /// Paths of the sources; null on a failure.
    const std::map<SourceId, std::string>* sourcePaths();
};

/// Each registers on a connection; the context must outlive it. The result is SQLite's code.
int registerEventsTable(sqlite3* db, SqlContext& context);
int registerPlainTables(sqlite3* db, SqlContext& context); ///< quarantine, sources, settings
int registerSqlFunctions(sqlite3* db, SqlContext& context);

} // namespace faultline
