#include "models/session/mailbox.h"

#include <QMetaObject>

namespace faultline {

Mailbox::Mailbox() : m_receiver(std::make_unique<QObject>()) {}

Mailbox::~Mailbox()
{
    close();
}

void Mailbox::post(std::function<void()> work)
{
    std::lock_guard lock(m_mutex);
    if (m_receiver) QMetaObject::invokeMethod(m_receiver.get(), std::move(work), Qt::QueuedConnection);
}

void Mailbox::close()
{
    // Deleting the receiver drops what was posted and not yet run.
    std::unique_ptr<QObject> receiver;
    std::lock_guard lock(m_mutex);
    receiver = std::move(m_receiver);
}

} // namespace faultline
