#pragma once
#include "models/ingest/piece.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

namespace faultline {

/// Pieces on their way from the readers to the workers. Bounded, so that readers wait for slow workers: the
/// back-pressure that keeps memory bounded. Any thread.
class PieceQueue
{
public:
    explicit PieceQueue(std::size_t capacity) : m_capacity(capacity) {}
    /// Waits for room; false when `stop` was requested (the piece is dropped, nothing of it is acknowledged).
    bool push(Piece piece, std::stop_token stop);
    /// Waits for a piece; nothing when all readers are done, or `stop` was requested.
    std::optional<Piece> pop(std::stop_token stop);
    void close(); ///< no push follows

    /// Buffers are kept for the next piece: fresh pages cost more than the copy into them.
    std::unique_ptr<char[]> takeBuffer();
    void returnBuffer(std::unique_ptr<char[]> buffer);
    /// All that is held for a piece, columns included, grows with it: with 24 MiB an ingest of 10 million
    /// events in .gz files peaked at 580 MB, with 18 at 470, as fast.
    static constexpr std::size_t kBufferBytes = 18u << 20;

private:
    std::size_t m_capacity;
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::deque<Piece> m_pieces;
    std::vector<std::unique_ptr<char[]>> m_buffers;
    bool m_closed = false;
};

} // namespace faultline
