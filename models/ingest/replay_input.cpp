#include "models/ingest/replay_input.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace faultline {

Spool::Spool(bool toDisk, std::string folder) : m_toDisk(toDisk), m_folder(std::move(folder)) {}

Spool::~Spool()
{
    if (m_descriptor >= 0) ::close(m_descriptor);
}

Spool::Spool(Spool&& other) noexcept
    : m_toDisk(other.m_toDisk)
    , m_folder(std::move(other.m_folder))
    , m_memory(std::move(other.m_memory))
    , m_descriptor(std::exchange(other.m_descriptor, -1))
    , m_begin(other.m_begin)
    , m_bytes(other.m_bytes)
    , m_complete(other.m_complete)
{}

bool Spool::openFile()
{
    if (m_descriptor >= 0) return true;
    std::error_code error;
    const std::string folder =
        m_folder.empty() ? std::filesystem::temp_directory_path(error).string() : m_folder;
    m_descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (m_descriptor < 0) { // not every file system can
        std::string name = folder + "/faultline-XXXXXX";
        m_descriptor = ::mkostemp(name.data(), O_CLOEXEC);
        if (m_descriptor >= 0) ::unlink(name.c_str());
    }
    return m_descriptor >= 0;
}

bool Spool::add(std::string_view bytes)
{
    if (!m_complete) return false;
    const std::size_t room = kMemory - std::min(kMemory, m_memory.size());
    const std::size_t kept = std::min(room, bytes.size());
    m_memory.append(bytes.substr(0, kept));
    m_bytes += kept;
    bytes.remove_prefix(kept);
    if (bytes.empty()) return true;
    if (!m_toDisk || !openFile()) return m_complete = false;
    while (!bytes.empty()) {
        const ssize_t written =
            ::pwrite(m_descriptor, bytes.data(), bytes.size(), static_cast<off_t>(m_bytes - m_memory.size()));
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return m_complete = false;
        m_bytes += static_cast<std::uint64_t>(written);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

void Spool::restart(std::uint64_t begin)
{
    m_memory = std::string();
    m_begin = begin;
    m_bytes = 0;
    m_complete = true;
    if (m_descriptor >= 0) {
        ::close(m_descriptor); // gives the disk space back
        m_descriptor = -1;
    }
}

std::size_t Spool::copy(std::uint64_t from, char* buffer, std::size_t capacity) const
{
    const std::uint64_t offset = from - m_begin;
    if (offset >= m_bytes) return 0;
    capacity = static_cast<std::size_t>(std::min<std::uint64_t>(capacity, m_bytes - offset));
    if (offset < m_memory.size()) {
        const std::size_t at = static_cast<std::size_t>(offset);
        const std::size_t given = std::min(capacity, m_memory.size() - at);
        std::memcpy(buffer, m_memory.data() + at, given);
        return given;
    }
    for (;;) {
        const ssize_t got =
            ::pread(m_descriptor, buffer, capacity, static_cast<off_t>(offset - m_memory.size()));
        if (got < 0 && errno == EINTR) continue;
        return got > 0 ? static_cast<std::size_t>(got) : 0;
    }
}

namespace {

class ReplayInput final : public ByteInput
{
public:
    ReplayInput(Spool spool, std::uint64_t from, std::unique_ptr<ByteInput> input)
        : m_spool(std::move(spool)), m_at(from), m_input(std::move(input))
    {}
    Result<Chunk> read(char* buffer, std::size_t capacity) override
    {
        if (m_at < m_spool.end()) {
            const std::size_t given = m_spool.copy(m_at, buffer, capacity);
            if (given == 0 && capacity > 0)
                return makeError(ErrorKind::Input, "read back what was kept of a pipe",
                                 "the temporary file cannot be read");
            m_at += given;
            if (m_at == m_spool.end()) m_spool.restart(m_at); // the memory is free again
            return Chunk{given, false};
        }
        return m_input->read(buffer, capacity);
    }
    std::uint64_t consumed() const override { return m_input->consumed(); }
    std::uint64_t size() const override { return m_input->size(); }

private:
    Spool m_spool;
    std::uint64_t m_at;
    std::unique_ptr<ByteInput> m_input;
};

} // namespace

std::unique_ptr<ByteInput> makeReplayInput(Spool spool, std::uint64_t from, std::unique_ptr<ByteInput> input)
{
    if (from >= spool.end()) return input;
    return std::make_unique<ReplayInput>(std::move(spool), from, std::move(input));
}

} // namespace faultline
