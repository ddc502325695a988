#include "models/session/stdin_relay.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <vector>

namespace faultline {

namespace {

constexpr std::size_t kChunk = 256u << 10;

Descriptor unlinkedFile(const std::string& folder)
{
    Descriptor file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (file) return file;
    std::string name = folder + "/.faultline-stdin-XXXXXX";
    file.reset(::mkostemp(name.data(), O_CLOEXEC));
    if (file) ::unlink(name.c_str());
    return file;
}

} // namespace

Result<std::unique_ptr<StdinRelay>> StdinRelay::start(int source, std::uint64_t keepBytes,
                                                      const std::string& folder)
{
    std::unique_ptr<StdinRelay> relay(new StdinRelay(source, keepBytes));
    struct stat info = {};
    if (::fstat(source, &info) == 0 && S_ISREG(info.st_mode))
        relay->m_fileStart = ::lseek(source, 0, SEEK_CUR);
    if (relay->m_fileStart < 0) {
        relay->m_kept = unlinkedFile(folder);
        relay->m_complete = relay->m_kept && keepBytes > 0;
        if (!relay->m_wake) return systemError(ErrorKind::Input, "pass standard input on", errno);
        if (Status status = relay->connect(); !status) return status.error();
    }
    return relay;
}

StdinRelay::StdinRelay(int source, std::uint64_t keepBytes)
    : m_source(source), m_keepBytes(keepBytes), m_wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
{}

StdinRelay::~StdinRelay()
{
    end();
}

void StdinRelay::end()
{
    if (!m_thread.joinable()) return;
    m_ending = true;
    ::eventfd_write(m_wake.get(), 1);
    m_thread.join();
    m_ending = false;
    eventfd_t value = 0;
    ::eventfd_read(m_wake.get(), &value);
}

// A socket and not a pipe: writing to one that nobody reads any more must not raise SIGPIPE.
Status StdinRelay::connect()
{
    std::array<int, 2> ends{-1, -1};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return systemError(ErrorKind::Input, "pass standard input on", errno);
    m_in.reset(ends[0]);
    m_out.reset(ends[1]);
    m_thread = std::thread([this] { pump(); });
    return {};
}

Status StdinRelay::rewind()
{
    if (m_fileStart >= 0) {
        if (::lseek(m_source, m_fileStart, SEEK_SET) < 0)
            return systemError(ErrorKind::Input, "read standard input again", errno);
        return {};
    }
    end();
    if (m_complete) return connect();
    // The end that the other process read is ours too: what it left there is still there.
    if (m_out) m_thread = std::thread([this] { pump(); });
    return {};
}

std::uint64_t StdinRelay::taken() const
{
    int waiting = 0;
    if (m_fileStart >= 0 || ::ioctl(m_in.get(), FIONREAD, &waiting) != 0) waiting = 0;
    const std::uint64_t passed = m_passedOn;
    return passed - std::min<std::uint64_t>(passed, static_cast<std::uint64_t>(std::max(waiting, 0)));
}

// Bytes that were kept first, then the stream itself.
void StdinRelay::pump()
{
    std::vector<char> buffer(kChunk);
    std::size_t put = 0;
    if (!m_complete && !m_inHand.empty()) {
        const bool all = pass(m_inHand.data(), m_inHand.size(), put);
        m_passedOn += put;
        m_inHand.erase(0, put);
        if (!all) return;
    }
    std::uint64_t sent = m_complete ? 0 : m_read;
    while (!m_ending) {
        if (m_complete && sent < m_read) {
            const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), m_read - sent));
            const ssize_t got = ::pread(m_kept.get(), buffer.data(), size, static_cast<off_t>(sent));
            if (got < 0 && errno == EINTR) continue;
            // Not readable any more: the stream goes on all the same, with a gap that passedOn() tells.
            if (got <= 0) {
                m_complete = false;
                sent = m_read;
                m_passedOn = m_read;
                continue;
            }
            if (!pass(buffer.data(), static_cast<std::size_t>(got), put)) return;
            sent += static_cast<std::uint64_t>(got);
            continue;
        }
        std::array<pollfd, 2> waits{{{m_source, POLLIN, 0}, {m_wake.get(), POLLIN, 0}}};
        if (::poll(waits.data(), waits.size(), -1) < 0) {
            if (errno == EINTR) continue;
            return;
        }
        if (waits[1].revents != 0) return;
        const ssize_t got = ::read(m_source, buffer.data(), buffer.size());
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got <= 0) {
            m_out.reset();
            return;
        }
        const auto size = static_cast<std::size_t>(got);
        if (m_complete && !keep(buffer.data(), size)) {
            // All before these bytes was passed on, and cannot be repeated from here on.
            m_complete = false;
            m_passedOn = m_read;
            m_kept.reset();
        }
        m_read += size;
        sent = m_read;
        const bool all = pass(buffer.data(), size, put);
        if (!m_complete) {
            m_passedOn += put;
            m_inHand.assign(buffer.data() + put, size - put);
        }
        if (!all) return;
    }
}

bool StdinRelay::keep(const char* bytes, std::size_t size)
{
    if (m_read + size > m_keepBytes) return false;
    std::size_t done = 0;
    while (done < size) {
        const ssize_t put =
            ::pwrite(m_kept.get(), bytes + done, size - done, static_cast<off_t>(m_read + done));
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        done += static_cast<std::size_t>(put);
    }
    return true;
}

// False when it is to end, or nobody reads any more; `put` says how much went.
bool StdinRelay::pass(const char* bytes, std::size_t size, std::size_t& put)
{
    put = 0;
    while (put < size) {
        if (m_ending) return false;
        const ssize_t sent = ::send(m_out.get(), bytes + put, size - put, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) {
            put += static_cast<std::size_t>(sent);
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return false;
        std::array<pollfd, 2> waits{{{m_out.get(), POLLOUT, 0}, {m_wake.get(), POLLIN, 0}}};
        if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return false;
    }
    return true;
}

} // namespace faultline
