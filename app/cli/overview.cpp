#include "app/cli/asking.h"
#include "app/cli/demo_store.h"
#include "app/cli/histogram_text.h"
#include "app/cli/ledger_text.h"
#include "app/cli/patterns_table.h"
#include "app/cli/reading.h"
#include "app/cli/table.h"
#include "models/session/store_monitor.h"
#include "models/session/store_places.h"

namespace faultline::cli {
namespace {

constexpr OptionSpec kOptions[] = {
    {"store", "PATH", "the store to read into (default: one of its own for these paths)"},
    {"top", "K", "patterns of errors to show (default 10)"},
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
    std::uint64_t outside = 0;
    if (const TimeRange dense = denseRange(**snapshot, outside); outside != 0)
        timeline.selection.range = dense;
    PatternQuestion errors;
    auto filter = parseFilter("severity:>=error", context.clock->now());
    if (!filter) return filter.error();
    errors.selection.filter = *filter;
    errors.top = *top;
    auto histogram = workspace.engine()->ask(timeline, context.stop);
    if (!histogram) return histogram.error();
    auto patterns = workspace.engine()->ask(errors, context.stop);
    if (!patterns) return patterns.error();
    auto sources = workspace.store()->sources();
    if (!sources) return sources.error();

    print(context, "Timeline\n");
    printHistogram(context, timeline, std::get<HistogramAnswer>(*histogram));
    if (outside != 0)
        print(context,
              grouped(outside) + " events lie far outside of this range (faultline count --step 365d)\n");
    print(context, "\nLedger\n");
    std::vector<SourceReport> reports;
    Ledger total;
    for (const SourceRecord& source : *sources) {
        SourceReport report;
        report.name = source.name;
        report.format = source.format;
        report.state = source.state;
        report.detail = source.detail;
        report.ledger = source.ledger;
        total += source.ledger;
        reports.push_back(std::move(report));
    }
    printLedger(context, reports, total);
    const auto& busiest = std::get<PatternAnswer>(*patterns).patterns;
    print(context, "\nBusiest patterns of errors\n");
    if (busiest.empty())
        print(context, "no event is an error\n");
    else
        printPatterns(context, busiest);
    print(context, "\nstore: " + safe(workspace.store()->path()) + " (" +
                       humanBytes(workspace.store()->fileBytes()) + ")\n");
    print(context,
          "Next: faultline search level:error --newest, faultline fields level:error, faultline --help\n");
    return exitCodeOf(done->report);
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
