#include "app/cli/preflight_text.h"

#include "app/cli/json_out.h"
#include "app/cli/table.h"
#include "models/records/time_text.h"
#include "models/session/preflight_service.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

namespace faultline::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kFewFiles = 40;

struct Kind
{
    std::size_t files = 0;
    std::uint64_t bytes = 0;
};

/// What will be read, by format; "?" where nobody looked.
std::map<std::string, Kind> kindsOf(const Preflight& found)
{
    std::map<std::string, Kind> kinds;
    for (const PreflightFile& file : found.files) {
        if (!file.skipReason.empty()) continue;
        Kind& kind = kinds[file.looked ? file.format : std::string("?")];
        ++kind.files;
        kind.bytes += file.bytes;
    }
    return kinds;
}

std::string secondsText(double seconds)
{
    if (seconds < 1) return "less than a second";
    if (seconds < 100) return counted(static_cast<std::uint64_t>(std::ceil(seconds)), "second");
    return counted(static_cast<std::uint64_t>(std::ceil(seconds / 60)), "minute");
}

Json timeJson(const std::optional<TimeNs>& time)
{
    return time ? Json(formatRfc3339(*time)) : Json();
}

void printJson(const Context& context, const Preflight& found)
{
    Json files = Json::array(), formats = Json::array();
    for (const PreflightFile& file : found.files)
        files.push_back({{"name", file.name},
                         {"path", file.path},
                         {"bytes", file.bytes},
                         {"format", file.looked ? Json(file.format) : Json()},
                         {"first", timeJson(file.first)},
                         {"last", timeJson(file.last)},
                         {"skipped", file.skipReason.empty() ? Json() : Json(file.skipReason)},
                         {"compressed", file.compressed},
                         {"looked", file.looked}});
    for (const auto& [format, kind] : kindsOf(found))
        formats.push_back({{"format", format}, {"files", kind.files}, {"bytes", kind.bytes}});
    const bool sampled = found.sampleBytes != 0;
    const auto known = [sampled](auto value) { return sampled ? Json(value) : Json(); };
    print(context, jsonText({{"files", files},
                             {"formats", formats},
                             {"read", found.toRead},
                             {"skipped", found.skipped},
                             {"not_looked_at", found.unlooked},
                             {"listed_all", found.listedAll},
                             {"bytes", found.bytes},
                             {"decoded_bytes", found.decodedBytes},
                             {"events", found.events},
                             {"store_bytes", known(found.storeBytes)},
                             {"sample_bytes", found.sampleBytes},
                             {"bytes_per_second", known(std::round(found.bytesPerSecond))},
                             {"seconds", known(found.seconds)},
                             {"first", found.span ? Json(formatRfc3339(found.span->begin)) : Json()},
                             {"last", found.span ? Json(formatRfc3339(found.span->end - 1)) : Json()},
                             {"free_bytes", found.freeBytes ? Json(*found.freeBytes) : Json()},
                             {"fits", found.fits()},
                             {"took_seconds", found.took}}) +
                       "\n");
}

void printFiles(const Context& context, const Preflight& found, bool all)
{
    Table table({{"file"}, {"format"}, {"bytes", true}, {"first"}, {"last"}, {"note"}});
    std::vector<const PreflightFile*> files;
    for (const PreflightFile& file : found.files) files.push_back(&file);
    const bool few = !all && files.size() > kFewFiles;
    if (few) {
        std::stable_sort(files.begin(), files.end(),
                         [](const PreflightFile* a, const PreflightFile* b) { return a->bytes > b->bytes; });
        files.resize(kFewFiles);
    }
    for (const PreflightFile* const file : files) {
        std::string note = file->skipReason;
        if (note.empty() && !file->looked) note = "not looked at";
        if (note.empty() && file->first && !file->last) note = "its end is not known";
        table.add({file->name, file->looked && file->skipReason.empty() ? file->format : "",
                   humanBytes(file->bytes),
                   file->first ? (file->last ? "" : "from ") + humanTime(*file->first) : "",
                   file->last ? humanTime(*file->last) : "", note});
    }
    table.print(context);
    if (few)
        print(context,
              "and " + counted(found.files.size() - kFewFiles, "smaller file") + "; --all lists every one\n");
    print(context, "\n");
}

void printText(const Context& context, const Preflight& found, bool all)
{
    printFiles(context, found, all);
    Table formats({{"format"}, {"files", true}, {"bytes", true}});
    for (const auto& [format, kind] : kindsOf(found))
        formats.add({format, grouped(kind.files), humanBytes(kind.bytes)});
    if (!formats.empty()) formats.print(context);
    std::map<std::string, std::size_t> reasons;
    for (const PreflightFile& file : found.files)
        if (!file.skipReason.empty()) ++reasons[file.skipReason];
    Table skipped({{"skipped", true}, {"why"}});
    std::vector<std::pair<std::size_t, std::string>> often;
    for (const auto& [reason, count] : reasons) often.emplace_back(count, reason);
    std::sort(often.begin(), often.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    if (often.size() > kFewFiles) often.resize(kFewFiles);
    for (const auto& [count, reason] : often) skipped.add({grouped(count), reason});
    if (!skipped.empty()) skipped.print(context);
    print(context, "\n");

    std::string line = "to read: " + counted(found.toRead, "file") + ", " + humanBytes(found.bytes);
    if (found.decodedBytes > found.bytes) line += " (unpacked about " + humanBytes(found.decodedBytes) + ")";
    if (found.events > 0) line += ", about " + counted(found.events, "event");
    if (!found.listedAll) line += "; there are more that there was no time to list";
    if (found.unlooked > 0)
        line += "; " + counted(found.unlooked, "file") + " not looked at, counted as the others are";
    print(context, line + "\n");
    if (found.span)
        print(context, "times: " + humanTime(found.span->begin) + " to " + humanTime(found.span->end - 1) +
                           " UTC, by first and last records\n");
    if (found.sampleBytes > 0) {
        line = "store: about " + humanBytes(found.storeBytes);
        if (found.freeBytes)
            line += " of " + humanBytes(*found.freeBytes) + " free" +
                    (found.fits() ? std::string() : std::string(": IT DOES NOT FIT"));
        line += "; time: " + secondsText(found.seconds) + " at " +
                humanBytes(static_cast<std::uint64_t>(found.bytesPerSecond)) + "/s, as a sample of " +
                humanBytes(found.sampleBytes) + " took";
        print(context, line + "\n");
    }
}

} // namespace

Result<int> runPreflight(const Context& context, const std::vector<std::string>& paths,
                         const std::string& store, bool json, bool all)
{
    auto found = lookAhead(paths, store, context.clock, context.stop);
    if (!found) return found.error();
    if (json)
        printJson(context, *found);
    else
        printText(context, *found, all);
    return found->toRead > 0 ? Done : AnswerIsNo;
}

} // namespace faultline::cli
