#include "models/session/sql_service.h"

#include "models/query/engine.h"
#include "models/query/regex.h"
#include "models/records/csv_cell.h"
#include "models/records/utf8.h"
#include "models/session/sql_text.h"
#include "models/session/whole_file.h"
#include "models/store/sql_session.h"

#include <cerrno>
#include <cstdio>
#include <functional>

namespace faultline {
namespace {

constexpr std::chrono::minutes kTimeout{10};
constexpr std::size_t kFirstPart = 200, kPart = 5'000; ///< the first rows are seen at once

Result<SqlSession::TextTest> makeTest(std::string_view expression)
{
    auto regex = Regex::compile(expression);
    if (!regex) return regex.error();
    auto shared = std::make_shared<const Regex>(std::move(*regex));
    return SqlSession::TextTest([shared](std::string_view text) { return shared->matches(text); });
}

/// Gathers rows into parts.
class Parts final : public SqlSession::Sink
{
public:
    using Columns = std::function<void(std::vector<std::string>)>;
    using Take = std::function<void(std::shared_ptr<SqlService::Rows>)>;
    Parts(Columns columns, Take take) : m_columns(std::move(columns)), m_take(std::move(take)) {}
    void columns(const std::vector<std::string>& names) override { m_columns(names); }
    bool row(std::span<const SqlValue> values) override
    {
        if (m_outcome.rows == SqlService::kMostRows || m_bytes > SqlService::kMostBytes) {
            m_outcome.more = true;
            return false;
        }
        std::vector<SqlCell>& cells = m_rows->emplace_back();
        cells.reserve(values.size());
        for (const SqlValue& value : values) cells.push_back(cellOf(value));
        ++m_outcome.rows;
        if (m_rows->size() >= (m_outcome.rows <= kFirstPart ? kFirstPart : kPart)) flush();
        return true;
    }
    void flush()
    {
        if (m_rows->empty()) return;
        m_take(std::exchange(m_rows, std::make_shared<SqlService::Rows>()));
    }
    SqlOutcome outcome() const { return m_outcome; }

private:
    SqlCell cellOf(const SqlValue& value)
    {
        SqlCell cell;
        cell.null = value.type == SqlValue::Type::Null;
        cell.number = value.type == SqlValue::Type::Integer || value.type == SqlValue::Type::Real;
        if (value.text.size() > SqlService::kMostCell) {
            cell.text = std::string(value.text.substr(0, SqlService::kMostCell));
            cell.cut = true;
            ++m_outcome.cutCells;
        } else {
            cell.text = sqlText(value);
        }
        m_bytes += cell.text.size() + sizeof(SqlCell);
        return cell;
    }
    Columns m_columns;
    Take m_take;
    std::shared_ptr<SqlService::Rows> m_rows = std::make_shared<SqlService::Rows>();
    SqlOutcome m_outcome;
    std::size_t m_bytes = 0;
};

/// Writes rows to a file as they come.
class FileSink final : public SqlSession::Sink
{
public:
    FileSink(std::FILE* file, SqlService::FileFormat format, std::function<void(std::uint64_t)> progress)
        : m_file(file), m_format(format), m_progress(std::move(progress))
    {}
    void columns(const std::vector<std::string>& names) override
    {
        m_names = memberNames(names);
        if (m_format == SqlService::FileFormat::Csv) writeCsv(names);
    }
    bool row(std::span<const SqlValue> values) override
    {
        if (m_format == SqlService::FileFormat::Csv) {
            std::vector<std::string> cells;
            cells.reserve(values.size());
            for (const SqlValue& value : values) cells.push_back(sqlText(value));
            writeCsv(cells);
        } else {
            write(sqlRowJson(m_names, values) + "\n");
        }
        if (++m_rows % kPart == 0) m_progress(m_rows);
        return m_errno == 0;
    }
    std::uint64_t rows() const { return m_rows; }
    int failure() const { return m_errno; }

private:
    void writeCsv(const std::vector<std::string>& cells)
    {
        std::string line, whole;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            whole.clear();
            appendReplacingInvalid(cells[i], whole);
            line += (i > 0 ? "," : "") + csvCell(whole);
        }
        write(line + "\r\n");
    }
    void write(const std::string& text)
    {
        errno = 0;
        if (m_errno == 0 && std::fwrite(text.data(), 1, text.size(), m_file) != text.size())
            m_errno = errno != 0 ? errno : EIO;
    }
    std::FILE* m_file;
    SqlService::FileFormat m_format;
    std::function<void(std::uint64_t)> m_progress;
    std::vector<std::string> m_names;
    std::uint64_t m_rows = 0;
    int m_errno = 0;
};

Result<std::unique_ptr<SqlSession>> openSession(const std::shared_ptr<Store>& store,
                                                const std::shared_ptr<const Clock>& clock)
{
    SqlSession::Options options;
    options.regexp = makeTest;
    options.timeout = kTimeout;
    options.clock = clock;
    return SqlSession::open(store, std::move(options));
}

std::vector<std::string> missedLines(const SqlSession& session)
{
    std::vector<std::string> lines;
    for (const UnreadableSegment& segment : session.unreadable())
        lines.push_back(MissedEvents{segment.id, segment.events, segment.why}.line());
    return lines;
}

} // namespace

