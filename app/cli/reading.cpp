#include "app/cli/reading.h"

#include "app/cli/json_out.h"
#include "app/cli/progress.h"
#include "app/cli/table.h"
#include "models/ingest/glob.h"
#include "models/session/store_places.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <vector>

namespace faultline::cli {
namespace {

struct Absence
{
    std::string name, why;
};

/// What `ingest no-such-file` says.
Error nothingThere(const std::vector<Absence>& absent)
{
    Error error = makeError(ErrorKind::NotFound, "read " + absent.front().name, absent.front().why);
    for (std::size_t i = 1; i < absent.size(); ++i)
        error.hints.push_back(absent[i].name + ": " + absent[i].why);
    error.hints.push_back("Paths are files, folders, globs in quotes, archives, or - for standard input.");
    return error;
}

/// The paths, when none of them leads anywhere. A path in an archive may.
std::vector<Absence> absentPaths(const std::vector<std::string>& paths)
{
    std::vector<Absence> absent;
    for (const std::string& path : paths) {
        std::error_code failed;
        if (path == "-" || std::filesystem::exists(std::filesystem::symlink_status(path, failed)) ||
            path.find('!') != std::string::npos)
            return {};
        if (!hasGlob(path))
            absent.push_back({path, std::generic_category().message(ENOENT)});
        else if (expandGlob(path).empty())
            absent.push_back({path, "nothing matches this pattern"});
        else
            return {};
    }
    return absent;
}

/// The same from a report: nothing when some path led somewhere.
std::vector<Absence> absentPaths(const IngestReport& report)
{
    std::vector<Absence> absent;
    for (const SourceReport& source : report.sources) {
        if (source.state != SourceState::Unreadable || source.id.value != 0) return {};
        absent.push_back({source.name, source.detail});
    }
    return absent;
}

/// See ReadIn::nothing.
std::string whyNothing(const IngestReport& report, const std::vector<SourceRecord>& before)
{
    if (report.cancelled || report.total.received.bytes != 0) return {};
    const auto isKnown = [&before](const SourceReport& source) {
        return std::any_of(before.begin(), before.end(), [&source](const SourceRecord& known) {
            return known.id == source.id && known.ledger.received.bytes != 0;
        });
    };
    if (std::any_of(report.sources.begin(), report.sources.end(), isKnown)) return {};
    if (report.sources.empty()) return "there is no file below what was named";
    const SourceReport& first = report.sources.front();
    std::string why = first.name == "-" ? "standard input" : first.name;
    why += ": " + (first.detail.empty() ? std::string("empty") : first.detail);
    if (report.sources.size() > 1)
        why += "; and " + counted(report.sources.size() - 1, "other source") + " without a record";
    return why;
}

/// True to keep. Without somebody to ask, what was read is kept: a later run goes on from there.
bool askToKeep(const Context& context, std::uint64_t events)
{
    if (!context.inIsTerminal || !context.errIsTerminal) return true;
    std::fprintf(context.err, "Stopped. Keep the %s read so far, or discard them? [K/d] ",
                 counted(events, "event").c_str());
    std::fflush(context.err);
    char answer[16] = "";
    if (!std::fgets(answer, sizeof answer, stdin)) return true;
    return answer[0] != 'd' && answer[0] != 'D';
}

} // namespace

Status folderOfStoreExists(const Context& context, const std::string& store)
{
    namespace fs = std::filesystem;
    std::error_code failed;
    const fs::path folder = fs::absolute(store, failed).lexically_normal().parent_path();
    if (failed || fs::is_directory(folder, failed)) return {};
    const fs::path own = fs::absolute(context.dataDirectory, failed).lexically_normal();
    if (!context.dataDirectory.empty() && (folder.string() + '/').starts_with(own.string() + '/')) return {};
    return makeError(ErrorKind::NotFound, "make the store " + store, "there is no folder " + folder.string(),
                     {"Make the folder first, or name a store in one that is there."});
}

Result<ReadIn> readIn(const Context& context, const std::string& store, const IngestRequest& request)
{
    Workspace::Options options;
    options.storePath = store;
    options.write = options.create = true;
    options.clock = context.clock;
    // Before a store is made: another process may be about to use it, so that none is taken back later.
    if (const auto absent = absentPaths(request.paths); !absent.empty()) return nothingThere(absent);
    if (Status status = folderOfStoreExists(context, store); !status) return status.error();
    auto workspace = Workspace::open(options);
    if (!workspace) return workspace.error();
    context.grounds->engines.push_back((*workspace)->engine());
    auto before = (*workspace)->store()->sources();
    if (!before) return before.error();
    ReadIn result;
    {
        ProgressLine line(context);
        auto report =
            (*workspace)
                ->ingest(
                    request, [&line](const IngestProgress& progress) { line.show(progress); }, context.stop);
        if (!report) return report.error();
        result.report = std::move(*report);
    }
    if (const auto absent = absentPaths(result.report); !absent.empty()) return nothingThere(absent);
    result.nothing = whyNothing(result.report, *before);
    // The next command is not to look into a store without a log.
    if (result.nothing.empty())
        StorePlaces(context.dataDirectory).rememberLast((*workspace)->store()->path());
    if (result.report.cancelled) {
        const std::uint64_t events = result.report.total.events;
        if (askToKeep(context, events)) {
            std::fprintf(
                context.err,
                "faultline: stopped: what was read (%s) is kept in %s; the same command goes on from "
                "there\n",
                counted(events, "event").c_str(), safe((*workspace)->store()->path()).c_str());
        } else {
            auto kept = (*workspace)->discard(result.report, *before);
            if (!kept) return kept.error();
            std::fprintf(context.err, "faultline: stopped: what this run read is discarded\n");
            for (const std::string& name : *kept)
                std::fprintf(context.err, "  except of %s, which an earlier run had begun\n",
                             safe(name).c_str());
        }
    }
    result.workspace = std::move(*workspace);
    return result;
}

void printStoreLine(const Context& context, ReadIn& done)
{
    const std::string path = done.workspace->store()->path();
    context.grounds->letGo();
    done.workspace.reset(); // its end writes the log back
    std::uint64_t bytes = 0;
    for (const char* suffix : {"", "-wal"}) { // a log that another process still has open counts too
        std::error_code failed;
        const auto size = std::filesystem::file_size(path + suffix, failed);
        if (!failed) bytes += size;
    }
    print(context, "store: " + safe(path) + " (" + humanBytes(bytes) + ")\n");
}

int exitCodeOf(const Context& context, const ReadIn& done)
{
    const IngestReport& report = done.report;
    const bool bad =
        std::any_of(report.sources.begin(), report.sources.end(),
                    [](const SourceReport& source) { return source.state == SourceState::Unreadable; });
    if (report.cancelled || bad) return Trouble;
    if (done.nothing.empty()) return Done;
    std::fflush(context.out);
    const std::string line = "no log was read: " + done.nothing;
    if (context.jsonErrors)
        std::fprintf(context.err, "%s\n", jsonText({{"notes", {line}}}).c_str());
    else
        std::fprintf(context.err, "faultline: %s\n", safe(line).c_str());
    return AnswerIsNo;
}

} // namespace faultline::cli
