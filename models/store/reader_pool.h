#pragma once
#include "models/store/sqlite.h"
#include "models/store/store.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

namespace faultline {

/// A bounded number of read-only connections, opened when first needed. Who asks first is served first; one
/// connection is kept for the reserved class (alerts), which never waits behind a burst of panels.
/// Any thread. A lease goes back when it is destroyed; the pool outlives its leases.
class ReaderPool
{
public:
    enum class Use { Normal, Reserved };
    using Factory = std::function<Result<std::unique_ptr<Connection>>()>;
    static constexpr std::chrono::milliseconds kPatience{30'000};

    /// A connection on loan.
    class Lease
    {
    public:
        Lease(Lease&& other) noexcept;
        Lease& operator=(Lease&&) = delete;
        ~Lease();
        Connection& operator*() const { return *m_connection; }
        Connection* operator->() const { return m_connection.get(); }

    private:
        friend class ReaderPool;
        Lease(ReaderPool& pool, Use use, std::unique_ptr<Connection> connection)
            : m_pool(&pool), m_use(use), m_connection(std::move(connection))
        {}
        ReaderPool* m_pool;
        Use m_use;
        std::unique_ptr<Connection> m_connection;
    };

    /// `size` at least 2.
    ReaderPool(std::size_t size, Factory factory);
    ~ReaderPool();
    ReaderPool(const ReaderPool&) = delete;
    ReaderPool& operator=(const ReaderPool&) = delete;

    /// Waits at most `patience` for its turn: Deadline after that, Cancelled when `stop` is requested.
    Result<Lease> borrow(Use use = Use::Normal, std::chrono::milliseconds patience = kPatience,
                         std::stop_token stop = {});
    ReaderPoolStatus status() const;
    /// Closes the connections that nobody uses.
    void closeIdle();

private:
    struct Waiter
    {
        Use use = Use::Normal;
        bool served = false;
        std::condition_variable_any wake;
    };
    bool mayServe(Use use) const; // with m_mutex held
    void serve();                 // with m_mutex held: hands places to those in front
    void giveBack(Use use, std::unique_ptr<Connection> connection);

    const std::size_t m_size;
    const Factory m_factory;
    mutable std::mutex m_mutex;
    std::vector<std::unique_ptr<Connection>> m_idle;
    std::deque<Waiter*> m_waiters;            ///< in order of arrival
    std::size_t m_normal = 0, m_reserved = 0; ///< places in use
    ReaderPoolStatus m_status;
};

} // namespace faultline
