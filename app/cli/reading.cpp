#include "app/cli/reading.h"

#include "app/cli/progress.h"
#include "app/cli/table.h"
#include "models/session/store_places.h"

#include <algorithm>
#include <filesystem>
#include <optional>

namespace faultline::cli {
namespace {

/// What `ingest no-such-file` says; nothing when some path led somewhere.
std::optional<Error> nothingThere(const IngestReport& report)
{
    const auto isMissing = [](const SourceReport& source) {
        return source.state == SourceState::Unreadable && source.id.value == 0;
    };
    if (report.sources.empty() || !std::all_of(report.sources.begin(), report.sources.end(), isMissing))
        return std::nullopt;
    Error error =
        makeError(ErrorKind::NotFound, "read " + report.sources.front().name, report.sources.front().detail);
    for (std::size_t i = 1; i < report.sources.size(); ++i)
        error.hints.push_back(report.sources[i].name + ": " + report.sources[i].detail);
    error.hints.push_back("Paths are files, folders, globs in quotes, archives, or - for standard input.");
    return error;
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

Result<ReadIn> readIn(const Context& context, const std::string& store, const IngestRequest& request)
{
    Workspace::Options options;
    options.storePath = store;
    options.write = options.create = true;
    options.clock = context.clock;
    std::error_code failed;
    const bool existed = std::filesystem::exists(store, failed);
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
    if (auto error = nothingThere(result.report)) {
        context.grounds->letGo();
        workspace->reset();
        if (!existed) (void)Catalogue::remove(store);
        return *std::move(error);
    }
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

int exitCodeOf(const IngestReport& report)
{
    const bool bad =
        std::any_of(report.sources.begin(), report.sources.end(),
                    [](const SourceReport& source) { return source.state == SourceState::Unreadable; });
    return report.cancelled || bad ? Trouble : Done;
}

} // namespace faultline::cli
