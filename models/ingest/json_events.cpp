#include "models/ingest/json_events.h"

#include "models/ingest/json_envelopes.h"
#include "models/ingest/json_wrappers.h"

namespace faultline {

void setGlue(std::string_view whole, std::span<DecodedEvent> events)
{
    std::size_t done = 0;
    for (auto& event : events) {
        const auto begin = static_cast<std::size_t>(event.document.data() - whole.data());
        event.glueBefore = whole.substr(done, begin - done);
        event.glueAfter = {};
        event.flags |= FlagFromArray;
        event.valueDependent = true;
        done = begin + event.document.size();
    }
    if (!events.empty()) events.back().glueAfter = whole.substr(done);
}

void JsonEvents::object(const JsonTape& tape, std::size_t token, std::string_view document, std::size_t base)
{
    m_builder.beginEvent(document);
    flattenObject(m_builder, tape, token, base);
    unwrapMembers(m_builder);
}

bool JsonEvents::array(const JsonTape& tape, std::size_t token, std::string_view document)
{
    const auto& tokens = tape.tokens();
    const std::size_t end = tokens[token].next;
    if (token + 1 >= end) return false;
    for (std::size_t i = token + 1; i < end; i = tokens[i].next)
        if (tokens[i].type != JsonToken::Type::Object) return false;
    const std::size_t before = m_builder.events().size();
    for (std::size_t i = token + 1; i < end; i = tokens[i].next) {
        object(tape, i, tape.text(tokens[i]), tokens[i].begin);
        m_builder.endEvent();
    }
    setGlue(document, m_builder.events().subspan(before));
    return true;
}

JsonEvents::Outcome JsonEvents::read(std::string_view document)
{
    JsonTape& tape = m_builder.tape();
    m_truncated = false;
    switch (tape.read(document)) {
    case JsonTape::Verdict::TooDeep: return Outcome::TooDeep;
    case JsonTape::Verdict::Value: {
        const JsonToken& root = tape[0];
        if (root.type == JsonToken::Type::Array)
            return array(tape, 0, document) ? Outcome::Events : Outcome::Other;
        if (root.type != JsonToken::Type::Object) return Outcome::Other;
        if (readEnvelope(*this, m_builder, tape, document)) return Outcome::Events;
        object(tape, 0, document, 0);
        m_builder.endEvent();
        return Outcome::Events;
    }
    case JsonTape::Verdict::Invalid: break;
    }
    m_fault = tape.fault();
    m_truncated = tape.truncated();
    if (m_truncated) return Outcome::Invalid;
    // Objects back to back, as some senders write them.
    const std::size_t before = m_builder.events().size();
    std::size_t at = 0;
    while (at < document.size()) {
        if (tape.read(document, at, false) != JsonTape::Verdict::Value ||
            tape[0].type != JsonToken::Type::Object) {
            m_builder.shrink(before);
            return Outcome::Invalid;
        }
        const std::size_t end = tape[0].end;
        object(tape, 0, tape.text(tape[0]), tape[0].begin);
        m_builder.endEvent();
        at = document.find_first_not_of(" \t\r\n", end);
    }
    setGlue(document, m_builder.events().subspan(before));
    return Outcome::Events;
}

bool JsonEvents::readCut(std::string_view document)
{
    JsonTape& tape = m_builder.tape();
    if (tape.read(document) != JsonTape::Verdict::Invalid || tape.tokens().size() < 3 ||
        tape[0].type != JsonToken::Type::Object)
        return false;
    m_builder.beginEvent(document);
    m_builder.fields().object(tape, 0, 0);
    m_builder.endEvent();
    m_builder.event().rebuilds = false;
    return !m_builder.event().fields.empty();
}

std::string JsonEvents::fault() const
{
    return "byte " + std::to_string(m_fault.offset) + ": " + m_fault.reason;
}

} // namespace faultline
