#pragma once
#include "models/ingest/decoder.h"
#include "models/ingest/normaliser.h"
#include "models/ingest/row_writer.h"
#include "models/ingest/skeleton_trie.h"
#include "models/store/segment_builder.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace faultline {

/// Where the next row belongs.
struct RowPlace
{
    SourceId source;
    Ordinal ordinal = 0;
    TimeNs arrival = 0; ///< of its bytes: times far behind it are flagged
    /// The time of the event before, for one without a time of its own; nothing: the row waits for
    /// SegmentBuilder::setHeadTime().
    std::optional<TimeNs> inherited;
};

/// Makes rows of events: constants of the source, canonical fields, shapes and columns, the fast path that
/// learns from them, inherited times and flags. Events that are read in and events that are read again out
/// of the store go through this one.
/// Threads: one. Keeps its builder, its columns and its fast-path trees from segment to segment.
class EventWriter
{
public:
    /// `fastPath` off: lines() is always null (for tests that hold the two ways against each other).
    explicit EventWriter(std::shared_ptr<const Normaliser> normaliser, bool fastPath = true);

    /// The source of the rows that follow; `context` must live until the next call.
    void useSource(const SourceContext& context);
    /// Whether storeLine() may be tried on lines of this source.
    bool readsLines() const { return m_trie != nullptr; }
    /// Whether a line that begins so is a record that nothing before it takes in: an object, or, among a
    /// container runtime's lines, one of these. Looks at 11 bytes at most.
    bool beginsRecord(const char* line) const
    {
        if (!m_container) return *line == '{';
        return *line >= '1' && *line <= '9' && line[4] == '-' && line[7] == '-' && line[10] == 'T';
    }
    /// The fast path: true when the line has a known shape and is a row now. At least 64 bytes behind `end`
    /// must be readable. `own`: the event's own time, if it has one.
    bool storeLine(const char* begin, const char* end, const RowPlace& place, std::optional<TimeNs>& own);
    /// Any event. The answer is its own time, if it has one.
    std::optional<TimeNs> store(DecodedEvent& event, const RowPlace& place);

    SegmentBuilder& builder() { return m_builder; }
    const SegmentBuilder& builder() const { return m_builder; }
    SealedSegment seal();
    void reset(); ///< forgets the rows that are not sealed

private:
    void learn(const DecodedEvent& event, const CanonicalFields& fields, ShapeId shape);
    void endRow(const RowPlace& place, std::uint32_t shape, std::optional<TimeNs> time, std::uint16_t flags,
                Severity severity, std::size_t documentBytes);
    SkeletonTrie* trieFor(const SourceContext& context);

    std::shared_ptr<const Normaliser> m_normaliser;
    const bool m_fastPath;
    SegmentBuilder m_builder;
    RowWriter m_rows;
    std::map<std::string, std::unique_ptr<SkeletonTrie>> m_tries;
    std::deque<std::string> m_scratch;
    const SourceContext* m_context = nullptr;
    SkeletonTrie* m_trie = nullptr;
    bool m_container = false; ///< lines of a container runtime, not of JSON
};

} // namespace faultline
