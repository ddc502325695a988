#include "app/cli/source_changes.h"

#include "app/cli/asking.h"
#include "app/cli/ledger_text.h"
#include "app/cli/progress.h"
#include "app/cli/table.h"
#include "models/ingest/detect.h"
#include "models/ingest/source_settings.h"
#include "models/records/severity.h"

#include <algorithm>
#include <charconv>

namespace faultline::cli {
namespace {

using What = SourceChangeRequest::What;

Result<std::shared_ptr<Workspace>> openToWrite(const Context& context, const Arguments& arguments)
{
    auto path = storePath(context, arguments);
    if (!path) return path.error();
    Workspace::Options options;
    options.storePath = *path;
    options.write = true;
    options.clock = context.clock;
    return Workspace::open(options);
}

std::optional<std::uint32_t> numberOf(const std::string& text)
{
    std::uint32_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// The source that a person means: by its number, its path or its name. `All` has id, path and name.
template <class All> Result<typename All::value_type> sourceNamed(const All& all, const std::string& text)
{
    if (const auto number = numberOf(text)) {
        for (const auto& source : all)
            if (source.id.value == *number) return source;
        return noSuchSource(*number);
    }
    std::vector<const typename All::value_type*> found;
    for (const auto& source : all)
        if (source.path == text || source.name == text) found.push_back(&source);
    if (found.size() == 1) return *found.front();
    Error error = makeError(ErrorKind::NotFound, "find the source " + text,
                            found.empty() ? "there is none of this path or name"
                                          : "there are " + std::to_string(found.size()) + " of this name",
                            {"faultline sources --all lists them; a number always names one."});
    return error;
}

/// The present settings with what the options say; an option that is not given leaves its setting alone.
Result<SourceSettings> wantedSettings(const Arguments& arguments, SourceSettings settings)
{
    const auto taken = [](const std::string& value) { return value.empty() || value == "auto"; };
    if (arguments.has("format")) {
        settings.format.clear();
        if (const std::string value = arguments.value("format"); !taken(value)) {
            auto format = formatNamed(value);
            if (!format) return format.error();
            settings.format = *format;
        }
    }
    if (arguments.has("zone")) {
        settings.zoneOffsetMinutes.reset();
        if (const std::string value = arguments.value("zone"); !taken(value)) {
            auto zone = parseZone(value);
            if (!zone) return zone.error();
            settings.zoneOffsetMinutes = *zone;
        }
    }
    if (arguments.has("offset")) {
        const std::string value = arguments.value("offset");
        auto offset = parseClockOffset(taken(value) ? "0" : value);
        if (!offset) return offset.error();
        settings.clockOffset = *offset;
    }
    if (arguments.has("inner")) {
        const std::string value = arguments.value("inner");
        settings.innerJson = taken(value) ? std::string() : value;
    }
    for (const std::string& given : splitList(arguments.value("field"))) {
        const std::size_t equals = given.find('=');
        const std::string role = given.substr(0, equals);
        const auto roles = settingRoles();
        if (equals == std::string::npos || std::find(roles.begin(), roles.end(), role) == roles.end()) {
            std::string names;
            for (const std::string_view one : roles) names.append(names.empty() ? "" : ", ").append(one);
            return makeError(ErrorKind::Usage, "read the option --field",
                             "\"" + given + "\" does not say which field is what",
                             {"As in --field severity=prio; the roles are " + names + "."});
        }
        const std::string path = given.substr(equals + 1);
        settings.setField(role, taken(path) ? std::string() : path);
    }
    if (auto done = checkSettings(settings); !done) return done.error();
    return settings;
}

std::string timeText(const SettingsPreview::Face& face)
{
    return face.ownTime ? humanTime(face.time) : std::string(kNoTime);
}

std::string beforeAndAfter(const std::string& before, const std::string& after)
{
    if (before == after) return before;
    return (before.empty() ? "-" : before) + " > " + (after.empty() ? "-" : after);
}

Result<int> preview(const Context& context, Workspace& workspace, const SourceRecord& source,
                    const SourceSettings& settings)
{
    auto shown = workspace.previewSettings(source.id, settings, context.stop);
    if (!shown) return shown.error();
    Table table({{"event", true}, {"time before"}, {"time after"}, {"severity"}, {"service"}, {"message"}});
    for (const SettingsPreview::Row& row : shown->rows)
        table.add({std::to_string(row.ordinal), timeText(row.before), timeText(row.after),
                   beforeAndAfter(std::string(severityName(row.before.severity)),
                                  std::string(severityName(row.after.severity))),
                   beforeAndAfter(row.before.service, row.after.service),
                   row.before.message == row.after.message ? row.after.message : "> " + row.after.message});
    if (!table.empty()) table.print(context);
    print(context, std::to_string(shown->timedAfter) + " of " + counted(shown->rows.size(), "event") +
                       " have a time of their own (before: " + std::to_string(shown->timedBefore) + "), " +
                       std::to_string(shown->changed) + " would change; nothing was written\n");
    return Done;
}

Result<int> set(const Context& context, const Arguments& arguments, const std::string& name)
{
    const bool undo = arguments.has("undo"), only = arguments.has("preview");
    bool any = false;
    for (const char* option : {"format", "zone", "offset", "field", "inner"})
        any = any || arguments.has(option);
    if (undo == any)
        return makeError(ErrorKind::Usage, "sources set",
                         undo ? "--undo stands alone" : "it is not said what to set",
                         {"faultline sources --help shows the options."});
    auto workspace = only ? openToRead(context, arguments) : openToWrite(context, arguments);
    if (!workspace) return workspace.error();
    auto sources = (*workspace)->store()->sources();
    if (!sources) return sources.error();
    auto source = sourceNamed(*sources, name);
    if (!source) return source.error();
    auto before = (*workspace)->sourceSettings(*source);
    if (!before) return before.error();
    SourceChangeRequest request;
    request.what = undo ? What::Undo : What::Set;
    request.source = source->id;
    if (!undo) {
        auto wanted = wantedSettings(arguments, *before);
        if (!wanted) return wanted.error();
        request.settings = std::move(*wanted);
        if (only) return preview(context, **workspace, *source, request.settings);
    }
    Result<SourceChangeReport> report = [&] {
        ProgressLine line(context);
        return (*workspace)
            ->changeSource(
                request,
                [&line](const RenormaliseProgress& so) {
                    line.show(counted(so.eventsDone, "event") + " of " + grouped(so.eventsTotal));
                },
                context.stop);
    }();
    if (!report) return report.error();
    auto after = (*workspace)->store()->sources();
    if (!after) return after.error();
    const auto now = std::find_if(after->begin(), after->end(),
                                  [&](const SourceRecord& one) { return one.id == source->id; });
    const auto settings =
        now == after->end() ? Result<SourceSettings>(*before) : parseSettings(now->settings);
    const std::string id = std::to_string(source->id.value);
    print(context, "read " + counted(report->events, "event") + " of " + safe(source->path) +
                       " again: " + grouped(report->timed) + " with a time of their own\n" +
                       "settings: " + safe(settings ? describeSettings(*settings) : "") +
                       " (before: " + safe(describeSettings(*before)) + ")\n");
    if (!undo) print(context, "to take it back: faultline sources set " + id + " --undo\n");
    return Done;
}

Result<int> remove(const Context& context, const Arguments& arguments, const std::string& name)
{
    auto workspace = openToWrite(context, arguments);
    if (!workspace) return workspace.error();
    auto sources = (*workspace)->store()->sources();
    if (!sources) return sources.error();
    const bool forGood = arguments.has("for-good");
    if (forGood) { // one that was removed before is given up
        auto removed = SourceStore::of(*(*workspace)->store()).removedSources();
        if (!removed) return removed.error();
        if (auto gone = sourceNamed(*removed, name); gone && !sourceNamed(*sources, name)) {
            auto done = (*workspace)->changeSource({What::Reclaim, gone->id, {}}, {}, context.stop);
            if (!done) return done.error();
            print(context, "given up " + safe(gone->path) + ": it cannot be brought back\n");
            return Done;
        }
    }
    auto source = sourceNamed(*sources, name);
    if (!source) return source.error();
    if (forGood) {
        if (Status status = (*workspace)->removeSources({source->id}); !status) return status.error();
    } else {
        auto done = (*workspace)->changeSource({What::Remove, source->id, {}}, {}, context.stop);
        if (!done) return done.error();
    }
    print(context, "removed " + safe(source->path) + ": " + counted(source->ledger.events, "event") + "\n");
    if (!forGood)
        print(context, "for a day it is brought back by: faultline sources restore " +
                           std::to_string(source->id.value) + "\n");
    return Done;
}

Result<int> restore(const Context& context, const Arguments& arguments, const std::string& name)
{
    auto workspace = openToWrite(context, arguments);
    if (!workspace) return workspace.error();
    auto removed = SourceStore::of(*(*workspace)->store()).removedSources();
    if (!removed) return removed.error();
    const auto source = sourceNamed(*removed, name);
    if (!source)
        return makeError(ErrorKind::NotFound, "bring back the source " + name,
                         "it is not among the removed ones, or its space was used again",
                         {"faultline sources lists those that can be brought back."});
    auto done = (*workspace)->changeSource({What::Restore, source->id, {}}, {}, context.stop);
    if (!done) return done.error();
    print(context, "brought back " + safe(source->path) + ": " + counted(source->events, "event") + "\n");
    return Done;
}

} // namespace

std::optional<Result<int>> changeSources(const Context& context, const Arguments& arguments)
{
    const auto& words = arguments.values();
    if (arguments.has("remove")) {
        if (auto status = arguments.optionsOnly("sources"); !status) return Result<int>(status.error());
        if (auto id = arguments.number("remove", 0, 0, UINT32_MAX); !id) return Result<int>(id.error());
        return remove(context, arguments, arguments.value("remove"));
    }
    if (words.empty()) return std::nullopt;
    const bool known = words[0] == "set" || words[0] == "remove" || words[0] == "restore";
    if (!known)
        return Result<int>(makeError(ErrorKind::Usage, "sources",
                                     "\"" + words[0] + "\" is not set, remove or restore",
                                     {"A store is named with --store."}));
    if (words.size() != 2)
        return Result<int>(
            makeError(ErrorKind::Usage, "sources " + words[0],
                      words.size() < 2 ? "the source is missing" : "it takes one source",
                      {"faultline sources " + words[0] + " 3; faultline sources lists them."}));
    if (words[0] == "set") return set(context, arguments, words[1]);
    if (words[0] == "remove") return remove(context, arguments, words[1]);
    return restore(context, arguments, words[1]);
}

} // namespace faultline::cli
