#include "models/session/handover_client.h"

#include "models/session/descriptor.h"
#include "models/session/handover_protocol.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace faultline {

namespace {

using What = HandoverOutcome::What;

HandoverOutcome outcome(What what)
{
    HandoverOutcome result;
    result.what = what;
    return result;
}

class Conversation
{
public:
    Conversation(Descriptor socket, std::string out, int stdinDescriptor, std::stop_token stop)
        : m_socket(std::move(socket))
        , m_out(std::move(out))
        , m_stdin(stdinDescriptor)
        , m_wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
        , m_stop(std::move(stop))
        , m_onStop(m_stop, Wake{m_wake.get()})
    {}

    Result<HandoverOutcome> run(const std::function<void(const IngestProgress&)>& progress)
    {
        bool asked = false; // to stop
        for (;;) {
            if (m_stop.stop_requested() && !asked) {
                if (m_sent < m_out.size())
                    return makeError(ErrorKind::Cancelled, "hand the work over", "it was stopped");
                // The end of what we say is the request to stop; the report still comes.
                ::shutdown(m_socket.get(), SHUT_WR);
                asked = true;
            }
            short events = POLLIN;
            if (m_sent < m_out.size()) events |= POLLOUT;
            std::array<pollfd, 2> waits{
                {{m_socket.get(), events, 0}, {asked ? -1 : m_wake.get(), POLLIN, 0}}};
            if (::poll(waits.data(), waits.size(), -1) < 0) {
                if (errno == EINTR) continue;
                return systemError(ErrorKind::Store, "wait for the process that writes the store", errno);
            }
            // A holder that refuses may close before it read all: what it said is still to be read.
            if ((waits[0].revents & POLLOUT) != 0 && !send()) m_sent = m_out.size();
            if ((waits[0].revents & ~POLLOUT) == 0) continue;
            auto done = receive(progress);
            if (!done) return done.error();
            if (*done) return std::move(**done);
        }
    }

private:
    struct Wake
    {
        int descriptor;
        void operator()() const { ::eventfd_write(descriptor, 1); }
    };

    bool send()
    {
        while (m_sent < m_out.size()) {
            iovec part{m_out.data() + m_sent, m_out.size() - m_sent};
            alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
            msghdr message{};
            message.msg_iov = &part;
            message.msg_iovlen = 1;
            if (m_sent == 0 && m_stdin >= 0) {
                message.msg_control = control.data();
                message.msg_controllen = control.size();
                cmsghdr* head = CMSG_FIRSTHDR(&message);
                head->cmsg_level = SOL_SOCKET;
                head->cmsg_type = SCM_RIGHTS;
                head->cmsg_len = CMSG_LEN(sizeof(int));
                std::memcpy(CMSG_DATA(head), &m_stdin, sizeof m_stdin);
            }
            const ssize_t put = ::sendmsg(m_socket.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (put < 0) {
                if (errno == EINTR) continue;
                return errno == EAGAIN;
            }
            m_sent += static_cast<std::size_t>(put);
        }
        return true;
    }

    // Nothing while the answer is not complete.
    Result<std::optional<HandoverOutcome>> receive(const std::function<void(const IngestProgress&)>& progress)
    {
        std::array<char, 64u << 10> bytes;
        const ssize_t got = ::recv(m_socket.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) return std::optional<HandoverOutcome>();
        if (got <= 0) return std::optional(outcome(What::Gone));
        m_in.append(bytes.data(), static_cast<std::size_t>(got));
        for (;;) {
            auto text = handover::takeFrame(m_in, handover::kMaxReplyBytes);
            if (!text) return text.error();
            if (!*text) return std::optional<HandoverOutcome>();
            auto reply = handover::decodeReply(**text);
            if (!reply) return reply.error();
            if (auto* error = std::get_if<Error>(&*reply)) return std::move(*error);
            if (auto* report = std::get_if<IngestReport>(&*reply)) {
                HandoverOutcome done = outcome(What::Report);
                done.report = std::move(*report);
                return std::optional(std::move(done));
            }
            if (progress) progress(std::get<IngestProgress>(*reply));
        }
    }

    Descriptor m_socket;
    std::string m_out, m_in;
    std::size_t m_sent = 0;
    int m_stdin;
    Descriptor m_wake;
    std::stop_token m_stop;
    std::stop_callback<Wake> m_onStop; // last: gone before the descriptor that it writes to
};

Result<HandoverOutcome> converse(const std::string& storePath, const std::string& what,
                                 const std::string& json, int stdinDescriptor,
                                 const std::function<void(const IngestProgress&)>& progress,
                                 std::stop_token stop)
{
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return systemError(ErrorKind::Store, what, errno);
    const handover::SocketPlace place = handover::socketPlaceOf(storePath);
    const int error = handover::attachSocket(socket.get(), place, handover::SocketUse::Connect);
    // EAGAIN: it listens, and too many wait already.
    if (error == ENOENT || error == ECONNREFUSED || error == EAGAIN || error == ENOTSOCK)
        return outcome(What::Nobody);
    const auto foreign = [&what] {
        return makeError(ErrorKind::Locked, what, "that process belongs to another user",
                         {"Run the command as that user, or name another store with --store."});
    };
    if (error == EACCES || error == EPERM) return foreign();
    if (error != 0) return systemError(ErrorKind::Store, what, error);
    if (!handover::peerIsSameUser(socket.get())) return foreign();
    return Conversation(std::move(socket), handover::frame(json), stdinDescriptor, std::move(stop))
        .run(progress);
}

} // namespace

Result<HandoverOutcome> ingestThroughHolder(const std::string& storePath, const IngestRequest& request,
                                            const std::function<void(const IngestProgress&)>& progress,
                                            std::stop_token stop)
{
    const std::string what = "hand the work to the process that writes " + storePath;
    handover::Request message;
    message.ingest = request;
    message.ingest.stdinDescriptor = {};
    for (std::string& path : message.ingest.paths) {
        if (path == "-") {
            message.withStdin = true;
            continue;
        }
        std::error_code failed;
        path = std::filesystem::absolute(path, failed).lexically_normal().string();
        if (failed) return systemError(ErrorKind::Input, "find " + path, failed.value());
    }
    std::string json = handover::encodeRequest(message);
    if (json.size() > handover::kMaxRequestBytes)
        return makeError(ErrorKind::Limit, what, "its list of paths is over 16 MiB",
                         {"Name the folder, or a pattern in quotes, instead of each file."});
    int stdinDescriptor = -1;
    if (message.withStdin)
        stdinDescriptor = request.stdinDescriptor ? request.stdinDescriptor() : STDIN_FILENO;

    return converse(storePath, what, json, stdinDescriptor, progress, std::move(stop));
}

Result<HandoverOutcome> removeThroughHolder(const std::string& storePath,
                                            const std::vector<SourceId>& sources)
{
    handover::Request message;
    message.remove = sources;
    return converse(storePath, "remove sources through the process that writes " + storePath,
                    handover::encodeRequest(message), -1, {}, {});
}

Result<HandoverOutcome> changeThroughHolder(const std::string& storePath, const SourceChangeRequest& request,
                                            const std::function<void(const IngestProgress&)>& progress,
                                            std::stop_token stop)
{
    handover::Request message;
    message.change = request;
    return converse(storePath, "change a source through the process that writes " + storePath,
                    handover::encodeRequest(message), -1, progress, std::move(stop));
}

} // namespace faultline
