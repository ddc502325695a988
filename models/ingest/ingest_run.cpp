#include "models/ingest/ingest_run.h"

namespace faultline {

IngestRun::IngestRun(Parts parts, std::stop_token stop)
    : m_parts(std::move(parts))
    , m_stop(std::move(stop))
    , m_onStop(m_stop, Quit{m_quit})
    , m_queue(m_parts.workers + 1)
{
    const auto committed = [this](const std::vector<CommitBatch::SourceUpdate>& updates) {
        std::lock_guard lock(m_mutex);
        for (const auto& update : updates) {
            Committed& source = m_committed[update.id];
            source.ledger += update.delta;
            if (update.state) source.state = update.state;
            if (!update.detail.empty()) source.detail = update.detail;
            m_counters.events += update.delta.events;
            m_counters.quarantined += update.delta.quarantined.records;
        }
        m_progressed.notify_all();
    };
    const auto commit = [this](CommitBatch batch, std::stop_token commitStop) {
        Status status = m_parts.commit(std::move(batch), std::move(commitStop));
        if (!status) m_quit.request_stop();
        return status;
    };
    m_commits = std::make_unique<CommitQueue>(commit, committed, m_stop);
    for (std::size_t i = 0; i < m_parts.workers; ++i) m_workers.emplace_back([this] { work(); });
}

IngestRun::~IngestRun()
{
    finish();
}

std::unique_ptr<PieceReader> IngestRun::makeReader(std::size_t index)
{
    return std::make_unique<PieceReader>(index, m_queue, m_counters, m_parts.clock, m_quit.get_token());
}

void IngestRun::work()
{
    PieceParser parser(m_parts.normaliser);
    // Without the stop: what was cut is committed, too. Readers end it by close().
    while (std::optional<Piece> piece = m_queue.pop({})) {
        std::optional<CommitBatch> batch = parser.parse(*piece, {});
        m_queue.returnBuffer(std::move(piece->buffer));
        if (!batch) return;
        m_commits->submit(piece->reader, piece->number, std::move(*batch));
    }
}

bool IngestRun::waitForSource(SourceId id, std::stop_token stop)
{
    std::unique_lock lock(m_mutex);
    while (!stop.stop_requested() && !failed()) {
        if (const auto source = m_committed.find(id); source != m_committed.end() && source->second.state)
            return true;
        m_progressed.wait_for(lock, stop, std::chrono::milliseconds(50), [] { return false; });
    }
    return false;
}

std::map<SourceId, IngestRun::Committed> IngestRun::committed() const
{
    std::lock_guard lock(m_mutex);
    return m_committed;
}

std::optional<Error> IngestRun::finish()
{
    m_queue.close();
    for (std::thread& worker : m_workers)
        if (worker.joinable()) worker.join();
    return m_commits->finish();
}

} // namespace faultline
