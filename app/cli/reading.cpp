#include "app/cli/reading.h"

#include "app/cli/progress.h"
#include "app/cli/table.h"
#include "models/session/store_places.h"

#include <algorithm>

namespace faultline::cli {
namespace {

/// True to keep. Without somebody to ask, what was read is kept: a later run goes on from there.
bool askToKeep(const Context& context, std::uint64_t events)
{
    if (!context.inIsTerminal || !context.errIsTerminal) return true;
    std::fprintf(context.err, "Stopped. Keep the %s events read so far, or discard them? [K/d] ",
                 grouped(events).c_str());
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
    auto workspace = Workspace::open(options);
    if (!workspace) return workspace.error();
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
    StorePlaces(context.dataDirectory).rememberLast((*workspace)->store()->path());
    if (result.report.cancelled) {
        const std::uint64_t events = result.report.total.events;
        if (askToKeep(context, events)) {
            std::fprintf(context.err,
                         "faultline: stopped: %s events that were read are kept in %s; the same command goes "
                         "on from there\n",
                         grouped(events).c_str(), safe((*workspace)->store()->path()).c_str());
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

int exitCodeOf(const IngestReport& report)
{
    const bool bad =
        std::any_of(report.sources.begin(), report.sources.end(),
                    [](const SourceReport& source) { return source.state == SourceState::Unreadable; });
    return report.cancelled || bad ? Trouble : Done;
}

} // namespace faultline::cli
