#pragma once
#include "models/base/result.h"
#include "models/session/descriptor.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace faultline {

/// Standard input for another process, such that nothing is lost when that one dies: what was read from a
/// pipe is gone from it, so this reads it, passes it on, and keeps it to give it again from its first byte.
///
/// Kept     in an unlinked file (0600) in `folder`, up to `keepBytes`. Beyond that nothing is kept:
/// complete()
///          is false, and rewind() only goes on with what nobody took yet. A regular file needs none of this:
///          it is read again from where it stood.
/// Threads  One of its own; the members from one other thread at a time.
class StdinRelay
{
public:
    static constexpr std::uint64_t kKeepBytes = 1ull << 30;
    /// Does not own `source`, which must stay open.
    static Result<std::unique_ptr<StdinRelay>> start(int source, std::uint64_t keepBytes,
                                                     const std::string& folder);
    ~StdinRelay();
    StdinRelay(const StdinRelay&) = delete;
    StdinRelay& operator=(const StdinRelay&) = delete;

    /// What to read the stream from; another one after rewind().
    int descriptor() const { return m_fileStart >= 0 ? m_source : m_in.get(); }
    /// From the first byte again. Nobody else may be reading the descriptor any more.
    Status rewind();
    bool complete() const { return m_complete; }
    /// Bytes of the stream that were taken from descriptor() so far; counted only where it is not complete().
    std::uint64_t taken() const;

private:
    StdinRelay(int source, std::uint64_t keepBytes);
    Status connect();
    void pump();
    bool keep(const char* bytes, std::size_t size);
    bool pass(const char* bytes, std::size_t size, std::size_t& put);
    void end();
    int m_source;
    std::uint64_t m_keepBytes;
    std::int64_t m_fileStart = -1; ///< of a regular file; -1: a pipe
    Descriptor m_kept, m_wake, m_in;
    Descriptor m_out;         ///< of the pump while it runs; closed at the end of the stream
    std::uint64_t m_read = 0; ///< from the source; of the pump while it runs
    std::string m_inHand;     ///< read, and neither kept nor passed on
    std::atomic<std::uint64_t> m_passedOn{0};
    std::atomic<bool> m_complete{true}, m_ending{false};
    std::thread m_thread;
};

} // namespace faultline
