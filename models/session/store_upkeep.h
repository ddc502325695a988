#pragma once
#include "models/store/store.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace faultline {

/// Merges the small segments of live sources into large ones while the store is quiet.
///
/// Threads  One of its own; made and destroyed on any. Does nothing unless this process is the writer.
/// Cost     A merge waits until no commit has come for kQuiet, so that it never competes with a read; the
/// store
///          decides which segments are worth it.
class StoreUpkeep
{
public:
    static constexpr std::chrono::milliseconds kQuiet{2'000};
    explicit StoreUpkeep(std::shared_ptr<Store> store, std::chrono::milliseconds quiet = kQuiet);
    ~StoreUpkeep();
    StoreUpkeep(const StoreUpkeep&) = delete;
    StoreUpkeep& operator=(const StoreUpkeep&) = delete;

private:
    void run(const std::stop_token& stop);
    std::shared_ptr<Store> m_store;
    std::chrono::milliseconds m_quiet;
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    bool m_changed = false;
    std::uint64_t m_callback = 0;
    std::jthread m_thread;
};

} // namespace faultline
