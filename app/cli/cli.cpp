#include "app/cli/asking.h"
#include "app/cli/command.h"
#include "app/cli/json_out.h"
#include "app/cli/table.h"
#include "models/base/near_words.h"
#include "models/query/filter.h"
#include "models/query/filter_text.h"
#include "models/records/json_text.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <nlohmann/json.hpp>

namespace faultline::cli {
namespace {

constexpr const Command* kCommands[] = {&ingestCommand, &searchCommand,   &countCommand,      &fieldsCommand,
                                        &statsCommand,  &patternsCommand, &compareCommand,    &traceCommand,
                                        &sqlCommand,    &sourcesCommand,  &quarantineCommand, &doctorCommand,
                                        &demoCommand,   &storesCommand,   &overviewCommand};

constexpr OptionSpec kCommonOptions[] = {
    {"json-errors", "", "errors as one JSON object on stderr"},
    {"help", "", "this help"},
};

std::string_view kindName(ErrorKind kind)
{
    switch (kind) {
    case ErrorKind::Usage: return "usage";
    case ErrorKind::NotFound: return "not_found";
    case ErrorKind::Input: return "input";
    case ErrorKind::Store: return "store";
    case ErrorKind::DiskFull: return "disk_full";
    case ErrorKind::Locked: return "locked";
    case ErrorKind::Damaged: return "damaged";
    case ErrorKind::Cancelled: return "cancelled";
    case ErrorKind::Deadline: return "deadline";
    case ErrorKind::Limit: return "limit";
    case ErrorKind::Unsupported: return "unsupported";
    case ErrorKind::Internal: return "internal";
    }
    return "internal";
}

void printOptions(const Context& context, std::span<const OptionSpec> options)
{
    std::size_t width = 0;
    for (const OptionSpec& option : options)
        width = std::max(width, option.name.size() + option.value.size());
    for (const OptionSpec& option : options) {
        std::string line =
            "  --" + std::string(option.name) + (option.value.empty() ? "" : " ") + std::string(option.value);
        line.append(width + 7 - line.size() + 2, ' ');
        print(context, line + std::string(option.help) + '\n');
    }
}

void printGeneralHelp(const Context& context)
{
    print(
        context,
        "Faultline " FAULTLINE_VERSION
        ": structured logs on a timeline, offline, with every line accounted for.\n\n"
        "  faultline [PATH...]          opens the window on files and folders, or on a store (*.faultline)\n"
        "  faultline --demo             opens it on a made-up incident\n"
        "  faultline --enable NAME      with a feature that is not yet trusted; faultline doctor lists them\n"
        "  faultline COMMAND [...]      faultline COMMAND --help shows its options and examples\n\n");
    std::size_t width = 0;
    for (const Command* command : kCommands) width = std::max(width, command->name.size());
    for (const Command* command : kCommands) {
        std::string line = "  " + std::string(command->name);
        line.append(width + 4 - line.size() + 2, ' ');
        print(context, line + std::string(command->summary) + '\n');
    }
    print(context,
          "\nA query is words and fields, as in the search bar:\n"
          "  timeout service:checkout -level:debug         words, a value, its opposite; AND by default\n"
          "  level:>=warn duration_ms>500 status:[500 TO 599]\n"
          "  message:\"connection reset\" path:/api/* user.id:*   message=~`took \\d{3,}ms` OR (a:1 AND "
          "NOT b:2)\n"
          "Times are RFC 3339, epochs, or relative (now-15m).\n\n"
          "Exit status: 0 done; 1 the answer is no (no match); 2 usage; 3 input or store.\n"
          "Environment: FAULTLINE_STORE names the store, FAULTLINE_DATA_DIR the folder of stores.\n\n"
          "First steps:\n"
          "  faultline overview /var/log/app\n"
          "  faultline ingest /var/log/app && faultline search level:error --newest\n"
          "  faultline demo && faultline count level:error --by service\n");
}

void printCommandHelp(const Context& context, const Command& command)
{
    print(context, "faultline " + std::string(command.name) + " " + std::string(command.usage) + "\n  " +
                       std::string(command.summary) + "\n");
    if (!command.details.empty()) print(context, "\n" + std::string(command.details));
    print(context, "\nOptions:\n");
    std::vector<OptionSpec> options(command.options.begin(), command.options.end());
    options.insert(options.end(), std::begin(kCommonOptions), std::end(kCommonOptions));
    printOptions(context, options);
    print(context, "\nExamples:\n" + std::string(command.examples));
}

Error unknownCommand(const std::string& word)
{
    Error error =
        makeError(ErrorKind::Usage, "run " + word,
                  word.starts_with('-') ? "there is no such option; those of a command stand behind it"
                                        : "there is no such command, and no file or folder of that name");
    std::vector<std::string> known;
    for (const Command* command : kCommands) known.emplace_back(command->name);
    for (const std::string& near : nearWords(word, known, 2))
        error.hints.push_back("Did you mean " + near + "?");
    error.hints.push_back("faultline --help lists the commands.");
    return error;
}

/// Says which segments the answers of a command did not see; its exit code is that of trouble then.
int withMissed(const Context& context, int code)
{
    std::map<SegmentId, MissedEvents> all;
    context.grounds->letGo();
    for (const MissedEvents& missed : context.grounds->missed) all.emplace(missed.segment, missed);
    if (all.empty()) return code;
    constexpr std::size_t kNamed = 5;
    std::uint64_t events = 0;
    std::size_t named = 0;
    Error error = makeError(ErrorKind::Damaged, "answer over the whole store", "");
    for (const auto& [segment, missed] : all) {
        events += missed.events;
        if (++named == 1)
            error.why = missed.line();
        else if (named <= kNamed)
            error.hints.push_back("Also " + missed.line() + ".");
    }
    if (all.size() > kNamed)
        error.hints.push_back("And " + counted(all.size() - kNamed, "more segment") + ": " +
                              counted(events, "event") + " in all.");
    error.hints.push_back("The answer above is exact for everything else.");
    error.hints.push_back("faultline doctor says what is damaged; with --repair it saves what can be saved.");
    const int trouble = printError(context, error);
    return code == Done || code == AnswerIsNo ? trouble : code;
}

} // namespace

void Grounds::letGo()
{
    for (const auto& engine : engines)
        for (MissedEvents& one : engine->missed()) missed.push_back(std::move(one));
    engines.clear();
}

std::optional<std::size_t> commandPlace(std::span<const std::string> words)
{
    std::size_t at = 0;
    while (at < words.size() && words[at].starts_with("--")) {
        if (words[at] == "--store")
            at += 2;
        else if (words[at].starts_with("--store=") || words[at] == "--json-errors")
            ++at;
        else
            return std::nullopt;
    }
    if (at >= words.size()) return std::nullopt;
    const auto isThis = [&](const Command* command) { return command->name == words[at]; };
    return std::any_of(std::begin(kCommands), std::end(kCommands), isThis) ? std::optional(at) : std::nullopt;
}

int printError(const Context& context, const Error& error, std::string_view query)
{
    std::fflush(context.out);
    if (context.jsonErrors) {
        nlohmann::ordered_json object = {
            {"kind", kindName(error.kind)}, {"what", error.what}, {"why", error.why}, {"hints", error.hints}};
        if (error.place) object["place"] = {{"offset", error.place->offset}, {"length", error.place->length}};
        if (error.bytesNeeded != 0) object["bytes_needed"] = error.bytesNeeded;
        std::fprintf(context.err, "%s\n", jsonText({{"error", object}}).c_str());
    } else {
        std::fprintf(context.err, "faultline: %s\n", safe(error.line()).c_str());
        if (error.place && !query.empty()) {
            // The query and the mark below it; what is wrong is said above, what would be valid below.
            std::string lines = explainFilterError(query, error), text;
            const std::size_t second = lines.find('\n');
            lines.resize(second == lines.npos ? lines.size()
                                              : std::min(lines.find('\n', second + 1), lines.size()));
            appendTerminalSafe(lines, text, true);
            std::fprintf(context.err, "%s\n", text.c_str());
        }
        for (const std::string& hint : error.hints) {
            const std::string_view offered = offeredQuery(hint);
            std::string text = hint.substr(0, hint.size() - offered.size());
            if (!offered.empty()) text += queryForPrompt(context, offered);
            std::fprintf(context.err, "  %s\n", safe(text).c_str());
        }
        if (error.bytesNeeded != 0)
            std::fprintf(context.err, "  %s of free space are needed.\n",
                         humanBytes(error.bytesNeeded).c_str());
    }
    return error.kind == ErrorKind::Usage ? BadUsage : Trouble;
}

int runCli(const Context& given, std::span<const std::string> words)
{
    Context context = given;
    context.grounds = std::make_shared<Grounds>();
    // Also for errors in the command line itself.
    context.jsonErrors = std::find(words.begin(), words.end(), "--json-errors") != words.end();
    const bool noCommand =
        !words.empty() && (words[0].starts_with("--") || words[0] == "window") && !commandPlace(words);
    if (words.empty() || words[0] == "-h" ||
        (noCommand && std::find(words.begin(), words.end(), "--help") != words.end()) ||
        (words[0] == "help" && words.size() == 1)) {
        printGeneralHelp(context);
        return Done;
    }
    if (words[0] == "--version") {
        print(context, "faultline " FAULTLINE_VERSION "\n");
        return Done;
    }
    if (const auto place = commandPlace(words); place && *place > 0) {
        std::vector<std::string> ordered{words[*place]};
        ordered.insert(ordered.end(), words.begin(), words.begin() + static_cast<std::ptrdiff_t>(*place));
        ordered.insert(ordered.end(), words.begin() + static_cast<std::ptrdiff_t>(*place) + 1, words.end());
        return runCli(given, ordered);
    }
    const bool help = words[0] == "help";
    const std::string& name = help ? words[1] : words[0];
    const auto found = std::find_if(std::begin(kCommands), std::end(kCommands),
                                    [&](const Command* c) { return c->name == name; });
    if (found == std::end(kCommands)) return printError(context, unknownCommand(name));
    const Command& command = **found;
    const auto rest = words.subspan(1);
    const auto stopHere = std::find(rest.begin(), rest.end(), "--");
    if (help || std::find(rest.begin(), stopHere, "--help") != stopHere ||
        (rest.size() == 1 && rest[0] == "-h")) {
        printCommandHelp(context, command);
        return Done;
    }
    std::vector<OptionSpec> options(command.options.begin(), command.options.end());
    options.insert(options.end(), std::begin(kCommonOptions), std::end(kCommonOptions));
    auto arguments = Arguments::parse(rest, options);
    if (!arguments) {
        Error error = arguments.error();
        error.hints.push_back("faultline " + name + " --help shows the options.");
        return printError(context, error);
    }
    auto code = command.run(context, *arguments);
    if (!code) {
        // An error with a place is about the query, which is what the values are (behind the field, for
        // stats); of ingest about the template, since its values are paths.
        const bool afterField = command.name == "stats";
        return printError(context, code.error(),
                          command.name == "ingest" ? arguments->value("path-template")
                                                   : queryText(*arguments, afterField ? 1 : 0));
    }
    // A full disk, a closed pipe: also when it showed in the middle.
    const bool failedBefore = std::ferror(context.out) != 0;
    if (std::fflush(context.out) != 0 || failedBefore)
        return printError(context, failedBefore
                                       ? makeError(ErrorKind::Input, "write the results",
                                                   "not all of them could be written; the disk may be full")
                                       : systemError(ErrorKind::Input, "write the results", errno));
    return withMissed(context, *code);
}

} // namespace faultline::cli
