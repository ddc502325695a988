#pragma once
#include "models/ingest/byte_input.h"
#include "models/ingest/decoder.h"
#include "models/ingest/normaliser.h"
#include "models/ingest/pending_event.h"
#include "models/store/source_record.h"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace faultline {

/// Readable bytes behind the data of a piece: scanners look ahead without a check.
inline constexpr std::size_t kPiecePadding = 64;

/// What the parse of one span of a source adds up to.
struct SpanTotals
{
    Ledger ledger;
    std::optional<TimeNs> lastTime; ///< of the last event with a time of its own
};

/// Hands the running totals of a source from one span to the next: spans may be parsed by several workers at
/// once, and only the numbering of records and events needs the one before. Any thread.
class SourceChain
{
public:
    /// What an earlier run left: records and events so far, and the last time.
    explicit SourceChain(const Checkpoint& before)
        : m_records(before.records), m_events(before.events), m_lastTime(before.lastTime)
    {}

    struct State
    {
        std::uint64_t records = 0, events = 0; ///< before the span
        std::optional<TimeNs> lastTime;
        bool stopped = false;
    };
    /// Waits until all spans before number `span` have been counted.
    State before(std::uint64_t span, std::stop_token stop);
    /// Counts span number `span`; called exactly once a span, after before().
    void add(std::uint64_t span, const SpanTotals& totals);

private:
    std::mutex m_mutex;
    std::condition_variable_any m_counted;
    std::uint64_t m_span = 0;
    std::uint64_t m_records, m_events;
    std::optional<TimeNs> m_lastTime;
};

/// A source as it is being read in this run. Shared by its reader and the workers.
struct SourceRun
{
    SourceId id;
    std::size_t report = 0; ///< index in IngestReport::sources
    SourceContext context;
    TimeNs fileTime = 0; ///< stands in for events when no line has a time
    TimeNs arrival = 0;
    std::unique_ptr<SourceChain> chain;

    // What passes from span to span that is not parallel; set by the reader before the first such span,
    // touched only between chain->before() and chain->add() of a span.
    std::unique_ptr<Decoder> decoder;
    std::unique_ptr<PendingEvent> pending;
    RunningHash hash; ///< of bytes [0, hashed)
    std::uint64_t hashed = 0;
    std::string unhashed; ///< bytes of earlier spans behind `hashed`
};

/// Part of a source in a piece.
struct SourceSpan
{
    std::shared_ptr<SourceRun> source;
    std::uint64_t number = 0;         ///< of the source's spans in this run, from 0
    std::size_t begin = 0, end = 0;   ///< in the piece's buffer
    std::uint64_t position = 0;       ///< in the source, of `begin`
    bool parallel = false;            ///< may be parsed on its own: begins at a record and ends behind one
    bool ends = false;                ///< the source ends here
    bool pause = false;               ///< a live source has nothing more for now: what is held may be stored
    Hash128 hash;                     ///< parallel sources: of bytes [0, position + end - begin)
    std::optional<SourceState> state; ///< with `ends`: Complete or Incomplete
    std::string detail;
};

/// A buffer of bytes from one or several sources: parsed by one worker, committed as one.
struct Piece
{
    std::size_t reader = 0;
    std::uint64_t number = 0; ///< of the reader's pieces: commits keep this order
    std::unique_ptr<char[]> buffer;
    std::size_t size = 0;
    std::vector<SourceSpan> spans;
};

} // namespace faultline
