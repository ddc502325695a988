#include "app/cli/asking.h"
#include "app/cli/demo_store.h"
#include "app/cli/histogram_text.h"
#include "app/cli/ledger_text.h"
#include "app/cli/patterns_table.h"
#include "app/cli/reading.h"
#include "app/cli/table.h"
#include "models/session/dense_range.h"
#include "models/session/store_places.h"

#include <algorithm>

namespace faultline::cli {
namespace {

constexpr OptionSpec kOptions[] = {
    {"store", "PATH", "the store to read into (default: one of its own for these paths)"},
    {"top", "K", "patterns of errors to show (default 10)"},
    kAllOption,
};

Result<int> run(const Context& context, const Arguments& arguments)
{
    auto top = arguments.number("top", 10, 1, 10'000);
    if (!top) return top.error();
    const StorePlaces places(context.dataDirectory);
    const auto& paths = arguments.values();
    std::string store = arguments.value("store");
    if (store.empty()) store = paths.empty() ? places.named("demo") : places.forPaths(paths);
    IngestRequest request;
    request.paths = paths;
    auto done =
        paths.empty() ? readDemo(context, store, DemoOptions(), false) : readIn(context, store, request);
    if (!done) return done.error();
    Workspace& workspace = *done->workspace;

    HistogramQuestion timeline;
    timeline.by = {"severity"};
    auto step = automaticStep(workspace, TimeRange(), 40);
    if (!step) return step.error();
    timeline.step = *step;
    auto snapshot = workspace.store()->snapshot();
    if (!snapshot) return snapshot.error();
    const DenseRange times = denseRange(**snapshot, *workspace.store(), context.stop);
    if (times.outside != 0) timeline.selection.range = times.dense;
    PatternQuestion errors;
    auto filter = parseFilter("severity:>=error", context.clock->now());
    if (!filter) return filter.error();
    errors.selection.filter = *filter;
    errors.top = *top;
    auto histogram = workspace.engine()->ask(timeline, context.stop);
    if (!histogram) return histogram.error();
    auto patterns = workspace.engine()->ask(errors, context.stop);
    if (!patterns) return patterns.error();
    CountQuestion timed; // nearly all time is not all time: only events with a time of their own take part
    timed.selection.range.begin = kTimeMin + 1;
    auto withTime = workspace.engine()->ask(timed, context.stop);
    if (!withTime) return withTime.error();
    const std::uint64_t known = std::get<CountAnswer>(*withTime).count;
    const std::uint64_t untimed = (*snapshot)->events - std::min((*snapshot)->events, known);
    auto sources = workspace.store()->sources();
    if (!sources) return sources.error();

    print(context, "Timeline\n");
    if (known == 0)
        print(context, "no event has a time of its own\n");
    else
        printHistogram(context, timeline, std::get<HistogramAnswer>(*histogram));
    if (times.outside != 0)
        print(context, counted(times.outside, "event lies", "events lie") +
                           " far outside of this range (faultline count --step 365d)\n");
    if (untimed != 0 && known != 0)
        print(context, counted(untimed, "event has", "events have") +
                           " no time of their own and are not on the timeline\n");
    print(context, "\nLedger\n");
    Ledger total;
    const std::vector<SourceReport> reports = reportsOf(*sources, total);
    printLedger(context, reports, total, {.ids = false, .all = arguments.has("all")});
    const auto& busiest = std::get<PatternAnswer>(*patterns).patterns;
    print(context, "\nBusiest patterns of errors\n");
    if (busiest.empty())
        print(context, "no event is an error\n");
    else
        printPatterns(context, busiest);
    print(context, "\n");
    const int code = exitCodeOf(context, *done);
    printStoreLine(context, *done);
    if (paths.empty())
        if (Status status = finishDemoFiles(context, DemoOptions(), false, false); !status)
            return status.error();
    print(context,
          "Next: faultline search level:error --newest, faultline fields level:error, faultline --help\n");
    return code;
}

} // namespace

const Command overviewCommand = {
    "overview",
    "[PATH...] [OPTION...]",
    "reads the paths (the demo when none) and prints timeline, ledger and error patterns",
    "What the window shows first, for a terminal.\n",
    "  faultline overview\n"
    "  faultline overview /var/log/app\n",
    kOptions,
    run};

} // namespace faultline::cli
