#pragma once
#include "models/store/event_reader.h"
#include "models/store/store.h"

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

struct SqlContext;
class Connection;

/// A statement to begin with.
struct SqlExample
{
    const char* title; ///< English: a window translates it
    const char* statement;
};

/// SQL for people: SELECT over what a store holds, and nothing else.
///
/// Statements run on a database of their own, in memory, whose only tables are virtual: `events`,
/// `quarantine`, `sources`, `settings`. Their rows come from the store a segment or a page at a time, so that
/// a slow statement holds no read transaction; `events` are those of one snapshot. help() lists columns and
/// functions.
///
/// Safety   An authorizer allows reading these tables and nothing else: no ATTACH, PRAGMA (but for lists of
///          columns), extension, or change of any kind. Lengths and depths are bounded. Sorting and grouping
///          spill to a temporary file that is unlinked while it is open.
/// Threads  One at a time.
class SqlSession
{
public:
    /// Says whether a text matches; made once for each expression.
    using TextTest = std::function<bool(std::string_view text)>;
    using MakeTextTest = std::function<Result<TextTest>(std::string_view expression)>;
    struct Options
    {
        MakeTextTest regexp;                 ///< behind `x REGEXP y`; null: there is no such operator
        std::chrono::milliseconds timeout{}; ///< for a statement; 0: none
        std::shared_ptr<const Clock> clock;  ///< null: the machine's
    };
    /// Takes what the answer is made of.
    class Sink
    {
    public:
        virtual ~Sink() = default;
        virtual void columns(const std::vector<std::string>& names) = 0; ///< once, before the first row
        /// Views live until it returns. False: no more rows are wanted.
        virtual bool row(std::span<const SqlValue> values) = 0;
    };

    /// `store` as Store::open() gives it.
    static Result<std::unique_ptr<SqlSession>> open(std::shared_ptr<Store> store, Options options);
    ~SqlSession();
    SqlSession(const SqlSession&) = delete;
    SqlSession& operator=(const SqlSession&) = delete;

    /// Runs one statement. Usage (with the place, where it is known) for what is no statement or not allowed;
    /// Deadline after the timeout, Cancelled after `stop`.
    Status run(std::string_view statement, Sink& sink, std::stop_token stop = {});

    /// Segments whose events the last statement could not see.
    const std::vector<UnreadableSegment>& unreadable() const { return m_unreadable; }

    /// Tables, columns and functions, for people: lines of plain text.
    static std::string_view help();
    /// Statements that every store answers.
    static std::span<const SqlExample> examples();

private:
    SqlSession();
    std::vector<UnreadableSegment> m_unreadable;
    std::unique_ptr<SqlContext> m_context;
    std::unique_ptr<Connection> m_connection; ///< goes before the context
};

} // namespace faultline
