#include "app/cli/json_out.h"
#include "app/cli/ledger_text.h"
#include "app/cli/preflight_text.h"
#include "app/cli/reading.h"
#include "app/cli/table.h"
#include "models/ingest/detect.h"
#include "models/ingest/path_template.h"
#include "models/session/store_places.h"

#include <cstdlib>
#include <nlohmann/json.hpp>

namespace faultline::cli {
namespace {

constexpr OptionSpec kOptions[] = {
    {"store", "PATH", "the store to read into (default: one of its own for these paths)"},
    {"follow", "", "go on reading as the files grow, until Ctrl-C"},
    {"input-format", "F", "do not recognise the format: json, logfmt, docker, cri, ..."},
    {"again", "", "keep a second copy of content that the store already has"},
    {"path-template", "T", "fields from the path: {host}/var/log/{service}/..."},
    {"zone", "OFFSET", "zone of times that name none: +02:00 (default: UTC)"},
    {"workers", "N", "threads (default: cores)"},
    {"preflight", "", "only say what would be read: formats, times, size, how long, free disk"},
    kAllOption,
    {"json", "", "print the ledger as one JSON object"},
    {"timing", "", "print the time taken and the rate on stderr"},
};

/// "+02:00", "-0530", "+2": minutes east of UTC.
Result<std::int16_t> zoneOf(const std::string& text)
{
    if (text == "Z" || text == "UTC" || text.empty()) return std::int16_t{0};
    int sign = 0, hours = 0, minutes = 0;
    std::string digits;
    for (const char c : text.substr(1))
        if (c >= '0' && c <= '9')
            digits += c;
        else if (c != ':')
            digits += 'x';
    sign = text[0] == '+' ? 1 : text[0] == '-' ? -1 : 0;
    const bool plain = !digits.empty() && digits.size() <= 4 && digits.find('x') == digits.npos;
    if (plain) {
        const int value = std::atoi(digits.c_str());
        hours = digits.size() <= 2 ? value : value / 100;
        minutes = digits.size() <= 2 ? 0 : value % 100;
    }
    if (sign == 0 || !plain || hours > 18 || minutes > 59)
        return makeError(ErrorKind::Usage, "read the option --zone",
                         "\"" + text + "\" is not an offset such as +02:00");
    return static_cast<std::int16_t>(sign * (hours * 60 + minutes));
}

Result<int> run(const Context& context, const Arguments& arguments)
{
    if (arguments.values().empty())
        return makeError(ErrorKind::Usage, "ingest", "the paths are missing",
                         {"faultline ingest /var/log/app", "faultline ingest - reads standard input"});
    IngestRequest request;
    request.paths = arguments.values();
    request.follow = arguments.has("follow");
    if (arguments.has("input-format")) {
        auto format = formatNamed(arguments.value("input-format"));
        if (!format) return format.error();
        request.inputFormat = *format;
    }
    request.again = arguments.has("again");
    request.pathTemplate = arguments.value("path-template");
    // Before a store is made.
    if (!request.pathTemplate.empty())
        if (const auto parsed = PathTemplate::parse(request.pathTemplate); !parsed) return parsed.error();
    auto zone = zoneOf(arguments.value("zone"));
    if (!zone) return zone.error();
    request.zoneOffsetMinutes = *zone;
    auto workers = arguments.number("workers", 0, 1, 256);
    if (!workers) return workers.error();
    request.workers = *workers;

    std::string store = arguments.value("store");
    if (const char* own = std::getenv("FAULTLINE_STORE"); store.empty() && own) store = own;
    if (store.empty()) store = StorePlaces(context.dataDirectory).forPaths(request.paths);
    if (arguments.has("preflight"))
        return runPreflight(context, request.paths, store, arguments.has("json"), arguments.has("all"));
    auto done = readIn(context, store, request);
    if (!done) return done.error();
    const IngestReport& report = done->report;
    if (arguments.has("json")) {
        print(context, jsonText(ledgerJson(report.sources, report.total)) + "\n");
    } else {
        printLedger(context, report.sources, report.total, {.ids = false, .all = arguments.has("all")});
        printStoreLine(context, *done);
    }
    if (arguments.has("timing")) {
        const double seconds = report.seconds > 0 ? report.seconds : 1e-9;
        std::fprintf(context.err, "{\"seconds\":%.3f,\"events_per_second\":%.0f,\"bytes_per_second\":%.0f}\n",
                     report.seconds, static_cast<double>(report.total.events) / seconds,
                     static_cast<double>(report.total.received.bytes) / seconds);
    }
    return exitCodeOf(context, *done);
}

} // namespace

const Command ingestCommand = {
    "ingest",
    "PATH... [OPTION...]",
    "reads files, folders, globs, archives or standard input (-), prints the ledger",
    "Reads each record exactly once: a second run, also after a kill, goes on where the first ended; a file "
    "that was\n"
    "renamed, compressed or has grown is recognised by its content. For every source: received = stored + "
    "quarantined +\n"
    "duplicates. On Ctrl-C what was committed stays, or is discarded when you say so. Of more than forty "
    "sources only those\n"
    "that need attention are listed; --all lists every one, also what was skipped and what was a duplicate, "
    "with the reason.\n"
    "Exit status 3 when a named source could not be read; 1 when none of what was named is a log (empty, "
    "binary data) and\n"
    "nothing of it was read before.\n",
    "  faultline ingest /var/log/app\n"
    "  faultline ingest 'logs/*.ndjson.gz' incident.zip --store case.faultline\n"
    "  kubectl logs deploy/checkout | faultline ingest - --store case.faultline\n"
    "  faultline ingest --follow /var/log/app/current.log\n"
    "  faultline ingest --preflight /mnt/incident --all\n"
    "  faultline ingest logs --json | jq .total\n",
    kOptions,
    run};

} // namespace faultline::cli
