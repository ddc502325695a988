#include "models/ingest/ingest.h"

#include "models/ingest/discover.h"
#include "models/ingest/ingest_run.h"
#include "models/ingest/input_streams.h"
#include "models/ingest/open_input.h"
#include "models/ingest/source_opener.h"

#include <algorithm>
#include <atomic>

namespace faultline {
namespace {

constexpr std::chrono::milliseconds kProgressInterval{100};

/// "-" reads the descriptor that the request names instead of this process's own standard input.
void useStdinOf(const IngestRequest& request, std::vector<InputEntry>& entries, const std::stop_token& stop)
{
    if (!request.stdinDescriptor) return;
    for (InputEntry& entry : entries) {
        if (entry.path != "-") continue;
        entry.open = [descriptor = request.stdinDescriptor, stop]() -> Result<std::unique_ptr<ByteInput>> {
            const std::string name = "standard input";
            auto decoded = decodeStream(makePipeInput(descriptor(), false, name, stop), name);
            if (!decoded) return std::move(decoded).error();
            return std::move(decoded->input);
        };
    }
}

/// Calls `progress` until destroyed.
class ProgressReporter
{
public:
    ProgressReporter(IngestRun& run, const Store& store, const std::vector<InputEntry>& entries,
                     std::shared_ptr<const Clock> clock, std::function<void(const IngestProgress&)> progress)
        : m_run(run)
        , m_store(store)
        , m_clock(std::move(clock))
        , m_progress(std::move(progress))
        , m_start(m_clock->steady())
    {
        for (const InputEntry& entry : entries) {
            if (!entry.skipReason.empty()) continue;
            m_base.bytesTotal += entry.bytes;
            ++m_base.sourcesTotal;
        }
        if (m_progress) m_thread = std::jthread([this](std::stop_token stop) { loop(stop); });
    }
    ~ProgressReporter()
    {
        if (!m_progress) return;
        m_thread.request_stop();
        m_thread.join();
        m_progress(now());
    }

private:
    void loop(const std::stop_token& stop)
    {
        std::mutex mutex;
        std::condition_variable_any wake;
        std::unique_lock lock(mutex);
        while (!wake.wait_for(lock, stop, kProgressInterval, [&] { return stop.stop_requested(); }))
            m_progress(now());
    }
    IngestProgress now() const
    {
        IngestProgress progress = m_base;
        const IngestCounters& counters = m_run.counters();
        progress.bytesDone = std::min<std::uint64_t>(
            counters.diskBytes, progress.bytesTotal != 0 ? progress.bytesTotal : UINT64_MAX);
        progress.decodedBytes = counters.decodedBytes;
        progress.events = counters.events;
        progress.quarantined = counters.quarantined;
        progress.sourcesDone = counters.sourcesDone;
        progress.paused = m_store.writerStatus().paused;
        const double seconds = std::chrono::duration<double>(m_clock->steady() - m_start).count();
        if (seconds > 0) progress.bytesPerSecond = static_cast<double>(progress.decodedBytes) / seconds;
        if (seconds > 0.5 && progress.bytesDone > 0 && progress.bytesTotal > 0)
            progress.secondsLeft = seconds * static_cast<double>(progress.bytesTotal - progress.bytesDone) /
                                   static_cast<double>(progress.bytesDone);
        return progress;
    }

    IngestRun& m_run;
    const Store& m_store;
    std::shared_ptr<const Clock> m_clock;
    std::function<void(const IngestProgress&)> m_progress;
    std::chrono::steady_clock::time_point m_start;
    IngestProgress m_base;
    std::jthread m_thread;
};

} // namespace

Ingest::Ingest(std::shared_ptr<Store> store, std::shared_ptr<const Normaliser> normaliser,
               std::shared_ptr<const Clock> clock)
    : m_store(std::move(store)), m_normaliser(std::move(normaliser)), m_clock(std::move(clock))
{}

Result<IngestReport> Ingest::run(const IngestRequest& request,
                                 std::function<void(const IngestProgress&)> progress, std::stop_token stop)
{
    const auto begin = m_clock->steady();
    auto discovered = discoverInputs(request.paths, stop);
    if (!discovered) return std::move(discovered).error();
    std::vector<InputEntry>& entries = *discovered;
    useStdinOf(request, entries, stop);
    SourceOpener opener(m_store, request, m_clock, stop);
    if (Status status = opener.prepare(entries); !status) return status.error();

    const CommitQueue::Commit commit = [this](CommitBatch batch, std::stop_token commitStop) {
        return m_store->commit(std::move(batch), std::move(commitStop));
    };
    const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
    IngestRun run({commit, m_normaliser, m_clock, request.workers != 0 ? request.workers : cores}, stop);
    std::optional<Error> failure;
    std::mutex failureMutex;
    {
        const ProgressReporter reporter(run, *m_store, entries, m_clock, std::move(progress));
        std::atomic<std::size_t> next{0};
        const auto readAll = [&](std::size_t index) {
            const auto reader = run.makeReader(index);
            for (std::size_t i = next++; i < entries.size() && !stop.stop_requested() && !run.failed();
                 i = next++) {
                auto opened = opener.open(i, run, *reader, commit);
                if (!opened) {
                    std::lock_guard lock(failureMutex);
                    failure = opened.error();
                    return;
                }
                if (opened->what == SourceOpener::What::Stopped) break;
                if (opened->what == SourceOpener::What::Done) continue;
                opened->source.head = opened->head;
                PieceReader::Left left;
                if (!reader->read(opened->source, left)) return;
            }
            reader->flush();
        };
        std::vector<std::jthread> readers;
        const std::size_t count = std::min(entries.size(), std::min<std::size_t>(cores, 4));
        for (std::size_t i = 1; i < count; ++i) readers.emplace_back(readAll, i);
        readAll(0);
        readers.clear(); // joins
        const auto commitFailure = run.finish();
        if (commitFailure && !failure && commitFailure->kind != ErrorKind::Cancelled) failure = commitFailure;
    }
    if (failure) return *failure;

    IngestReport report;
    const auto committed = run.committed();
    for (std::size_t i = 0; i < entries.size(); ++i) {
        SourceReport source = opener.report(i);
        if (const auto found = committed.find(source.id); found != committed.end()) {
            source.ledger += found->second.ledger;
            if (found->second.state) source.state = *found->second.state;
            if (!found->second.detail.empty()) source.detail = found->second.detail;
        }
        report.total += source.ledger;
        report.sources.push_back(std::move(source));
    }
    report.cancelled = stop.stop_requested();
    report.seconds = std::chrono::duration<double>(m_clock->steady() - begin).count();
    return report;
}

} // namespace faultline
