#include "app/cli/compare_out.h"

#include "app/cli/csv.h"
#include "app/cli/json_out.h"
#include "models/analysis/change_text.h"
#include "models/query/filter.h"
#include "models/query/pattern_id.h"
#include "models/records/time_text.h"

#include <nlohmann/json.hpp>

namespace faultline::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string searchOf(const Change& change)
{
    return change.filter ? printFilter(*change.filter) : std::string();
}

Json timeJson(const TimeRange& range)
{
    if (range.end <= range.begin) return nullptr;
    return {{"from", formatRfc3339(range.begin)}, {"to", formatRfc3339(range.end)}};
}

Json changeJson(const Change& change)
{
    Json object = {{"kind", kindName(change.kind)}, {"way", wayName(change.way)}, {"what", change.what}};
    if (change.kind == Change::Kind::Pattern) {
        object["pattern_id"] = patternIdText(change.patternId);
        object["pattern"] = change.pattern;
        object["example"] = change.example;
    } else {
        object["field"] = change.field;
        if (change.kind != Change::Kind::Presence) object["value"] = change.value;
    }
    if (change.kind == Change::Kind::Pair) {
        object["second_field"] = change.secondField;
        object["second_value"] = change.secondValue;
    }
    if (change.numbers) {
        const Change::Numbers& numbers = *change.numbers;
        object["numbers"] = {{"above", numbers.above},      {"median_a", numbers.medianA},
                             {"median_b", numbers.medianB}, {"p95_a", numbers.p95A},
                             {"p95_b", numbers.p95B},       {"distance", numbers.distance},
                             {"values_a", numbers.valuesA}, {"values_b", numbers.valuesB}};
    }
    object["in_a"] = change.inA;
    object["in_b"] = change.inB;
    object["expected_a"] = change.expectedA;
    object["share_a"] = change.shareA;
    object["share_b"] = change.shareB;
    object["effect"] = change.effect;
    object["strength"] = change.strength;
    object["dispersion"] = change.dispersion;
    object["p"] = change.p;
    object["q"] = change.q;
    object["score"] = change.score;
    object["onset"] = change.onset ? Json(formatRfc3339(*change.onset)) : Json();
    object["began_before"] = change.beganBefore;
    object["search"] = searchOf(change);
    object["why"] = change.why;
    return object;
}

Json groupJson(const ChangeGroup& group)
{
    Json object = changeJson(group.head);
    object["same"] = Json::array();
    for (const Change& same : group.same) object["same"].push_back(changeJson(same));
    return object;
}

std::string_view whyName(FieldNote::Why why)
{
    switch (why) {
    case FieldNote::Why::ManyValues: return "many_values";
    case FieldNote::Why::Passing: return "passing";
    case FieldNote::Why::Rising: return "rising";
    }
    return "";
}

std::string sideLine(const char* name, std::uint64_t events, const TimeRange& time)
{
    std::string line = std::string(name) + "  " + counted(events, "event");
    if (time.end > time.begin)
        line += ", " + humanTime(time.begin).substr(0, 19) + " to " + humanTime(time.end).substr(0, 19);
    return line + "\n";
}

/// Which fields could not be compared value by value, in a line each reason.
void printNotes(const Context& context, const Comparison& comparison)
{
    std::string many, passing, rising;
    for (const FieldNote& note : comparison.notes) {
        std::string& list = note.why == FieldNote::Why::ManyValues ? many
                            : note.why == FieldNote::Why::Passing  ? passing
                                                                   : rising;
        list += (list.empty() ? "" : ", ") + note.field;
    }
    if (!many.empty())
        print(context, safe("Many values, of which those that occur often are compared: " + many) + "\n");
    if (!passing.empty())
        print(context,
              safe("Values that come and go on both sides, not compared one by one: " + passing) + "\n");
    if (!rising.empty()) print(context, safe("Numbers that grow with time, not compared: " + rising) + "\n");
}

