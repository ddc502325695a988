#pragma once
#include "models/ingest/record_builder.h"

#include <string>
#include <string_view>

namespace faultline {

/// Makes events out of JSON documents, whatever frames them: one object; an array of objects; objects back to
/// back; an envelope (CloudTrail, Kubernetes lists, OTLP ...). Wrapped documents (docker's `log`, JSON inside
/// a `message`) give derived fields. One thread at a time.
class JsonEvents
{
public:
    explicit JsonEvents(RecordBuilder& builder) : m_builder(builder) {}

    enum class Outcome : std::uint8_t {
        Events,  ///< the builder has at least one
        Other,   ///< valid JSON that is not an event: a scalar, an array with other elements than objects
        TooDeep, ///< valid, nested deeper than 64
        Invalid, ///< fault() says where and why
    };
    /// Reads all of `document`. The builder's record must have begun.
    Outcome read(std::string_view document);
    /// What could be read of an object that was cut: fields of one event that does not rebuild.
    /// False when not one member was complete.
    bool readCut(std::string_view document);
    /// The members of one object as one event; its document is the object's bytes, or `document` where a
    /// prefix stands before it. With envelope fields the caller adds its own and calls endEvent().
    void object(const JsonTape& tape, std::size_t token, std::string_view document, std::size_t base);
    /// "byte 17: expected ':' after a member's name but found '}'"
    std::string fault() const;
    /// The tape did not end before the text did.
    bool truncated() const { return m_truncated; }

private:
    bool array(const JsonTape& tape, std::size_t token, std::string_view document);
    RecordBuilder& m_builder;
    JsonFault m_fault;
    bool m_truncated = false;
};

/// Sets the glue of `events`, whose documents stand in order within `whole`: the bytes between them.
void setGlue(std::string_view whole, std::span<DecodedEvent> events);

} // namespace faultline
