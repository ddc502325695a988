#pragma once
#include "models/ingest/container_parts.h"
#include "models/ingest/decoder.h"
#include "models/ingest/detect.h"
#include "models/ingest/json_events.h"
#include "models/ingest/line_framer.h"
#include "models/ingest/record_builder.h"

#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// Reads sources in which a line is a record: JSON lines, logfmt, syslog, CRI, docker, prefixed JSON, plain
/// text.
///
/// The source's format is what is expected; each line is read as what it is. A line that does not have the
/// format is tried as the others are, so that mixed sources and wrong guesses cost order, never content.
///
/// Split    Container lines in parts (docker's 16 KiB records, CRI's P lines) are put together for each
/// stream: the
///          event is given with the first part's record, the others follow as Joins with an empty document.
///          What waits, and how much at most: OpenParts.
/// Threads  One thread at a time.
class LineDecoder final : public Decoder
{
public:
    enum class Format : std::uint8_t { Json, Docker, Cri, Prefixed, Logfmt, Syslog, Text };
    /// `name` is what format() answers; it must live as long as the program.
    LineDecoder(Format format, std::string_view name, const DecoderOptions& options);

    std::string_view format() const override { return m_name; }
    void feed(std::string_view bytes, std::uint64_t position, RecordSink& sink) override;
    void finish(RecordSink& sink) override;
    std::uint64_t held() const override;
    bool splittable() const override { return true; }
    bool holdsLines() const override { return m_format == Format::Docker || m_format == Format::Cri; }
    std::size_t lastCut(std::string_view bytes) const override;
    bool isRecordStart(std::string_view line) const override;

private:
    enum class Entry : std::uint8_t { Event, Join, Quarantine };
    /// A line that waits for the rest of its container record.
    struct Held
    {
        std::string text;
        std::uint64_t position = 0, bytes = 0, cutBytes = 0;
    };
    void line(const FramedLine& line, RecordSink& sink);
    void give(const FramedLine& line, RecordSink& sink);
    Entry readLine(const FramedLine& line, std::string_view text);
    Entry readJson(std::string_view text, bool indented);
    bool readOther(std::string_view text);
    bool joins(std::string_view text);
    void textEvent(std::string_view document, std::uint16_t flags);
    void emit(const FramedLine& line, RecordOutcome::Kind kind, std::string_view document, RecordSink& sink);
    void flagBytes(std::string_view text);

    ContainerFormat container() const
    {
        return m_format == Format::Cri ? ContainerFormat::Cri : ContainerFormat::Docker;
    }
    void hold(const FramedLine& line);
    void releaseHeld(RecordSink& sink);
    bool giveJoined(const std::vector<Held>& lines, const std::vector<std::size_t>& parts);

    const Format m_format;
    const std::string_view m_name;
    const std::size_t m_lineLimit;
    LineFramer m_framer;
    RecordBuilder m_builder;
    JsonEvents m_json{m_builder};
    std::string m_reason;
    std::uint64_t m_leading = 0; ///< bytes of blank lines before the first record
    bool m_any = false;          ///< a record was given
    bool m_anyEvent = false;     ///< an event that a continuation could join
    bool m_inTraceback = false;
    std::vector<Held> m_held;
    std::uint64_t m_heldBytes = 0;
    OpenParts m_open;
    std::string m_joinedText, m_joinedDocument;
};

} // namespace faultline
