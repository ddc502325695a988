#pragma once
#include "models/ingest/byte_input.h"

#include <string>
#include <string_view>

namespace faultline {

/// Bytes read ahead that may have to be given again: in memory up to a limit, then (where allowed) in an
/// unlinked temporary file. One thread.
class Spool
{
public:
    static constexpr std::size_t kMemory = 4u << 20;
    /// `folder` for the temporary file; without `toDisk` bytes past the limit are not kept.
    Spool(bool toDisk, std::string folder);
    ~Spool();
    Spool(Spool&& other) noexcept;
    Spool& operator=(Spool&&) = delete;

    /// False when the bytes could not be kept; complete() is false from then on.
    bool add(std::string_view bytes);
    /// Forgets everything: what follows begins at stream position `begin`.
    void restart(std::uint64_t begin);
    bool complete() const { return m_complete; }
    std::uint64_t begin() const { return m_begin; }
    std::uint64_t end() const { return m_begin + m_bytes; }
    /// Copies at most `capacity` bytes from stream position `from`, which lies in [begin, end).
    std::size_t copy(std::uint64_t from, char* buffer, std::size_t capacity) const;

private:
    bool openFile();
    bool m_toDisk;
    std::string m_folder;
    std::string m_memory;
    int m_descriptor = -1;
    std::uint64_t m_begin = 0, m_bytes = 0;
    bool m_complete = true;
};

/// What `spool` holds from stream position `from` on, then `input`.
std::unique_ptr<ByteInput> makeReplayInput(Spool spool, std::uint64_t from, std::unique_ptr<ByteInput> input);

} // namespace faultline
