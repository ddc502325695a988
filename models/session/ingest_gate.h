#pragma once
#include "models/base/result.h"
#include "models/ingest/ingest.h"

#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace faultline {

/// Who may ingest into one store now. Two runs at once could both find that the same content is new, so runs
/// that end by themselves take turns, in no order promised. Runs that may never end (--follow, standard
/// input, FIFOs) do not keep others out: they run beside them, unless they read the same files.
///
/// Threads  Any.
class IngestGate
{
    struct Active
    {
        std::vector<std::string> roots; ///< where its files may lie; canonical
        bool endless = false;
        bool alone = false;
    };

public:
    /// A turn; ends with its destruction.
    class Turn
    {
    public:
        Turn(Turn&& other) noexcept : m_gate(std::exchange(other.m_gate, nullptr)), m_place(other.m_place) {}
        Turn& operator=(Turn&&) = delete;
        ~Turn()
        {
            if (m_gate != nullptr) m_gate->leave(m_place);
        }

    private:
        friend class IngestGate;
        Turn(IngestGate* gate, std::list<Active>::iterator place) : m_gate(gate), m_place(place) {}
        IngestGate* m_gate;
        std::list<Active>::iterator m_place;
    };

    /// Waits for the turn. Errors: Cancelled; Locked when a run that may never end reads the same files.
    Result<Turn> enter(const IngestRequest& request, std::stop_token stop);
    /// A turn that keeps all others out; nothing while somebody has one. Never waits.
    std::optional<Turn> tryEnterAlone();
    /// From now on nobody new enters; enterAlone() follows.
    void wishAlone();
    /// The turn that was wished for: waits until the others have left. Nothing on `stop`.
    std::optional<Turn> enterAlone(std::stop_token stop);

private:
    void leave(std::list<Active>::iterator place);
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::list<Active> m_active;
    std::size_t m_wantAlone = 0; ///< wishes: nobody enters before them
    std::uint64_t m_left = 0;    ///< grows when a turn ends
};

} // namespace faultline
