#include "models/session/handover_server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <optional>

namespace faultline {

namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kMaxClients = 64;
constexpr std::chrono::seconds kHandshake{10}; // for a client to say what it wants
constexpr std::chrono::seconds kFarewell{2};   // for a client to take its report when this process ends

int millisecondsTo(Steady::time_point deadline)
{
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now()).count();
    return left > 0 ? static_cast<int>(left) : 0;
}

void drain(const Descriptor& event)
{
    eventfd_t value = 0;
    ::eventfd_read(event.get(), &value);
}

} // namespace

/// One connection: the request, the run, the answers. A slow or silent client never blocks the run: of its
/// progress only the newest waits to be sent.
class HandoverServer::Client
{
public:
    Client(Descriptor socket, Descriptor wake, const Run& run, const Remove& remove, const Change& change)
        : m_socket(std::move(socket))
        , m_wake(std::move(wake))
        , m_run(run)
        , m_remove(remove)
        , m_change(change)
        , m_thread([this] { serve(); })
    {}
    ~Client()
    {
        m_closing = true;
        ::eventfd_write(m_wake.get(), 1);
        m_thread.join();
    }
    bool done() const { return m_done; }

private:
    void serve()
    {
        if (!handover::peerIsSameUser(m_socket.get())) {
            answer(handover::encodeError(makeError(ErrorKind::Locked,
                                                   "hand the work to the process that writes "
                                                   "the store",
                                                   "it belongs to another user")));
            flush(Steady::now() + kFarewell);
        } else if (auto request = receive(); !request) {
            if (request.error().kind != ErrorKind::Cancelled) {
                answer(handover::encodeError(request.error()));
                flush(Steady::now() + kFarewell);
            }
        } else if (!request->remove.empty()) {
            const Status removed = m_remove(request->remove);
            answer(removed ? handover::encodeReport({}) : handover::encodeError(removed.error()));
            flush(Steady::now() + kFarewell);
        } else {
            work(std::move(*request));
        }
        // The peer learns of the end only when nothing of its descriptors is used any more.
        m_input.reset();
        m_socket.reset();
        m_done = true;
    }

    Result<handover::Request> receive()
    {
        const auto silent = [](const char* why) {
            return makeError(ErrorKind::Cancelled, "take over the work of another Faultline process", why);
        };
        const auto deadline = Steady::now() + kHandshake;
        std::string buffer;
        for (;;) {
            auto text = handover::takeFrame(buffer, handover::kMaxRequestBytes);
            if (!text) return text.error();
            if (*text) {
                auto request = handover::decodeRequest(**text);
                if (!request) return request.error();
                if (request->withStdin && !m_input)
                    return makeError(ErrorKind::Input, "read a message of another Faultline process",
                                     "it names standard input and sends no descriptor");
                return request;
            }
            std::array<pollfd, 2> waits{{{m_socket.get(), POLLIN, 0}, {m_wake.get(), POLLIN, 0}}};
            const int ready = ::poll(waits.data(), waits.size(), millisecondsTo(deadline));
            if (ready < 0 && errno == EINTR) continue;
            if (m_closing) return silent("this process ends");
            if (ready <= 0)
                return makeError(ErrorKind::Deadline, "read a message of another Faultline process",
                                 "it did not come within 10 seconds");
            const ssize_t got = read(buffer);
            if (got == 0) return silent("the connection was closed");
            if (got < 0 && errno != EAGAIN && errno != EINTR) return silent("the connection broke");
        }
    }

    // Appends what is there; takes the one descriptor that may come along, closes others.
    ssize_t read(std::string& buffer)
    {
        std::array<char, 64u << 10> bytes;
        alignas(cmsghdr) std::array<char, CMSG_SPACE(4 * sizeof(int))> control;
        iovec part{bytes.data(), bytes.size()};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        const ssize_t got = ::recvmsg(m_socket.get(), &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
        if (got < 0) return got;
        for (cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr; head = CMSG_NXTHDR(&message, head)) {
            if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) continue;
            const std::size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            for (std::size_t i = 0; i < count; ++i) {
                int descriptor = -1;
                std::memcpy(&descriptor, CMSG_DATA(head) + i * sizeof(int), sizeof descriptor);
                Descriptor owned(descriptor);
                if (!m_input) m_input = std::move(owned);
            }
        }
        buffer.append(bytes.data(), static_cast<std::size_t>(got));
        return got;
    }

    void work(handover::Request request)
    {
        if (request.withStdin) {
            request.ingest.stdinDescriptor = [this] { return m_input.get(); };
            request.ingest.stdinIsKept = true; // the client keeps what is not committed, and goes on with it
        }
        std::stop_source stop;
        std::optional<Result<IngestReport>> result; // under m_mutex
        std::thread runner([&] {
            const auto progressed = [this](const IngestProgress& progress) {
                std::lock_guard lock(m_mutex);
                m_progress = progress;
                ::eventfd_write(m_wake.get(), 1);
            };
            auto answered = request.change ? m_change(*request.change, progressed, stop.get_token())
                                           : m_run(request.ingest, progressed, stop.get_token());
            std::lock_guard lock(m_mutex);
            result.emplace(std::move(answered));
            ::eventfd_write(m_wake.get(), 1);
        });
        bool cancelled = false; // by the client, or because it is gone
        bool gone = false, finished = false;
        while (!finished) {
            if (m_closing || cancelled) stop.request_stop();
            short events = cancelled ? 0 : POLLIN;
            if (pending()) events |= POLLOUT;
            std::array<pollfd, 2> waits{{{m_wake.get(), POLLIN, 0}, {gone ? -1 : m_socket.get(), events, 0}}};
            if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) gone = cancelled = true;
            if (waits[0].revents != 0) drain(m_wake);
            if (waits[1].revents != 0) {
                char byte = 0;
                const ssize_t got = cancelled ? -1 : ::recv(m_socket.get(), &byte, 1, MSG_DONTWAIT);
                // Its end of sending is how a client cancels; it has nothing else to say.
                if (got >= 0) cancelled = true;
                if (got > 0 || (waits[1].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0 || !send())
                    gone = cancelled = true;
            }
            std::lock_guard lock(m_mutex);
            finished = result.has_value();
            if (!finished && m_progress && !pending()) answer(handover::encodeProgress(*m_progress));
            m_progress.reset();
        }
        runner.join();
        if (gone) return;
        // Stopped because this process ends: the client does the rest, and reports the whole.
        const bool stopped = *result ? (*result)->cancelled : result->error().kind == ErrorKind::Cancelled;
        if (stopped && !cancelled) return;
        answer(*result ? handover::encodeReport(**result) : handover::encodeError(result->error()));
        flush(std::nullopt);
    }

