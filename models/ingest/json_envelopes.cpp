#include "models/ingest/json_envelopes.h"

#include "models/ingest/json_events.h"

#include <algorithm>

namespace faultline {

namespace {

constexpr std::size_t npos = static_cast<std::size_t>(-1);

std::size_t member(const JsonTape& tape, std::size_t object, std::string_view name)
{
    for (std::size_t i = object + 1; i + 1 < tape[object].next; i = tape[i + 1].next)
        if (tape.text(tape[i]) == name) return i + 1;
    return npos;
}

bool hasMember(const JsonTape& tape, std::size_t object, std::string_view name)
{
    return member(tape, object, name) != npos;
}

bool isObjectArray(const JsonTape& tape, std::size_t token)
{
    if (token == npos || tape[token].type != JsonToken::Type::Array || token + 1 >= tape[token].next)
        return false;
    for (std::size_t i = token + 1; i < tape[token].next; i = tape[i].next)
        if (tape[i].type != JsonToken::Type::Object) return false;
    return true;
}

/// The array that holds the events, when the document has the shape of a known envelope.
std::size_t findElements(const JsonTape& tape)
{
    static constexpr std::string_view kNames[] = {"Records",   "records", "events",
                                                  "logEvents", "items",   "Events"};
    std::size_t members = 0, array = npos;
    std::string_view name;
    for (std::size_t i = 1; i + 1 < tape[0].next; i = tape[i + 1].next) {
        ++members;
        if (tape[i + 1].type != JsonToken::Type::Array || array != npos) continue;
        const std::string_view key = tape.text(tape[i]);
        if (std::find(std::begin(kNames), std::end(kNames), key) == std::end(kNames)) continue;
        array = i + 1;
        name = key;
    }
    if (array == npos || !isObjectArray(tape, array)) return npos;
    const std::size_t first = array + 1;
    if (name == "Records" || name == "records" || name == "Events") return members <= 4 ? array : npos;
    if (name == "logEvents") return hasMember(tape, 0, "logGroup") ? array : npos;
    if (name == "events")
        return hasMember(tape, first, "timestamp") && hasMember(tape, first, "message") && members <= 4
                   ? array
                   : npos;
    const std::size_t kind = member(tape, 0, "kind");
    return kind != npos && tape.text(tape[kind]).ends_with("List") ? array : npos;
}

} // namespace

bool readEnvelope(JsonEvents& events, RecordBuilder& builder, const JsonTape& tape, std::string_view document)
{
    if (isObjectArray(tape, member(tape, 0, "resourceLogs"))) return readOtlp(builder, tape, document);
    const std::size_t elements = findElements(tape);
    if (elements == npos) return false;
    const std::size_t before = builder.events().size();
    const std::size_t end = tape[elements].next;
    for (std::size_t i = elements + 1; i < end; i = tape[i].next) {
        events.object(tape, i, tape.text(tape[i]), tape[i].begin);
        for (std::size_t key = 1; key + 1 < tape[0].next; key = tape[key + 1].next)
            if (key + 1 != elements)
                builder.fields().value(tape, key + 1, npos, tape.text(tape[key]), "envelope");
        builder.endEvent();
    }
    setGlue(document, builder.events().subspan(before));
    return true;
}

} // namespace faultline
