#include "app/cli/nothing_found.h"

#include "app/cli/asking.h"
#include "app/cli/json_out.h"
#include "app/cli/table.h"
#include "models/query/filter_build.h"
#include "models/session/empty_reason.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace faultline::cli {
namespace {

/// Whether a term that matches nothing can stay unseen in an answer that is not empty.
bool hidesTerms(const Filter& filter)
{
    if (filter.kind == Filter::Kind::Or || filter.kind == Filter::Kind::Not) return true;
    // As deep as a query may be nested (kFilterDepthLimit).
    return std::any_of(filter.children.begin(), filter.children.end(),
                       [](const FilterPtr& child) { return hidesTerms(*child); });
}

/// "from 2026-11-17 12:00:00.000 to ..." of the events that match and have a time of their own; empty when
/// none has.
std::string timesOf(Workspace& workspace, const FilterPtr& filter, const std::stop_token& stop)
{
    PageQuestion first;
    first.selection.filter = filter;
    // Nearly all time is not all time: events without a time of their own stay out.
    first.selection.range.begin = kTimeMin + 1;
    first.limit = 1;
    first.order = Order::Ascending;
    PageQuestion last = first;
    last.order = Order::Descending;
    std::string text;
    for (const PageQuestion& question : {first, last}) {
        auto answer = workspace.engine()->ask(question, stop);
        if (!answer || std::get<PageAnswer>(*answer).rows.empty()) return {};
        const std::string time = humanTime(std::get<PageAnswer>(*answer).rows.front().key.time);
        if (text.empty())
            text = time;
        else if (text == time)
            text = "at " + text;
        else
            text = "from " + text + " to " + time;
    }
    return text + " UTC";
}

std::string noteOn(const UnknownName& name)
{
    std::string text = sentence(name);
    if (name.what == UnknownName::What::Level && name.near.empty())
        text += "; known: trace, debug, info, warn, error, fatal, none";
    return text;
}

std::vector<std::string> notesOnNothing(const Context& context, Workspace& workspace, const Asked& asked)
{
    const std::stop_token& stop = context.stop;
    std::vector<std::string> notes;
    auto snapshot = workspace.store()->snapshot();
    if (snapshot && (*snapshot)->events == 0) return {"the store has no events: faultline ingest PATH"};
    auto reason = whyEmpty(*workspace.engine(), asked.selection, asked.text, stop);
    if (!reason) return notes;
    for (const UnknownName& name : reason->unknown) notes.push_back(noteOn(name));
    bool timesSaid = asked.selection.range.unbounded();
    for (const Remedy& remedy : reason->remedies) {
        const std::string events = counted(remedy.events, "event");
        switch (remedy.kind) {
        case Remedy::Kind::Replace: notes.push_back("with " + remedy.term + ": " + events); break;
        case Remedy::Kind::DropTerm: notes.push_back("without " + remedy.term + ": " + events); break;
        case Remedy::Kind::AsText:
            notes.push_back(events + (remedy.events == 1 ? " has" : " have") +
                            " this text as it stands: " + queryForPrompt(context, remedy.term));
            break;
        case Remedy::Kind::AllTime: {
            const std::string times = timesOf(workspace, remedy.selection.filter, stop);
            notes.push_back("over all time: " + events +
                            (times.empty() ? ", none with a time of its own" : ", " + times));
            timesSaid = true;
            break;
        }
        }
    }
    if (!timesSaid)
        if (const std::string times = timesOf(workspace, nullptr, stop); !times.empty())
            notes.push_back("the store has events " + times);
    return notes;
}

} // namespace

void explain(const Context& context, Workspace& workspace, const Asked& asked, bool found)
{
    std::fflush(context.out);
    std::vector<std::string> notes;
    if (!found) notes = notesOnNothing(context, workspace, asked);
    // Names beside the query are looked up as terms of one.
    std::vector<FilterPtr> named;
    for (const std::string& field : asked.fields) named.push_back(filters::exists(field));
    if (found && asked.selection.filter && hidesTerms(*asked.selection.filter))
        named.push_back(asked.selection.filter);
    if (!named.empty()) {
        if (auto names = unknownNames(*workspace.engine(), filters::allOf(std::move(named)), context.stop))
            for (const UnknownName& name : *names) notes.push_back(noteOn(name));
    }
    std::vector<std::string> lines;
    for (std::string& note : notes)
        if (std::find(lines.begin(), lines.end(), note) == lines.end()) lines.push_back(std::move(note));
    if (lines.empty() && found) return;
    if (context.jsonErrors) {
        if (!found) lines.insert(lines.begin(), "no event matches");
        std::fprintf(context.err, "%s\n", jsonText({{"notes", lines}}).c_str());
        return;
    }
    if (!found) std::fputs("no event matches\n", context.err);
    for (const std::string& line : lines)
        std::fprintf(context.err, "%s%s\n", found ? "" : "  ", safe(line).c_str());
}

} // namespace faultline::cli
