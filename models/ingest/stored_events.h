#pragma once
#include "models/ingest/decoder.h"
#include "models/ingest/normaliser.h"
#include "models/ingest/record_builder.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace faultline {

/// An event as the store has it: its own bytes, and what the framing of its source made of it.
struct StoredEvent
{
    std::string_view document;
    std::uint16_t flags = 0; ///< EventFlag
    std::string_view glueBefore, glueAfter;
    Ordinal ordinal = 0;
};

/// Decodes stored documents once more, with the decoders that read sources. Records and events stay what they
/// are: a document is one event whatever the decoder takes it for, so that ordinals and the ledger hold. What
/// the decoder would refuse, or would make several events of, is a text event. Joined lines are joined again;
/// the elements of an envelope are decoded together, so that they get what the envelope says of all.
/// One thread.
class StoredEvents
{
public:
    /// `context` must live as long as this.
    explicit StoredEvents(const SourceContext& context);
    ~StoredEvents();

    /// The flags that stand for a record which is more than one line of its source.
    static constexpr std::uint16_t kFramed = FlagFromArray | FlagJoined | FlagCut;
    /// Whether an event ends its envelope.
    static bool endsEnvelope(const StoredEvent& event)
    {
        return (event.flags & FlagFromArray) == 0 || !event.glueAfter.empty();
    }

    using Give = std::function<void(std::size_t, DecodedEvent&)>;
    /// Calls `give` once for each event, in order; the event lives during the call. `record`: one event, or
    /// the elements of one envelope (see endsEnvelope()).
    void decode(std::span<const StoredEvent> record, const Give& give);

private:
    class Sink;
    bool decodeTogether(std::span<const StoredEvent> record, const Give& give);
    void decodeElement(const StoredEvent& event, std::size_t index, const Give& give);
    void decodeOne(const StoredEvent& event, std::size_t index, const Give& give);
    void asText(const StoredEvent& event, std::size_t index, const Give& give);
    void run(std::string_view bytes, Sink& sink);
    void finishEvent(const StoredEvent& stored, DecodedEvent& event) const;

    const SourceContext& m_context;
    std::unique_ptr<Decoder> m_decoder; ///< null: made when it is needed
    RecordBuilder m_texts;
    std::string m_bytes;
    bool m_first = false; ///< the decoder is to be shown a record before
};

} // namespace faultline
