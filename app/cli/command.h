#pragma once
#include "app/cli/options.h"
#include "models/base/result.h"
#include "models/base/time.h"
#include "models/query/engine.h"

#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace faultline::cli {

/// How a command ended; see DESIGN section 13.
enum ExitCode : int {
    Done = 0,
    AnswerIsNo = 1, ///< no match, a test failed
    BadUsage = 2,
    Trouble = 3, ///< input, store or network
};

/// What the answers of a command stand on; looked at when it has ended, so that none is short in silence.
struct Grounds
{
    std::vector<std::shared_ptr<QueryEngine>> engines;
    std::vector<MissedEvents> missed; ///< by what else reads the store, or by engines that were let go

    /// Lets the engines go, which hold their store open, and keeps what they have missed.
    void letGo();
};

/// What a command gets from its surroundings; tests and the program's main() make it.
struct Context
{
    std::FILE* out = stdout;
    std::FILE* err = stderr;
    bool outIsTerminal = false, errIsTerminal = false, inIsTerminal = false;
    std::size_t width = 100; ///< columns of the terminal; of no meaning when out is not one
    bool utf8 = true;        ///< the terminal shows block characters
    bool jsonErrors = false;
    std::shared_ptr<const Clock> clock;
    std::string dataDirectory;
    std::stop_token stop; ///< Ctrl-C
    std::shared_ptr<Grounds> grounds = std::make_shared<Grounds>();
};

/// A command: one file in app/cli/ each.
struct Command
{
    std::string_view name;
    std::string_view usage;    ///< behind "faultline name"
    std::string_view summary;  ///< a line in the list of commands
    std::string_view details;  ///< in the command's own help; may be empty
    std::string_view examples; ///< lines of "  command\n"
    std::span<const OptionSpec> options;
    Result<int> (*run)(const Context& context, const Arguments& arguments); ///< an ExitCode, or what failed
};

extern const Command ingestCommand, searchCommand, countCommand, fieldsCommand, statsCommand, patternsCommand,
    compareCommand, traceCommand, sqlCommand, sourcesCommand, quarantineCommand, doctorCommand, demoCommand,
    storesCommand, overviewCommand;

/// Where the name of a command stands: in front, or behind options that every command has (--store S count).
/// Nothing when there is none there.
std::optional<std::size_t> commandPlace(std::span<const std::string> words);

/// Runs `faultline WORDS...` and gives the exit code. Errors are printed.
int runCli(const Context& context, std::span<const std::string> words);
/// One line "faultline: what: why" and hints, or an object; gives the exit code that belongs to it.
int printError(const Context& context, const Error& error, std::string_view query = {});

// Options that many commands share.
inline constexpr OptionSpec kStoreOption{
    "store", "PATH", "the store to use (default: $FAULTLINE_STORE, else the one used last)"};
inline constexpr OptionSpec kFormatOption{"format", "F", "table, ndjson, csv or json"};
inline constexpr OptionSpec kFromOption{"from", "TIME",
                                        "from this time on: RFC 3339, 2026-11-22, an epoch, now-15m"};
inline constexpr OptionSpec kToOption{"to", "TIME", "up to, but without, this time"};
inline constexpr OptionSpec kViewOption{
    "view", "NAME", "a view saved in the window: its query, filters and range; with QUERY both hold"};
inline constexpr OptionSpec kTimingOption{
    "timing", "N", "ask N times past the caches, print first, median and least ms on stderr"};
inline constexpr OptionSpec kAllOption{"all", "", "list every source, also those with nothing to note"};

/// The options of a command that reads a store and prints rows: its own between the common ones.
template <class... Own> consteval std::array<OptionSpec, sizeof...(Own) + 3> readOptions(Own... own)
{
    return {kStoreOption, own..., kFormatOption, kTimingOption};
}
/// The same for a command that takes a query.
template <class... Own> consteval std::array<OptionSpec, sizeof...(Own) + 6> queryOptions(Own... own)
{
    return {kStoreOption, kFromOption, kToOption, kViewOption, own..., kFormatOption, kTimingOption};
}

} // namespace faultline::cli
