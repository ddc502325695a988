#include "models/store/reader_pool.h"

#include <algorithm>

namespace faultline {

ReaderPool::Lease::Lease(Lease&& other) noexcept
    : m_pool(std::exchange(other.m_pool, nullptr))
    , m_use(other.m_use)
    , m_connection(std::move(other.m_connection))
{}

ReaderPool::Lease::~Lease()
{
    if (m_pool) m_pool->giveBack(m_use, std::move(m_connection));
}

ReaderPool::ReaderPool(std::size_t size, Factory factory)
    : m_size(std::max<std::size_t>(size, 2)), m_factory(std::move(factory))
{}

ReaderPool::~ReaderPool() = default;

bool ReaderPool::mayServe(Use use) const
{
    const std::size_t used = m_normal + m_reserved;
    if (used >= m_size) return false;
    // Normal uses leave one place to the reserved class; a reserved use takes whichever place is free.
    return use == Use::Reserved || m_normal + std::max<std::size_t>(m_reserved, 1) < m_size;
}

void ReaderPool::serve()
{
    // Reserved waiters first, then the others in their order; nobody overtakes one of the same class.
    for (const Use use : {Use::Reserved, Use::Normal}) {
        for (auto next = m_waiters.begin(); next != m_waiters.end() && mayServe(use);) {
            Waiter* waiter = *next;
            if (waiter->use != use) {
                ++next;
                continue;
            }
            next = m_waiters.erase(next);
            ++(use == Use::Reserved ? m_reserved : m_normal);
            waiter->served = true;
            waiter->wake.notify_one();
        }
    }
}

Result<ReaderPool::Lease> ReaderPool::borrow(Use use, std::chrono::milliseconds patience,
                                             std::stop_token stop)
{
    using Steady = std::chrono::steady_clock; // a real wait, whatever clock the application was given
    const auto begin = Steady::now();
    std::unique_lock lock(m_mutex);
    const bool othersWait =
        std::any_of(m_waiters.begin(), m_waiters.end(), [&](const Waiter* w) { return w->use == use; });
    if (!othersWait && mayServe(use)) {
        ++(use == Use::Reserved ? m_reserved : m_normal);
    } else {
        Waiter waiter;
        waiter.use = use;
        m_waiters.push_back(&waiter);
        waiter.wake.wait_until(lock, stop, begin + patience, [&] { return waiter.served; });
        const std::chrono::nanoseconds waited = Steady::now() - begin;
        m_status.waited += waited;
        m_status.longestWait = std::max(m_status.longestWait, waited);
        if (!waiter.served) {
            std::erase(m_waiters, &waiter);
            if (stop.stop_requested())
                return makeError(ErrorKind::Cancelled, "read the store",
                                 "stopped while waiting for a reader");
            return makeError(ErrorKind::Deadline, "read the store",
                             "all " + std::to_string(m_size) + " readers were busy for " +
                                 std::to_string(patience.count()) + " ms",
                             {"Close panels or queries that run long, and ask again."});
        }
    }
    ++m_status.borrowed;
    std::unique_ptr<Connection> connection;
    if (!m_idle.empty()) {
        connection = std::move(m_idle.back());
        m_idle.pop_back();
    }
    lock.unlock();
    if (!connection) {
        auto opened = m_factory();
        if (!opened) {
            giveBack(use, nullptr);
            return std::move(opened).error();
        }
        connection = std::move(*opened);
    }
    return Lease(*this, use, std::move(connection));
}

void ReaderPool::giveBack(Use use, std::unique_ptr<Connection> connection)
{
    std::unique_ptr<Connection> doomed;
    if (connection) {
        connection->rollback();
        // After an I/O error a connection may be left in a state of its own: the next one starts fresh.
        if (connection->lastCode() != 0) doomed = std::move(connection);
    }
    std::lock_guard lock(m_mutex);
    if (connection) m_idle.push_back(std::move(connection));
    --(use == Use::Reserved ? m_reserved : m_normal);
    serve();
}

ReaderPoolStatus ReaderPool::status() const
{
    std::lock_guard lock(m_mutex);
    ReaderPoolStatus status = m_status;
    status.size = m_size;
    status.inUse = m_normal + m_reserved;
    status.waiting = m_waiters.size();
    return status;
}

void ReaderPool::closeIdle()
{
    std::vector<std::unique_ptr<Connection>> idle;
    std::lock_guard lock(m_mutex);
    idle.swap(m_idle);
}

} // namespace faultline