SqlService::SqlService(std::shared_ptr<Store> store, std::shared_ptr<const Clock> clock, QObject* parent)
    : QObject(parent)
    , m_store(std::move(store))
    , m_clock(std::move(clock))
    , m_worker(std::make_unique<WorkerPool>(1, WorkerPool::Priority::Background))
{}

SqlService::~SqlService()
{
    cancel();
    m_worker.reset();
    m_mailbox.close();
}

void SqlService::retire()
{
    cancel();
    m_mailbox.close();
    moveToThread(nullptr);
}

std::string_view SqlService::help()
{
    return SqlSession::help();
}

std::span<const SqlExample> SqlService::examples()
{
    return SqlSession::examples();
}

bool SqlService::cancel()
{
    if (m_stop == nullptr) return false;
    m_stop->request_stop();
    m_stop.reset();
    return true;
}

SqlService::Stop SqlService::begin()
{
    cancel();
    m_stop = std::make_shared<std::stop_source>();
    return m_stop;
}

void SqlService::tell(const Stop& run, std::function<void()> what)
{
    m_mailbox.post([this, run, what = std::move(what)] {
        if (m_stop == run) what();
    });
}

void SqlService::run(std::string statement)
{
    m_worker->post([this, run = begin(), statement = std::move(statement)] {
        auto outcome = answer(statement, run);
        end(run, outcome ? Status() : Status(outcome.error()), outcome ? *outcome : SqlOutcome());
    });
}

void SqlService::writeFile(std::string statement, std::string path, FileFormat format)
{
    m_worker->post([this, run = begin(), statement = std::move(statement), path = std::move(path), format] {
        auto outcome = write(statement, path, format, run);
        end(run, outcome ? Status() : Status(outcome.error()), outcome ? *outcome : SqlOutcome());
    });
}

void SqlService::end(const Stop& run, Status status, SqlOutcome outcome)
{
    tell(run, [this, status = std::move(status), outcome = std::move(outcome)] {
        m_stop.reset();
        if (status)
            Q_EMIT finished(outcome);
        else
            Q_EMIT failed(status.error());
    });
}

Result<SqlOutcome> SqlService::answer(const std::string& statement, const Stop& run)
{
    const auto begun = m_clock->steady();
    auto session = openSession(m_store, m_clock);
    if (!session) return std::move(session).error();
    Parts parts(
        [this, &run](std::vector<std::string> names) {
            tell(run, [this, names = std::move(names)] { Q_EMIT columnsKnown(names); });
        },
        [this, &run](std::shared_ptr<Rows> rows) { tell(run, [this, rows] { Q_EMIT rowsCame(rows); }); });
    if (Status status = (*session)->run(statement, parts, run->get_token()); !status) return status.error();
    parts.flush();
    SqlOutcome outcome = parts.outcome();
    outcome.took = m_clock->steady() - begun;
    outcome.missed = missedLines(**session);
    return outcome;
}

Result<SqlOutcome> SqlService::write(const std::string& statement, const std::string& path, FileFormat format,
                                     const Stop& run)
{
    const auto begun = m_clock->steady();
    auto session = openSession(m_store, m_clock);
    if (!session) return std::move(session).error();
    auto file = WholeFile::create(path);
    if (!file) return std::move(file).error();
    FileSink sink(file->stream(), format, [this, &run](std::uint64_t rows) {
        tell(run, [this, rows] { Q_EMIT rowsWritten(rows); });
    });
    if (Status status = (*session)->run(statement, sink, run->get_token()); !status) return status.error();
    if (sink.failure() != 0) return cannotWrite(path, sink.failure());
    if (Status finished = file->finish(); !finished) return std::move(finished).error();
    SqlOutcome outcome;
    outcome.rows = sink.rows();
    outcome.file = path;
    outcome.took = m_clock->steady() - begun;
    outcome.missed = missedLines(**session);
    return outcome;
}

} // namespace faultline