    void answer(const std::string& json) { m_out += handover::frame(json); }
    bool pending() const { return m_sent < m_out.size(); }

    // What fits now; false when the peer is gone.
    bool send()
    {
        while (pending()) {
            const ssize_t put = ::send(m_socket.get(), m_out.data() + m_sent, m_out.size() - m_sent,
                                       MSG_NOSIGNAL | MSG_DONTWAIT);
            if (put < 0) {
                if (errno == EINTR) continue;
                return errno == EAGAIN;
            }
            m_sent += static_cast<std::size_t>(put);
        }
        m_out.clear();
        m_sent = 0;
        return true;
    }

    // All of it, until the peer is gone or the time is over; without one, as long as this process goes on.
    void flush(std::optional<Steady::time_point> deadline)
    {
        while (send() && pending()) {
            if (m_closing && !deadline) deadline = Steady::now() + kFarewell;
            std::array<pollfd, 2> waits{
                {{m_socket.get(), POLLOUT, 0}, {m_closing ? -1 : m_wake.get(), POLLIN, 0}}};
            const int ready = ::poll(waits.data(), waits.size(), deadline ? millisecondsTo(*deadline) : -1);
            if (ready < 0 && errno != EINTR) return;
            if (ready == 0) return;
            if (ready > 0 && waits[1].revents != 0) drain(m_wake);
        }
    }

    Descriptor m_socket, m_wake, m_input;
    const Run& m_run;
    const Remove& m_remove;
    const Change& m_change;
    std::string m_out;
    std::size_t m_sent = 0;
    std::mutex m_mutex;
    std::optional<IngestProgress> m_progress; ///< the newest that is not sent
    std::atomic<bool> m_closing = false, m_done = false;
    std::thread m_thread; ///< last: uses all of the above
};

Result<std::unique_ptr<HandoverServer>> HandoverServer::start(const std::string& storePath, Run run,
                                                              Remove remove, Change change)
{
    const handover::SocketPlace place = handover::socketPlaceOf(storePath);
    const std::string what = "open the socket " + place.path();
    Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    Descriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!listener || !wake) return systemError(ErrorKind::Store, what, errno);
    // Made under another name and moved: there is never a moment in which others find none, and it cannot be
    // connected to before its rights are set. What a dead process left behind is replaced.
    handover::SocketPlace fresh = place;
    fresh.name += "+";
    ::unlink(fresh.path().c_str());
    if (const int error = handover::attachSocket(listener.get(), fresh, handover::SocketUse::Bind);
        error != 0)
        return systemError(ErrorKind::Store, what, error);
    if (::chmod(fresh.path().c_str(), 0600) != 0 || ::listen(listener.get(), 16) != 0 ||
        ::rename(fresh.path().c_str(), place.path().c_str()) != 0) {
        const int error = errno;
        ::unlink(fresh.path().c_str());
        return systemError(ErrorKind::Store, what, error);
    }
    return std::unique_ptr<HandoverServer>(new HandoverServer(
        place, std::move(run), std::move(remove), std::move(change), std::move(listener), std::move(wake)));
}

HandoverServer::HandoverServer(handover::SocketPlace place, Run run, Remove remove, Change change,
                               Descriptor listener, Descriptor wake)
    : m_place(std::move(place))
    , m_run(std::move(run))
    , m_remove(std::move(remove))
    , m_change(std::move(change))
    , m_listener(std::move(listener))
    , m_wake(std::move(wake))
    , m_thread([this] { accept(); })
{}

HandoverServer::~HandoverServer()
{
    ::unlink(m_place.path().c_str());
    ::eventfd_write(m_wake.get(), 1);
    m_thread.join();
    m_clients.clear();
}

void HandoverServer::accept()
{
    for (;;) {
        std::array<pollfd, 2> waits{{{m_listener.get(), POLLIN, 0}, {m_wake.get(), POLLIN, 0}}};
        if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR) return;
        if (waits[1].revents != 0) return;
        m_clients.remove_if([](const auto& client) { return client->done(); });
        if (waits[0].revents == 0) continue;
        Descriptor socket(::accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!socket) {
            // Out of descriptors: the peer waits in the queue. Looking again at once would only burn time.
            if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                pollfd wait{m_wake.get(), POLLIN, 0};
                if (::poll(&wait, 1, 100) > 0) return;
            }
            continue;
        }
        Descriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        if (!wake || m_clients.size() >= kMaxClients)
            continue; // it finds the connection closed, and tries again
        m_clients.push_back(
            std::make_unique<Client>(std::move(socket), std::move(wake), m_run, m_remove, m_change));
    }
}

} // namespace faultline
