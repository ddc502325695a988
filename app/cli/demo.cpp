#include "models/session/demo/demo.h"

#include "app/cli/demo_store.h"
#include "app/cli/ledger_text.h"
#include "app/cli/progress.h"
#include "app/cli/table.h"
#include "models/records/time_text.h"
#include "models/session/store_places.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>

namespace faultline::cli {
namespace {

namespace fs = std::filesystem;

constexpr OptionSpec kOptions[] = {
    {"store", "PATH", "the store to read into (default: the demo's own)"},
    {"out", "FOLDER", "only write the files below this folder, make no store"},
    {"events", "N", "log lines to aim at (default 210000)"},
    {"seed", "N", "another incident of the same kind (default 1)"},
    {"entropy", "SHARE", "share of requests with random ids, 0 to 1 (default 1); sizes depend on it"},
    {"start", "TIME", "when the six hours begin (default 2026-11-17T12:00:00Z)"},
    {"merged", "", "one file for all services, in order of time"},
    {"gzip", "", "write .gz files"},
    {"rotate", "MB", "begin another log file after so many megabytes"},
    {"logs-only", "", "no metrics and no markers"},
};

Result<DemoOptions> demoOptions(const Context& context, const Arguments& arguments)
{
    DemoOptions options;
    auto events = arguments.number("events", options.events, 1, 10'000'000'000);
    if (!events) return events.error();
    options.events = *events;
    auto seed = arguments.number("seed", options.seed, 0, UINT64_MAX);
    if (!seed) return seed.error();
    options.seed = *seed;
    auto rotate = arguments.number("rotate", 0, 1, 1'000'000);
    if (!rotate) return rotate.error();
    options.rotateBytes = *rotate * 1'000'000;
    if (arguments.has("entropy")) {
        const std::string text = arguments.value("entropy");
        char* end = nullptr;
        const double share = std::strtod(text.c_str(), &end);
        if (text.empty() || *end != '\0' || !(share >= 0 && share <= 1))
            return makeError(ErrorKind::Usage, "read the option --entropy",
                             "\"" + text + "\" is not from 0 to 1");
        options.entropyPermille = static_cast<std::uint32_t>(std::lround(share * 1000));
    }
    if (arguments.has("start")) {
        const auto start = parseUserTime(arguments.value("start"), context.clock->now());
        if (!start)
            return makeError(ErrorKind::Usage, "read the option --start",
                             "\"" + arguments.value("start") + "\" is not a time");
        options.start = *start - *start % kSecondNs;
    }
    if (arguments.has("merged")) options.layout = DemoOptions::Layout::Merged;
    options.metrics = options.markers = !arguments.has("logs-only");
    return options;
}

Result<DemoReport> writeDemo(const Context& context, DemoOptions options, DemoSink& sink)
{
    ProgressLine line(context);
    const std::uint64_t target = options.events;
    options.progress = [&line, target](std::uint64_t events, std::uint64_t bytes) {
        line.show("making the demo: " + grouped(events) + " of about " + grouped(target) + " events, " +
                  humanBytes(bytes));
    };
    return generateDemo(options, sink, context.stop);
}

/// Half-written files of a run that failed are of no use to anybody.
class Scratch
{
public:
    explicit Scratch(fs::path path) : m_path(std::move(path)) {}
    ~Scratch()
    {
        std::error_code code;
        if (!m_path.empty()) fs::remove_all(m_path, code);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    void keep() { m_path.clear(); }

private:
    fs::path m_path;
};

Result<int> run(const Context& context, const Arguments& arguments)
{
    if (!arguments.values().empty())
        return makeError(ErrorKind::Usage, "demo",
                         "it takes options only, not \"" + arguments.values().front() + "\"");
    auto options = demoOptions(context, arguments);
    if (!options) return options.error();
    if (arguments.has("out")) {
        DemoFolderSink sink(arguments.value("out"), arguments.has("gzip"));
        auto report = writeDemo(context, *options, sink);
        if (!report) return report.error();
        for (const std::string& file : sink.files()) print(context, safe(file) + "\n");
        std::fprintf(context.err, "%s events, %s of logs\n", grouped(report->events).c_str(),
                     humanBytes(report->bytes).c_str());
        return Done;
    }
    std::string store = arguments.value("store");
    if (store.empty()) store = StorePlaces(context.dataDirectory).named("demo");
    auto done = readDemo(context, store, *options, arguments.has("gzip"));
    if (!done) return done.error();
    printLedger(context, done->report.sources, done->report.total);
    print(context, "store: " + safe(done->workspace->store()->path()) + " (" +
                       humanBytes(done->workspace->store()->fileBytes()) + ")\n");
    return exitCodeOf(done->report);
}

} // namespace

Result<ReadIn> readDemo(const Context& context, const std::string& store, const DemoOptions& options,
                        bool gzip)
{
    // The files stay in the data directory: the window can open the folder, and a second start need not write
    // them. The name holds everything that decides the bytes.
    std::string name = "demo-" + std::to_string(options.seed) + "-" + std::to_string(options.events) + "-" +
                       std::to_string(options.entropyPermille) + "-" +
                       std::to_string(options.start / kSecondNs);
    if (options.layout == DemoOptions::Layout::Merged) name += "-merged";
    if (options.rotateBytes != 0) name += "-" + std::to_string(options.rotateBytes);
    if (!options.metrics) name += "-logs";
    if (gzip) name += "-gz";
    const fs::path folder = fs::path(context.dataDirectory) / "demo" / name;
    std::error_code code;
    if (!fs::exists(folder, code)) {
        const fs::path scratch = folder.string() + ".part";
        fs::remove_all(scratch, code);
        Scratch guard(scratch);
        DemoFolderSink sink(scratch.string(), gzip);
        auto made = writeDemo(context, options, sink);
        if (!made) return made.error();
        fs::rename(scratch, folder, code);
        if (code) return systemError(ErrorKind::Input, "make the folder " + folder.string(), code.value());
        guard.keep();
    }
    IngestRequest request;
    request.paths.push_back((folder / "logs").string());
    if (options.markers) request.paths.push_back((folder / "markers").string());
    return readIn(context, store, request);
}

const Command demoCommand = {
    "demo",
    "[--store PATH | --out FOLDER] [OPTION...]",
    "a made-up incident: six hours of a shop with twelve services",
    "Deterministic: the same options give the same bytes on any machine. A feature flag with a slow query is "
    "rolled out,\n"
    "the database's pool of connections runs out, failures cascade, the flag is rolled back; three minutes "
    "before the flag\n"
    "there is a harmless deploy. With --out the files are only written: logs, metrics (Prometheus text) and "
    "markers.\n",
    "  faultline demo\n"
    "  faultline demo --out /tmp/demo --events 10000000 --entropy 0.5\n"
    "  faultline demo --out /tmp/demo --events 50000000 --gzip --rotate 512 --logs-only\n",
    kOptions,
    run};

} // namespace faultline::cli
