// A process for tst_kill: ingests, or holds a store for others, and dies (SIGKILL) at a counted call to the
// file system. Says on stdout what was acknowledged: "events N" after each commit, "ready", "done CALLS".
//
//   ingest_child ingest STORE KILL_AT PATH      ingest_child hold STORE KILL_AT      (0: lives; hold: until
//   EOF)
#include "models/session/ingest_anywhere.h"
#include "tests/support/fault_vfs.h"

#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <thread>

using namespace faultline;
using namespace faultline::testing;

namespace {

void say(const std::string& line)
{
    // One write: no buffer of ours dies with us.
    if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::abort();
}

// Tells how many events are durable, after each commit.
class Teller
{
public:
    explicit Teller(std::shared_ptr<Store> store) : m_store(std::move(store))
    {
        m_id = m_store->onChange([this] {
            std::lock_guard lock(m_mutex);
            m_changed = true;
            m_wake.notify_all();
        });
        m_thread = std::jthread([this](const std::stop_token& stop) {
            std::unique_lock lock(m_mutex);
            while (m_wake.wait(lock, stop, [this] { return m_changed; })) {
                m_changed = false;
                lock.unlock();
                if (auto snapshot = m_store->snapshot(); snapshot)
                    say("events " + std::to_string((*snapshot)->events) + "\n");
                lock.lock();
            }
        });
    }
    ~Teller() { m_store->removeOnChange(m_id); }

private:
    std::shared_ptr<Store> m_store;
    std::uint64_t m_id = 0;
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    bool m_changed = false;
    std::jthread m_thread;
};

int fail(const Error& error)
{
    std::fprintf(stderr, "%s\n", error.line().c_str());
    return 3;
}

} // namespace

int main(int count, char** arguments)
{
    if (count < 4) return 2;
    const std::string_view mode = arguments[1];
    Fault fault;
    fault.calls = IoWrite | IoSync | IoTruncate;
    fault.at = std::strtoull(arguments[3], nullptr, 10);
    fault.kill = true;
    Store::Options options;
    options.vfs = FaultVfs::name();
    auto runner = makeIngestRunner(std::make_shared<SystemClock>());
    if (!runner) return fail(runner.error());
    if (mode == "hold") {
        auto store = Store::open(arguments[2], options);
        if (!store) return fail(store.error());
        if (!(*store)->isWriter()) return 4;
        const Teller teller(*store);
        const IngestHost host(*store, *runner);
        if (host.notServing()) return fail(*host.notServing());
        // In this order: what the store does by itself may be enough calls to die of.
        say("ready\n");
        FaultVfs::arm(fault);
        char byte = 0;
        while (::read(STDIN_FILENO, &byte, 1) > 0) {
        }
        say("done " + std::to_string(FaultVfs::calls()) + "\n");
        return 0;
    }
    if (count < 5) return 2;
    FaultVfs::arm(fault);
    auto store = Store::open(arguments[2], options);
    if (!store) return fail(store.error());
    if (!(*store)->isWriter()) return 4;
    const Teller teller(*store);
    IngestRequest request;
    request.paths = {arguments[4]};
    request.workers = 2;
    auto report = (*runner)(*store, request, {}, {});
    if (!report) return fail(report.error());
    say("done " + std::to_string(FaultVfs::calls()) + "\n");
    return 0;
}
