#pragma once
#include <QObject>

#include <functional>
#include <memory>
#include <mutex>

namespace faultline {

/// Where worker threads leave work for the thread that owns a service (the GUI thread).
///
/// A worker never looks at the receiver: it posts a closure, and the closure decides, on the owner's thread,
/// whether anybody still waits for it. After close() posts are dropped.
/// Threads  post() from any; made and closed on the owner's thread, destroyed there, or anywhere once closed.
class Mailbox
{
public:
    Mailbox();
    ~Mailbox();
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;
    void post(std::function<void()> work);
    void close();

private:
    std::mutex m_mutex;
    std::unique_ptr<QObject> m_receiver;
};

} // namespace faultline
