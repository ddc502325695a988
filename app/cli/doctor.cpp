#include "models/store/doctor.h"

#include "app/cli/asking.h"
#include "app/cli/json_out.h"
#include "app/cli/progress.h"
#include "app/cli/table.h"
#include "models/session/settings.h"

#include <nlohmann/json.hpp>

namespace faultline::cli {
namespace {

constexpr OptionSpec kOptions[] = {kStoreOption,
                                   {"repair", "", "mend what can be mended; says exactly what was lost"},
                                   {"json", "", "the findings as one JSON object"}};

std::string_view gradeName(DoctorFinding::Grade grade)
{
    switch (grade) {
    case DoctorFinding::Grade::Note: return "note";
    case DoctorFinding::Grade::Problem: return "problem";
    case DoctorFinding::Grade::Repaired: return "repaired";
    case DoctorFinding::Grade::Lost: return "lost";
    }
    return "problem";
}

/// Which experiments are switched on in the window's settings.
void printExperiments(const Context& context, const Settings& settings)
{
    for (const Experiment& each : experiments())
        print(context, "experiment " + std::string(each.name) + ": " +
                           (settings.experiments.kept(each.name) ? "on" : "off") + " (" +
                           std::string(each.title) + ")\n");
}

Result<int> run(const Context& context, const Arguments& arguments)
{
    if (auto status = arguments.optionsOnly("doctor"); !status) return status.error();
    auto path = storePath(context, arguments);
    if (!path) return path.error();
    DoctorOptions options;
    options.repair = arguments.has("repair");
    options.clock = context.clock;
    options.stop = context.stop;
    Result<DoctorReport> report = [&] {
        ProgressLine line(context);
        options.progress = [&line](std::uint64_t done, std::uint64_t all) {
            line.show("checking segment " + grouped(done) + " of " + grouped(all));
        };
        return runDoctor(*path, options);
    }();
    if (!report) return report.error();
    std::vector<Error> damaged;
    const Settings settings = readSettings(UserState(context.dataDirectory), damaged);
    for (const Error& error : damaged) printError(context, error);
    if (arguments.has("json")) {
        nlohmann::ordered_json object = {{"store", *path},
                                         {"healthy", report->healthy()},
                                         {"segments", report->segments},
                                         {"columns", report->columns},
                                         {"events", report->events},
                                         {"deleted_events", report->deletedEvents},
                                         {"lost_events", report->lostEvents},
                                         {"damaged_events", report->damagedEvents},
                                         {"sources", report->sources},
                                         {"findings", nlohmann::ordered_json::array()}};
        for (const DoctorFinding& finding : report->findings)
            object["findings"].push_back({{"grade", gradeName(finding.grade)},
                                          {"where", finding.where},
                                          {"what", finding.what},
                                          {"events", finding.events}});
        object["experiments"] = nlohmann::ordered_json::array();
        for (const Experiment& each : experiments())
            object["experiments"].push_back(
                {{"name", each.name}, {"on", settings.experiments.kept(each.name)}});
        if (!report->keptFile.empty()) object["kept_file"] = report->keptFile;
        print(context, jsonText(object) + "\n");
    } else {
        print(context, "store: " + safe(*path) + "\n");
        print(context, "read: " + counted(report->events, "event") + " in " +
                           counted(report->segments, "segment") + " and " +
                           counted(report->columns, "column") + ", " + counted(report->sources, "source") +
                           "\n");
        for (const DoctorFinding& finding : report->findings)
            print(context, std::string(gradeName(finding.grade)) + ": " + safe(finding.where) + ": " +
                               safe(finding.what) +
                               (finding.events != 0 ? " (" + counted(finding.events, "event") + ")" : "") +
                               "\n");
        if (!report->keptFile.empty())
            print(context, "the damaged file is kept as " + safe(report->keptFile) + "\n");
        printExperiments(context, settings);
        print(context, report->healthy() ? "no problem found\n"
                       : options.repair  ? "problems are left\n"
                                         : "faultline doctor --repair mends what can be mended\n");
    }
    return report->healthy() ? Done : AnswerIsNo;
}

} // namespace

const Command doctorCommand = {
    "doctor",
    "[--repair] [--json] [OPTION...]",
    "checks a store byte by byte, and repairs what it can",
    "SQLite's own check, every directory, column and document, zone maps, and each source's account against "
    "the\n"
    "events that are there. Without --repair nothing is changed. Exit status 1 when a problem is left.\n"
    "Also lists the window's experiments: features that are not yet trusted, and whether they are switched "
    "on.\n",
    "  faultline doctor\n"
    "  faultline doctor --store case.faultline --repair\n"
    "  faultline doctor --json\n",
    kOptions,
    run};

} // namespace faultline::cli
