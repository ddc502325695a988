#pragma once
#include "models/base/worker_pool.h"
#include "models/session/mailbox.h"
#include "models/store/sql_session.h"
#include "models/store/store.h"

#include <QObject>

#include <chrono>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// A value of an SQL answer, for a table.
struct SqlCell
{
    std::string text; ///< at most SqlService::kMostCell bytes
    bool null = false, number = false, cut = false;
};

/// How a statement has ended.
struct SqlOutcome
{
    std::uint64_t rows = 0;          ///< given, or written to a file
    bool more = false;               ///< the answer has further rows, which were not asked for
    std::uint64_t cutCells = 0;      ///< longer than a table takes; a file has them whole
    std::chrono::nanoseconds took{}; ///< from the run to the last row
    std::string file;                ///< that was written; empty: the rows were given
    std::vector<std::string> missed; ///< damaged segments whose events no statement can see, a line each
};

/// SQL for a window: runs read-only statements (see SqlSession) on a thread of its own.
///
/// Limits   Of an answer kMostRows rows and kMostBytes bytes are given, the rest is only said to be there; a
///          file gets all of it.
/// Threads  Lives on the GUI thread and never blocks it; signals come there.
/// Cancel   cancel(), another run and the destructor stop what runs; nothing of it comes after that.
class SqlService final : public QObject
{
    Q_OBJECT
public:
    static constexpr std::size_t kMostRows = 100'000, kMostBytes = 64 * 1024 * 1024, kMostCell = 32 * 1024;
    enum class FileFormat { Csv, Ndjson };
    using Rows = std::vector<std::vector<SqlCell>>;

    SqlService(std::shared_ptr<Store> store, std::shared_ptr<const Clock> clock, QObject* parent = nullptr);
    ~SqlService() override;
    /// Nothing is told any more, and what is under way is asked to end. After that it may be destroyed on any
    /// thread: on one where it may wait for that.
    void retire();

    /// Gives the answer: columnsKnown(), rowsCame() in parts, then finished() or failed().
    void run(std::string statement);
    /// Writes the whole answer to a file, which is there only when all of it is: see WholeFile.
    /// rowsWritten() on the way, then finished() or failed().
    void writeFile(std::string statement, std::string path, FileFormat format);
    /// Stops what runs; true when something did. No signal follows.
    bool cancel();
    bool running() const { return m_stop != nullptr; }
    /// Tables, columns and functions: lines of plain text.
    static std::string_view help();
    static std::span<const SqlExample> examples();

Q_SIGNALS:
    void columnsKnown(const std::vector<std::string>& names);
    void rowsCame(const std::shared_ptr<faultline::SqlService::Rows>& rows);
    void rowsWritten(quint64 rows);
    void finished(const faultline::SqlOutcome& outcome);
    void failed(const faultline::Error& error);

private:
    using Stop = std::shared_ptr<std::stop_source>;
    /// A fresh stop for the next run; what ran before is stopped.
    Stop begin();
    /// Does it on the GUI thread, unless this run was stopped meanwhile.
    void tell(const Stop& run, std::function<void()> what);
    void end(const Stop& run, Status status, SqlOutcome outcome);
    Result<SqlOutcome> answer(const std::string& statement, const Stop& run);
    Result<SqlOutcome> write(const std::string& statement, const std::string& path, FileFormat format,
                             const Stop& run);

    std::shared_ptr<Store> m_store;
    std::shared_ptr<const Clock> m_clock;
    Stop m_stop; ///< of what runs; GUI thread
    Mailbox m_mailbox;
    std::unique_ptr<WorkerPool> m_worker; ///< one thread; last, so that it ends before what it uses
};

} // namespace faultline
