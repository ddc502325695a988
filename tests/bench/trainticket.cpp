// "What changed" on real faults: for each of the 19 labelled faults of incident-trainticket the two minutes
// behind it against the time before it, and at which place the answer names what is labelled. Prints a
// Markdown table. Usage: trainticket FOLDER-OF-incident-trainticket [-v: the first five differences of each]
//
//   message   the logger line that stops with the fault (the second half of `inner_label`), as a value of
//   `logger`,
//             alone, in a pair or among those of the same events
//   service   the faulted service or its pod, likewise
//   passes    the one that is named is more than chance among all tests; else it is in the list below that
//   line
// The time before is all that the store has from before the fault: logs cover a minute before each fault and
// the windows of earlier ones. A second count uses a time as long as the two minutes, of which one has logs.
#include "models/analysis/comparer.h"
#include "models/query/engine.h"
#include "models/session/workspace.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

using namespace faultline;

namespace {

struct Fault
{
    std::string time, service, pod, type, line;
    TimeNs at = 0;
};

std::vector<Fault> faultsIn(const std::string& folder)
{
    std::vector<Fault> faults;
    std::ifstream file(folder + "/faults.ndjson");
    for (std::string text; std::getline(file, text);) {
        const auto json = nlohmann::json::parse(text, nullptr, false);
        if (!json.is_object()) continue;
        Fault fault;
        fault.time = json.value("inject_time", "");
        fault.service = json.value("service", "");
        fault.pod = json.value("inject_pod", "");
        fault.type = json.value("inject_type", "");
        const std::string label = json.value("inner_label", "");
        fault.line = label.substr(label.rfind('_') + 1);
        fault.at = json.value("inject_unix", std::int64_t{0}) * kSecondNs;
        faults.push_back(std::move(fault));
    }
    return faults;
}

/// Place in the list, from 1, and whether it passes.
struct Place
{
    std::size_t place = 0;
    bool passes = false;
    std::string text() const
    {
        if (place == 0) return "-";
        return std::to_string(place) + (passes ? "" : " (weak)");
    }
};

template <class Names> Place placeOf(const Comparison& comparison, const Names& names)
{
    std::size_t place = 0;
    for (const auto* list : {&comparison.groups, &comparison.weaker}) {
        for (const ChangeGroup& group : *list) {
            ++place;
            if (names(group.head) || std::any_of(group.same.begin(), group.same.end(), names))
                return {place, list == &comparison.groups};
        }
    }
    return {};
}

struct Named
{
    Place message, service;
    bool inFirst(std::size_t most) const
    {
        return (message.place != 0 && message.place <= most) || (service.place != 0 && service.place <= most);
    }
};

Named namedIn(const Comparison& comparison, const Fault& fault)
{
    const auto has = [](const Change& change, const std::string& value) {
        return change.value == value || change.secondValue == value;
    };
    return {placeOf(comparison, [&](const Change& change) { return has(change, fault.line); }),
            placeOf(comparison, [&](const Change& change) {
                return has(change, fault.service) || has(change, fault.pod);
            })};
}

std::optional<Comparison> compare(Workspace& workspace, const Fault& fault, bool asLong)
{
    CompareQuestion question;
    question.a.range = {fault.at, fault.at + 120 * kSecondNs};
    question.against = CompareQuestion::Against::Selection;
    question.b.range = {asLong ? fault.at - 120 * kSecondNs : kTimeMin + 1, fault.at};
    question.top = 20;
    auto answer = workspace.comparer()->compare(question);
    if (answer) return std::move(*answer);
    std::fprintf(stderr, "%s\n", answer.error().line().c_str());
    return std::nullopt;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 2) {
        std::fputs("usage: trainticket FOLDER [-v]\n", stderr);
        return 2;
    }
    const std::string folder = argv[1];
    const bool verbose = argc > 2;
    const auto faults = faultsIn(folder);
    const auto place = std::filesystem::temp_directory_path() / "faultline-trainticket.faultline";
    for (const char* suffix : {"", "-wal", "-shm", "-lock"}) std::filesystem::remove(place.string() + suffix);
    Workspace::Options options;
    options.storePath = place.string();
    options.write = options.create = true;
    auto workspace = Workspace::open(options);
    if (!workspace) {
        std::fprintf(stderr, "%s\n", workspace.error().line().c_str());
        return 1;
    }
    IngestRequest request;
    request.paths = {folder + "/logs.ndjson.zst"};
    const auto report = (*workspace)->ingest(request, {}, {});
    if (!report || faults.empty()) {
        std::fputs("the logs or the faults could not be read\n", stderr);
        return 1;
    }
    std::printf("| fault | service | stops | message | service | differences | as long: message | service |\n"
                "|---|---|---|---|---|---|---|---|\n");
    std::size_t first = 0, five = 0, passing = 0, shortFive = 0;
    for (const Fault& fault : faults) {
        const auto whole = compare(**workspace, fault, false), brief = compare(**workspace, fault, true);
        if (!whole || !brief) return 1;
        const Named named = namedIn(*whole, fault), named2 = namedIn(*brief, fault);
        first += named.inFirst(1);
        five += named.inFirst(5);
        passing += (named.message.passes && named.message.place <= 5) ||
                   (named.service.passes && named.service.place <= 5);
        shortFive += named2.inFirst(5);
        std::printf("| %s %s | %s | %s | %s | %s | %zu | %s | %s |\n", fault.time.substr(11).c_str(),
                    fault.type.c_str(), fault.service.c_str(), fault.line.c_str(),
                    named.message.text().c_str(), named.service.text().c_str(), whole->groups.size(),
                    named2.message.text().c_str(), named2.service.text().c_str());
        if (!verbose) continue;
        std::size_t number = 0;
        for (const auto* list : {&whole->groups, &whole->weaker})
            for (const ChangeGroup& group : *list)
                if (++number <= 5)
                    std::printf("    %zu %s%s: %s\n", number, list == &whole->groups ? "" : "(weak) ",
                                group.head.what.c_str(), group.head.why.c_str());
    }
    std::printf("\nMessage or service in the first five: %zu of %zu (first: %zu; as more than chance: %zu). "
                "With a time "
                "before as long as the two minutes: %zu.\n",
                five, faults.size(), first, passing, shortFive);
    workspace->reset();
    for (const char* suffix : {"", "-wal", "-shm", "-lock"}) std::filesystem::remove(place.string() + suffix);
    return 0;
}
