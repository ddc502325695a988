#include "models/ingest/commit_queue.h"

#include <iterator>

namespace faultline {
namespace {

/// Sealed pieces in memory at most, beside the one being committed.
constexpr std::size_t kMostHeld = 12;
/// Pieces that share a transaction at most: a commit must not keep readers of new rows waiting.
constexpr std::size_t kMostPerCommit = 4;

void append(CommitBatch& into, CommitBatch&& from)
{
    std::move(from.segments.begin(), from.segments.end(), std::back_inserter(into.segments));
    std::move(from.sources.begin(), from.sources.end(), std::back_inserter(into.sources));
    std::move(from.quarantine.begin(), from.quarantine.end(), std::back_inserter(into.quarantine));
}

} // namespace

CommitQueue::CommitQueue(Commit commit, Committed committed, std::stop_token stop)
    : m_commit(std::move(commit))
    , m_committed(std::move(committed))
    , m_stop(std::move(stop))
    , m_thread([this] { run(); })
{}

CommitQueue::~CommitQueue()
{
    finish();
}

bool CommitQueue::failed() const
{
    std::lock_guard lock(m_mutex);
    return m_error.has_value();
}

void CommitQueue::submit(std::size_t reader, std::uint64_t number, CommitBatch batch)
{
    {
        std::unique_lock lock(m_mutex);
        // The piece that is waited for is never kept out, or nothing would move again.
        m_changed.wait(lock, m_stop, [&] {
            return m_held.size() < kMostHeld || m_next[reader] == number || m_error.has_value();
        });
        if (m_error) return; // nothing more becomes durable: a later run reads it again
        m_held.emplace(std::make_pair(reader, number), std::move(batch));
    }
    m_changed.notify_all();
}

bool CommitQueue::waitDurable(std::size_t reader, std::uint64_t pieces, std::stop_token stop)
{
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, std::move(stop), [&] { return m_durable[reader] >= pieces || m_error.has_value(); });
    return m_durable[reader] >= pieces;
}

void CommitQueue::run()
{
    std::unique_lock lock(m_mutex);
    for (;;) {
        CommitBatch group;
        std::size_t taken = 0;
        for (auto entry = m_held.begin(); entry != m_held.end() && taken < kMostPerCommit;) {
            const auto [reader, number] = entry->first;
            if (m_next[reader] != number) {
                ++entry;
                continue;
            }
            ++m_next[reader];
            append(group, std::move(entry->second));
            entry = m_held.erase(entry);
            ++taken;
        }
        if (taken == 0) {
            if (m_finishing) return;
            m_changed.wait(lock);
            continue;
        }
        const auto durable = m_next; // what was taken so far is what this commit ends with
        lock.unlock();
        const auto updates = group.sources;
        const Status status = m_commit(std::move(group), m_stop);
        if (status.ok()) m_committed(updates);
        lock.lock();
        if (!status.ok()) {
            m_error = status.error();
            m_held.clear();
            m_changed.notify_all();
            return;
        }
        m_durable = durable;
        m_changed.notify_all();
    }
}

std::optional<Error> CommitQueue::finish()
{
    {
        std::lock_guard lock(m_mutex);
        m_finishing = true;
    }
    m_changed.notify_all();
    if (m_thread.joinable()) m_thread.join();
    std::lock_guard lock(m_mutex);
    return m_error;
}

} // namespace faultline
