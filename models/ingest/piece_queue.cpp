#include "models/ingest/piece_queue.h"

namespace faultline {

bool PieceQueue::push(Piece piece, std::stop_token stop)
{
    {
        std::unique_lock lock(m_mutex);
        if (!m_changed.wait(lock, std::move(stop), [this] { return m_pieces.size() < m_capacity; }))
            return false;
        m_pieces.push_back(std::move(piece));
    }
    m_changed.notify_all();
    return true;
}

std::optional<Piece> PieceQueue::pop(std::stop_token stop)
{
    std::optional<Piece> piece;
    {
        std::unique_lock lock(m_mutex);
        if (!m_changed.wait(lock, std::move(stop), [this] { return m_closed || !m_pieces.empty(); }))
            return std::nullopt;
        if (m_pieces.empty()) return std::nullopt;
        piece = std::move(m_pieces.front());
        m_pieces.pop_front();
    }
    m_changed.notify_all();
    return piece;
}

void PieceQueue::close()
{
    {
        std::lock_guard lock(m_mutex);
        m_closed = true;
    }
    m_changed.notify_all();
}

std::unique_ptr<char[]> PieceQueue::takeBuffer()
{
    {
        std::lock_guard lock(m_mutex);
        if (!m_buffers.empty()) {
            auto buffer = std::move(m_buffers.back());
            m_buffers.pop_back();
            return buffer;
        }
    }
    return std::unique_ptr<char[]>(new char[kBufferBytes + kPiecePadding]);
}

void PieceQueue::returnBuffer(std::unique_ptr<char[]> buffer)
{
    std::lock_guard lock(m_mutex);
    m_buffers.push_back(std::move(buffer));
}

} // namespace faultline
