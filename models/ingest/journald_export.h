#pragma once
#include "models/ingest/decoder.h"
#include "models/ingest/detect.h"
#include "models/ingest/record_builder.h"

#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// Reads journald's export format (systemd.io/JOURNAL_EXPORT_FORMATS): an entry is lines KEY=value, or KEY
/// and a line end, the value's length as 64-bit little-endian, the value and a line end; a blank line ends
/// it.
///
/// A line that is neither makes its entry a quarantined record; reading goes on behind the next blank line.
/// Limits   An entry over DecoderOptions::maxDocumentBytes is quarantined.   Threads  One thread at a time.
class JournaldExportDecoder final : public Decoder
{
public:
    explicit JournaldExportDecoder(const DecoderOptions& options)
        : m_options(options), m_builder(options.innerJson)
    {}
    std::string_view format() const override { return "journald-export"; }
    void feed(std::string_view bytes, std::uint64_t position, RecordSink& sink) override;
    void finish(RecordSink& sink) override;
    std::uint64_t held() const override { return m_text.size() - m_start + m_dropped + m_leading; }

private:
    bool step(RecordSink& sink);
    void emit(bool quarantine, std::size_t end, std::size_t next, RecordSink& sink);
    struct Field
    {
        std::size_t key = 0, keyBytes = 0, value = 0, valueBytes = 0;
    };
    const DecoderOptions m_options;
    RecordBuilder m_builder;
    std::string_view entry() const { return std::string_view(m_text).substr(m_start); }
    std::string m_text;          ///< what was fed and not yet given
    std::size_t m_start = 0;     ///< of the entry at hand in it
    std::size_t m_at = 0;        ///< how far the entry was understood, from its start
    std::vector<Field> m_fields; ///< of the entry at hand
    std::uint64_t m_position = 0, m_dropped = 0, m_leading = 0;
    std::string m_reason; ///< the entry is bad: reading looks for a blank line
    bool m_any = false;
};

} // namespace faultline
