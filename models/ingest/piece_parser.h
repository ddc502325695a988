#pragma once
#include "models/ingest/event_writer.h"
#include "models/ingest/piece.h"
#include "models/store/store.h"

#include <memory>
#include <stop_token>

namespace faultline {

/// Turns pieces into what one commit makes durable. One object a worker; keeps its builder, its columns and
/// its fast-path trees from piece to piece.
/// Threads: one at a time. parse() may wait for the worker that has the span before (see SourceChain).
class PieceParser
{
public:
    /// `fastPath` off: every line goes through the decoder (for tests that hold the two against each other).
    explicit PieceParser(std::shared_ptr<const Normaliser> normaliser, bool fastPath = true);
    ~PieceParser();

    /// Parses, numbers and seals. Nothing when `stop` was requested while waiting.
    std::optional<CommitBatch> parse(const Piece& piece, std::stop_token stop);

private:
    class Sink;
    bool parseSpan(const Piece& piece, const SourceSpan& span);
    void parseLines(std::string_view bytes, Decoder& decoder, Sink& sink);
    void takeEvents(const RecordOutcome& outcome, std::span<DecodedEvent> events);
    void takeLine(const RecordOutcome& line);
    void takeQuarantined(const RecordOutcome& outcome);
    void takeSeparators(std::uint64_t bytes, std::string_view blank);
    void flushPending();
    RowPlace nextPlace() const;
    void rowStored(std::optional<TimeNs> own);
    bool numberSpan();
    void sealIfFull();
    void reportSource(std::string_view bytes, const Decoder& decoder);

    EventWriter m_writer;

    // Of the piece at hand
    CommitBatch m_batch;
    std::stop_token m_stop;
    bool m_stopped = false;

    // Of the span at hand
    const SourceSpan* m_span = nullptr;
    SourceRun* m_source = nullptr;
    std::unique_ptr<PendingEvent> m_pending;
    SpanTotals m_totals;
    std::optional<SourceChain::State> m_base; ///< what came before, once waited for
    std::optional<TimeNs> m_firstTime;
    std::size_t m_firstQuarantine = 0; ///< of this span in the batch
    std::uint64_t m_leading = 0;       ///< separators before the first record of the source
    bool m_lastQuarantined = false;
    bool m_direct = false; ///< the next line begins a record: nothing can be joined
};

} // namespace faultline
