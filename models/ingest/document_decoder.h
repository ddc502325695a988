#pragma once
#include "models/ingest/decoder.h"
#include "models/ingest/detect.h"
#include "models/ingest/json_events.h"
#include "models/ingest/record_builder.h"

#include <string>
#include <string_view>

namespace faultline {

/// Reads sources in which a record is a JSON document of any number of lines: pretty-printed objects, one big
/// array, objects back to back, envelopes (CloudTrail, OTLP, Kubernetes lists ...).
///
/// Framing  A document ends where its brackets close. White space, commas and record separators (0x1e)
/// between
///          documents are separators. A line between documents that is no object and no array is a text
///          event.
/// Arrays   The elements of a top-level array are its events. The array is one record as long as it has at
/// most
///          kArrayBytes; a larger one is given in parts of about that size, each counted as one record.
/// Limits   A document over DecoderOptions::maxDocumentBytes is quarantined with its first MiB.
/// Threads  One thread at a time.
class DocumentDecoder final : public Decoder
{
public:
    /// `name` is what format() answers; it must live as long as the program.
    DocumentDecoder(std::string_view name, const DecoderOptions& options);

    std::string_view format() const override { return m_name; }
    void feed(std::string_view bytes, std::uint64_t position, RecordSink& sink) override;
    void finish(RecordSink& sink) override;
    std::uint64_t held() const override { return m_bytes + m_leading; }

    static constexpr std::size_t kArrayBytes = 16 * 1024 * 1024, kKeptBytes = 1024 * 1024;

private:
    enum class Mode : std::uint8_t { Between, Document, Text };
    std::size_t between(std::string_view bytes, std::size_t at, RecordSink& sink);
    std::size_t document(std::string_view bytes, std::size_t at, RecordSink& sink);
    void take(std::string_view bytes);
    void flush(RecordSink& sink, bool complete);
    bool readElements();
    void emit(RecordOutcome::Kind kind, std::string_view text, RecordSink& sink);

    const std::string_view m_name;
    const DecoderOptions m_options;
    RecordBuilder m_builder;
    JsonEvents m_json{m_builder};
    Mode m_mode = Mode::Between;
    std::string m_text;        ///< of the record at hand, to the limit
    std::uint64_t m_bytes = 0; ///< of the record at hand, all
    std::uint64_t m_position = 0;
    std::uint64_t m_leading = 0; ///< separators before the first record
    std::string m_open;          ///< brackets that are open
    bool m_inString = false, m_escape = false;
    bool m_array = false; ///< the document is a top-level array
    bool m_part = false;  ///< parts of it were given already
    bool m_any = false;
    std::string m_reason;
};

} // namespace faultline