void printGroup(const Context& context, const ChangeGroup& group, std::size_t number)
{
    constexpr std::size_t kNamed = 6;
    std::string place = std::to_string(number) + ".";
    place.resize(std::max<std::size_t>(place.size() + 1, 4), ' ');
    const std::string indent(place.size(), ' ');
    print(context, "\n" + place + safe(group.head.what) + "\n");
    print(context, indent + safe(group.head.why) + "\n");
    if (!group.head.example.empty())
        print(context, indent + "for example: " + cutToWidth(safe(group.head.example), 200) + "\n");
    if (!group.same.empty()) {
        std::string list;
        for (std::size_t i = 0; i < std::min(kNamed, group.same.size()); ++i)
            list += (i == 0 ? "" : "; ") + group.same[i].what + " (" +
                    std::string(wayName(group.same[i].way)) + ")";
        if (group.same.size() > kNamed)
            list += "; and " + std::to_string(group.same.size() - kNamed) + " more";
        print(context, indent + "the same: " + safe(list) + "\n");
    }
    print(context, indent + "search: " + safe(searchOf(group.head)) + "\n");
}

void printText(const Context& context, const Comparison& comparison)
{
    print(context, sideLine("A", comparison.eventsA, comparison.timeA));
    print(context, sideLine("B", comparison.eventsB, comparison.timeB));
    print(context, counted(comparison.tests, "difference") + " tested in " +
                       counted(comparison.fieldsLooked, "field") + " and the message patterns; " +
                       grouped(comparison.passed) + " of them more than chance\n");
    std::size_t number = 0;
    for (const ChangeGroup& group : comparison.groups) printGroup(context, group, ++number);
    print(context, "\n");
    if (comparison.groups.empty()) print(context, "No difference is more than chance.\n");
    if (!comparison.weaker.empty()) {
        print(context, comparison.groups.empty() ? "Nearest to it:\n"
                                                 : "Less sure, no more than chance among so many tests:\n");
        for (const ChangeGroup& group : comparison.weaker) printGroup(context, group, ++number);
        print(context, "\n");
    }
    if (comparison.moreGroups != 0)
        print(context,
              counted(comparison.moreGroups, "further difference") + " not shown: --top shows more\n");
    printNotes(context, comparison);
}

} // namespace

void printComparison(const Context& context, const Comparison& comparison, Format format)
{
    switch (format) {
    case Format::Table: printText(context, comparison); return;
    case Format::Csv:
        printCsv(context, {"kind", "way", "what", "in_a", "in_b", "expected_a", "effect", "strength", "q",
                           "onset", "search"});
        for (const ChangeGroup& group : comparison.groups) {
            const Change& head = group.head;
            printCsv(context,
                     {std::string(kindName(head.kind)), std::string(wayName(head.way)), head.what,
                      std::to_string(head.inA), std::to_string(head.inB), plainNumber(head.expectedA),
                      plainNumber(head.effect), plainNumber(head.strength), plainNumber(head.q),
                      head.onset ? formatRfc3339(*head.onset) : "", searchOf(head)});
        }
        return;
    case Format::Ndjson: {
        JsonRows rows(context, false);
        for (const ChangeGroup& group : comparison.groups) rows.add(groupJson(group));
        rows.end();
        return;
    }
    case Format::Json: break;
    }
    Json object = {{"events_a", comparison.eventsA},       {"events_b", comparison.eventsB},
                   {"time_a", timeJson(comparison.timeA)}, {"time_b", timeJson(comparison.timeB)},
                   {"exposure", comparison.exposure},      {"tests", comparison.tests},
                   {"passed", comparison.passed},          {"fields", comparison.fieldsLooked}};
    object["differences"] = Json::array();
    for (const ChangeGroup& group : comparison.groups) object["differences"].push_back(groupJson(group));
    object["weaker"] = Json::array();
    for (const ChangeGroup& group : comparison.weaker) object["weaker"].push_back(groupJson(group));
    object["more"] = comparison.moreGroups;
    object["notes"] = Json::array();
    for (const FieldNote& note : comparison.notes) {
        Json each = {{"field", note.field}, {"why", whyName(note.why)}};
        if (note.distinct != 0) each["distinct"] = note.distinct;
        if (note.often != 0) each["often"] = note.often;
        object["notes"].push_back(std::move(each));
    }
    print(context, jsonText(object) + "\n");
}

} // namespace faultline::cli
