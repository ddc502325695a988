#pragma once
#include "models/ingest/byte_input.h"
#include "models/ingest/piece_queue.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>

namespace faultline {

/// Counters that a run's threads add to and its progress reads.
struct IngestCounters
{
    std::atomic<std::uint64_t> diskBytes{0}, decodedBytes{0}, events{0}, quarantined{0}, sourcesDone{0};
};

/// Reads sources one after the other and cuts them into pieces: large ones at the start of a record, so that
/// workers can parse them at once; small ones several to a piece.
///
/// Latency  The first pieces of a run are small, so that rows can be searched within a second; what came from
///          a pipe goes out when the pipe is silent, and at least every kLiveDelay.
/// Stop     Reading ends; what was read goes out all the same.
/// Threads  One, beside the queue.
class PieceReader
{
public:
    static constexpr std::chrono::milliseconds kLiveDelay{100};

    PieceReader(std::size_t index, PieceQueue& queue, IngestCounters& counters,
                std::shared_ptr<const Clock> clock, std::stop_token stop);

    /// A source, opened and positioned.
    struct Source
    {
        std::shared_ptr<SourceRun> run;
        std::unique_ptr<ByteInput> input;
        std::string_view head;      ///< bytes already read from `input`, at `position`
        std::uint64_t position = 0; ///< in the source, of the first byte of head
        std::uint64_t nextSpan = 0; ///< number of its first span
        RunningHash hash;           ///< of bytes [0, position)
        bool continues = false;     ///< an earlier read() of this run left state in run->decoder
        bool keepsOpen = false;     ///< more may follow after the end of input: the last span does not end it
        bool pipe = false;          ///< cannot be read again: nothing is left behind on stop
        bool kept = false;          ///< a pipe whose bytes come again when they are not committed
    };
    /// Where a source was left; a follower goes on from there.
    struct Left
    {
        std::uint64_t position = 0, nextSpan = 0;
        RunningHash hash;
        bool ended = false; ///< the input is of no more use: a fault, or its end
    };
    /// Reads to the end of the input, or until stop. False when stopped: flush() is all that may follow.
    bool read(Source& source, Left& left);
    /// Sends what is held. False when stopped.
    bool flush();
    std::uint64_t sent() const { return m_number; } ///< pieces so far

private:
    /// The source being read: where its open span begins.
    struct Cursor
    {
        Source& source;
        std::unique_ptr<Decoder> probe; ///< knows what begins a record
        bool parallel = false;
        std::size_t begin = 0;      ///< of the open span in the piece
        std::uint64_t position = 0; ///< of the open span in the source
        std::uint64_t span = 0;
        RunningHash hash;                            ///< of bytes [0, position)
        std::chrono::steady_clock::time_point since; ///< when the open span got its first byte
    };
    bool makeRoom(Cursor& cursor);
    enum class Because { Full, Late, Silent };
    bool sendComplete(Cursor& cursor, Because because);
    void closeSpan(Cursor& cursor, std::size_t end, bool pause);
    bool send(std::size_t end);
    void goSequential(Cursor& cursor);
    std::size_t lastCut(std::string_view bytes, const Decoder& probe) const;
    void learnLineLength(std::string_view bytes);
    bool fill(Cursor& cursor, std::optional<Error>& error);
    void endSource(Cursor& cursor, const std::optional<Error>& error, bool stopped);

    std::size_t m_index;
    PieceQueue& m_queue;
    IngestCounters& m_counters;
    std::shared_ptr<const Clock> m_clock;
    std::stop_token m_stop;
    Piece m_piece; ///< buffer taken when the first byte comes
    std::uint64_t m_number = 0;
    std::size_t m_target = 1u << 20; ///< of a piece: grows to what fills a segment
    std::size_t m_lineBytes = 400;   ///< average seen
};

} // namespace faultline
