#pragma once
#include "models/ingest/field_flattener.h"
#include "models/ingest/text_arena.h"
#include "models/records/json_tape.h"

#include <span>
#include <string_view>
#include <vector>

namespace faultline {

/// Where a decoder makes the events of one record: reuses their memory from record to record.
class RecordBuilder
{
public:
    /// `innerJson`: path of a text that is unwrapped, whatever the format; empty for none.
    explicit RecordBuilder(std::string innerJson = {}) : m_fields(m_arena), m_inner(std::move(innerJson)) {}
    RecordBuilder(const RecordBuilder&) = delete;
    RecordBuilder& operator=(const RecordBuilder&) = delete;

    void beginRecord()
    {
        m_used = 0;
        m_arena.reset();
        m_fields.beginRecord();
    }
    DecodedEvent& beginEvent(std::string_view document)
    {
        if (m_used == m_events.size()) m_events.emplace_back();
        DecodedEvent& event = m_events[m_used++];
        event.document = document;
        event.fields.clear();
        event.flags = 0;
        event.glueBefore = event.glueAfter = event.overflow = {};
        event.rebuilds = true;
        event.valueDependent = false;
        m_fields.begin(event);
        return event;
    }
    void endEvent()
    {
        if (!m_inner.empty()) unwrapInner();
        m_fields.finish();
    }
    /// Forgets the events made since `count` was events().size().
    void shrink(std::size_t count) { m_used = count; }
    std::span<DecodedEvent> events() { return {m_events.data(), m_used}; }
    DecodedEvent& event() { return m_events[m_used - 1]; } ///< the one begun last

    FieldFlattener& fields() { return m_fields; }
    TextArena& arena() { return m_arena; }
    JsonTape& tape() { return m_tape; }
    JsonTape& innerTape() { return m_innerTape; }

private:
    void unwrapInner(); ///< json_wrappers.cpp
    TextArena m_arena;
    FieldFlattener m_fields;
    const std::string m_inner;
    JsonTape m_tape, m_innerTape;
    std::vector<DecodedEvent> m_events;
    std::size_t m_used = 0;
};

} // namespace faultline
