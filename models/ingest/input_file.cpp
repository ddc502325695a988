#include "models/ingest/input_streams.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace faultline {
namespace {

class FileInput final : public ByteInput
{
public:
    FileInput(int descriptor, std::string name, std::uint64_t position)
        : m_descriptor(descriptor), m_name(std::move(name)), m_position(position)
    {
        ::posix_fadvise(m_descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    ~FileInput() override { ::close(m_descriptor); }
    FileInput(const FileInput&) = delete;
    FileInput& operator=(const FileInput&) = delete;

    Result<Chunk> read(char* buffer, std::size_t capacity) override
    {
        std::size_t filled = 0;
        while (filled < capacity) {
            const ssize_t got =
                ::pread(m_descriptor, buffer + filled, capacity - filled, static_cast<off_t>(m_position));
            if (got == 0) return Chunk{filled, true};
            if (got < 0) {
                if (errno == EINTR) continue;
                if (filled > 0) break; // what was read first; the fault comes back on the next call
                return systemError(ErrorKind::Input, "read " + m_name, errno);
            }
            filled += static_cast<std::size_t>(got);
            m_position += static_cast<std::uint64_t>(got);
        }
        return Chunk{filled, false};
    }
    std::uint64_t consumed() const override { return m_position; }
    std::uint64_t size() const override
    {
        struct stat info = {};
        return ::fstat(m_descriptor, &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
    }
    bool seekable() const override { return true; }
    Status seek(std::uint64_t position) override
    {
        m_position = position;
        return {};
    }

private:
    int m_descriptor;
    std::string m_name;
    std::uint64_t m_position;
};

class PipeInput final : public ByteInput
{
public:
    PipeInput(int descriptor, bool owns, std::string name, std::stop_token stop)
        : m_descriptor(descriptor)
        , m_owns(owns)
        , m_name(std::move(name))
        , m_wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
        , m_stop(std::move(stop))
        , m_onStop(m_stop, Wake{m_wake})
    {}
    ~PipeInput() override
    {
        if (m_owns) ::close(m_descriptor);
        if (m_wake >= 0) ::close(m_wake);
    }
    PipeInput(const PipeInput&) = delete;
    PipeInput& operator=(const PipeInput&) = delete;

    Result<Chunk> read(char* buffer, std::size_t capacity) override
    {
        while (!m_stop.stop_requested()) {
            pollfd waits[2] = {{m_descriptor, POLLIN, 0}, {m_wake, POLLIN, 0}};
            if (::poll(waits, 2, -1) < 0) {
                if (errno == EINTR) continue;
                return systemError(ErrorKind::Input, "wait for " + m_name, errno);
            }
            if (waits[0].revents == 0) continue;
            const ssize_t got = ::read(m_descriptor, buffer, capacity);
            if (got < 0) {
                if (errno == EINTR || errno == EAGAIN) continue;
                return systemError(ErrorKind::Input, "read " + m_name, errno);
            }
            m_consumed += static_cast<std::uint64_t>(got);
            return Chunk{static_cast<std::size_t>(got), got == 0};
        }
        return Chunk{0, false};
    }
    std::uint64_t consumed() const override { return m_consumed; }
    std::uint64_t size() const override { return 0; }

private:
    struct Wake
    {
        int descriptor;
        void operator()() const { ::eventfd_write(descriptor, 1); }
    };
    int m_descriptor;
    bool m_owns;
    std::string m_name;
    std::uint64_t m_consumed = 0;
    int m_wake;
    std::stop_token m_stop;
    std::stop_callback<Wake> m_onStop; // last: gone before the descriptor that it writes to
};

} // namespace

Status ByteInput::seek(std::uint64_t)
{
    return makeError(ErrorKind::Unsupported, "seek", "this input can only be read from front to back");
}

Result<std::unique_ptr<ByteInput>> openFileInput(const std::string& path, std::stop_token stop)
{
    // O_NONBLOCK: a FIFO that nobody writes to must not hang here.
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0)
        return systemError(errno == ENOENT ? ErrorKind::NotFound : ErrorKind::Input, "open " + path, errno);
    struct stat info = {};
    if (::fstat(descriptor, &info) != 0 || S_ISDIR(info.st_mode)) {
        const int reason = S_ISDIR(info.st_mode) ? EISDIR : errno;
        ::close(descriptor);
        return systemError(ErrorKind::Input, "open " + path, reason);
    }
    if (S_ISREG(info.st_mode) || S_ISBLK(info.st_mode)) return makeFileInput(descriptor, path);
    return makePipeInput(descriptor, true, path, std::move(stop));
}

std::unique_ptr<ByteInput> makeFileInput(int descriptor, std::string name, std::uint64_t position)
{
    return std::make_unique<FileInput>(descriptor, std::move(name), position);
}

std::unique_ptr<ByteInput> makePipeInput(int descriptor, bool owns, std::string name, std::stop_token stop)
{
    return std::make_unique<PipeInput>(descriptor, owns, std::move(name), std::move(stop));
}

} // namespace faultline
