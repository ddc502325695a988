#include "models/session/demo/demo.h"

#include "app/cli/demo_store.h"
#include "app/cli/ledger_text.h"
#include "app/cli/progress.h"
#include "app/cli/table.h"
#include "models/records/time_text.h"
#include "models/records/user_time.h"
#include "models/session/demo_files.h"
#include "models/session/store_places.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>

namespace faultline::cli {
namespace {

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
    {"no-files", "", "delete the files once they are in the store"},
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
                             "\"" + arguments.value("start") + "\" is not a time",
                             {std::string(kUserTimeForms)});
        options.start = *start - *start % kSecondNs;
    }
    if (arguments.has("merged")) options.layout = DemoOptions::Layout::Merged;
    options.metrics = options.markers = !arguments.has("logs-only");
    return options;
}

std::function<void(std::uint64_t, std::uint64_t)> demoProgress(ProgressLine& line, std::uint64_t target)
{
    return [&line, target](std::uint64_t events, std::uint64_t bytes) {
        line.show("making the demo: " + grouped(events) + " of about " + grouped(target) + " events, " +
                  humanBytes(bytes));
    };
}

std::uint64_t bytesBelow(const std::string& folder)
{
    namespace fs = std::filesystem;
    std::uint64_t bytes = 0;
    std::error_code failed;
    for (fs::recursive_directory_iterator at(folder, failed), end; !failed && at != end;
         at.increment(failed)) {
        std::error_code noFile;
        const auto size = at->file_size(noFile);
        if (!noFile) bytes += size;
    }
    return bytes;
}

Result<int> run(const Context& context, const Arguments& arguments)
{
    if (auto status = arguments.optionsOnly("demo"); !status) return status.error();
    auto options = demoOptions(context, arguments);
    if (!options) return options.error();
    if (arguments.has("out")) {
        // It makes no store, and the files are all there is.
        for (const char* other : {"store", "no-files"})
            if (arguments.has(other))
                return makeError(ErrorKind::Usage, "demo",
                                 "--out and --" + std::string(other) + " contradict each other",
                                 {"--out FOLDER only writes the files; to read them: faultline ingest FOLDER "
                                  "--store PATH"});
        DemoFolderSink sink(arguments.value("out"), arguments.has("gzip"));
        ProgressLine line(context);
        options->progress = demoProgress(line, options->events);
        auto report = generateDemo(*options, sink, context.stop);
        if (!report) return report.error();
        for (const std::string& file : sink.files()) print(context, safe(file) + "\n");
        std::fprintf(context.err, "%s, %s of logs\n", counted(report->events, "event").c_str(),
                     humanBytes(report->bytes).c_str());
        return Done;
    }
    std::string store = arguments.value("store");
    if (store.empty()) store = StorePlaces(context.dataDirectory).named("demo");
    auto done = readDemo(context, store, *options, arguments.has("gzip"));
    if (!done) return done.error();
    printLedger(context, done->report.sources, done->report.total);
    const int code = exitCodeOf(context, *done);
    printStoreLine(context, *done);
    const bool erase = arguments.has("no-files") && code == Done;
    if (Status status = finishDemoFiles(context, *options, arguments.has("gzip"), erase); !status)
        return status.error();
    return code;
}

} // namespace

Result<ReadIn> readDemo(const Context& context, const std::string& store, const DemoOptions& options,
                        bool gzip)
{
    if (Status status = folderOfStoreExists(context, store); !status) return status.error();
    ProgressLine line(context);
    DemoOptions shown = options;
    shown.progress = demoProgress(line, options.events);
    auto paths = ensureDemoFiles(context.dataDirectory, shown, gzip, context.stop);
    if (!paths) return paths.error();
    IngestRequest request;
    request.paths = std::move(*paths);
    return readIn(context, store, request);
}

Status finishDemoFiles(const Context& context, const DemoOptions& options, bool gzip, bool erase)
{
    const std::string folder = demoFolder(context.dataDirectory, options, gzip);
    const std::string size = humanBytes(bytesBelow(folder));
    if (!erase) {
        print(context, "files: " + safe(folder) + " (" + size +
                           ", kept for the next time; faultline demo --no-files deletes them)\n");
        return {};
    }
    std::error_code failed;
    std::filesystem::remove_all(folder, failed);
    if (failed) return systemError(ErrorKind::Input, "delete the folder " + folder, failed.value());
    print(context, "files: " + size + ", deleted\n");
    return {};
}

const Command demoCommand = {
    "demo",
    "[--store PATH | --out FOLDER] [OPTION...]",
    "a made-up incident: six hours of a shop with twelve services",
    "Deterministic: the same options give the same bytes on any machine. A feature flag with a slow query is "
    "rolled out,\n"
    "the database's pool of connections runs out, failures cascade, the flag is rolled back; three minutes "
    "before the flag\n"
    "there is a harmless deploy. The files (half a kilobyte an event) are kept below the data directory, so "
    "that a second\n"
    "start need not make them again; their place and size are printed, --no-files deletes them after "
    "reading. "
    "With --out\n"
    "they are only written: logs, metrics (Prometheus text) and markers.\n",
    "  faultline demo\n"
    "  faultline demo --events 2000000 --no-files --store big.faultline\n"
    "  faultline demo --out /tmp/demo --events 10000000 --entropy 0.5\n"
    "  faultline demo --out /tmp/demo --events 50000000 --gzip --rotate 512 --logs-only\n",
    kOptions,
    run};

} // namespace faultline::cli
