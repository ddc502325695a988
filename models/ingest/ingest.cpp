#include "models/ingest/ingest.h"

#include "models/ingest/detect.h"
#include "models/ingest/discover.h"
#include "models/ingest/follow_run.h"
#include "models/ingest/ingest_run.h"
#include "models/ingest/input_streams.h"
#include "models/ingest/live_input.h"
#include "models/ingest/open_input.h"
#include "models/ingest/read_order.h"
#include "models/ingest/source_opener.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <set>

namespace faultline {
namespace {

constexpr std::chrono::milliseconds kProgressInterval{100};

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

namespace {

/// One run: its entries, its readers and what they end with.
class Run
{
public:
    Run(std::shared_ptr<Store> store, std::shared_ptr<const Normaliser> normaliser,
        std::shared_ptr<const Clock> clock, const IngestRequest& request, std::stop_token stop)
        : m_store(std::move(store))
        , m_clock(std::move(clock))
        , m_request(request)
        , m_stop(std::move(stop))
        , m_cores(std::max(1u, std::thread::hardware_concurrency()))
        , m_opener(m_store, m_known, request, m_clock, m_stop)
        , m_commit([this](CommitBatch batch, std::stop_token commitStop) {
            const std::vector<CommitBatch::SourceUpdate> updates = batch.sources;
            Status status = m_store->commit(std::move(batch), std::move(commitStop));
            if (!status) return status;
            for (const auto& update : updates)
                m_known->note(update.id, update.delta, update.checkpoint, update.state, update.detail,
                              update.format);
            return status;
        })
        , m_run({m_commit, std::move(normaliser), m_clock, request.workers != 0 ? request.workers : m_cores},
                m_stop)
    {}

    Status prepare()
    {
        auto discovered = discoverInputs(m_request.paths, m_stop);
        if (!discovered) return std::move(discovered).error();
        m_entries = std::move(*discovered);
        for (InputEntry& entry : m_entries)
            if (const auto name = m_request.names.find(entry.path); name != m_request.names.end())
                entry.name = name->second;
        if (Status status = m_opener.takeTemplate(m_entries); !status) return status;
        m_asFound = putFirst(m_entries, m_request.first);
        for (InputEntry& entry : m_entries) listen(entry);
        if (Status status = m_opener.refresh(); !status) return status;
        m_known->hideNew(true);
        return m_opener.prepare(m_entries);
    }

    Result<IngestReport> go(std::function<void(const IngestProgress&)> progress)
    {
        const auto begin = m_clock->steady();
        {
            const ProgressReporter reporter(m_run, *m_store, m_entries, m_clock, std::move(progress));
            readAll();
            const auto committing = m_run.finish();
            if (committing && !m_failure && committing->kind != ErrorKind::Cancelled) m_failure = committing;
        }
        if (m_failure) return *m_failure;
        IngestReport result = report();
        result.cancelled = m_stop.stop_requested();
        result.seconds = std::chrono::duration<double>(m_clock->steady() - begin).count();
        return result;
    }

private:
    /// Pipes are opened so that their silence is heard.
    void listen(InputEntry& entry)
    {
        const bool standard = entry.path == "-";
        if (!standard && !isFifo(entry)) return;
        m_pipes.insert(static_cast<std::size_t>(&entry - m_entries.data()));
        entry.open = [this, standard, path = entry.path] {
            return openLiveInput(
                [this, standard, &path](std::stop_token stop) -> Result<std::unique_ptr<ByteInput>> {
                    if (!standard || !m_request.stdinDescriptor) return openInput(path, std::move(stop));
                    auto pipe =
                        makePipeInput(m_request.stdinDescriptor(), false, "standard input", std::move(stop));
                    auto decoded = decodeStream(std::move(pipe), "standard input");
                    if (!decoded) return std::move(decoded).error();
                    return std::move(decoded->input);
                },
                m_stop);
        };
    }

    static bool isFifo(const InputEntry& entry)
    {
        struct stat info = {};
        return entry.skipReason.empty() && ::stat(entry.path.c_str(), &info) == 0 && S_ISFIFO(info.st_mode);
    }

    void fail(const Error& error)
    {
        {
            std::lock_guard lock(m_failureMutex);
            if (!m_failure) m_failure = error;
        }
        m_run.fail(); // whoever waits for this source's end waits no more
    }

    /// Reads one entry to its end; false when nothing more should be read.
    bool readOne(std::size_t index, PieceReader& reader)
    {
        auto opened = m_opener.open(index, m_run, reader, m_commit);
        if (!opened) {
            fail(opened.error());
            return false;
        }
        if (opened->what == SourceOpener::What::Stopped) return false;
        if (opened->what == SourceOpener::What::Done) return true;
        opened->source.head = opened->head;
        PieceReader::Left left;
        const bool whole = reader.read(opened->source, left);
        const InputEntry& entry = m_entries[index];
        // A line that is still open belongs to who follows the file.
        if (whole && m_request.follow && (!opened->source.keepsOpen || left.position == entry.bytes)) {
            std::lock_guard lock(m_readMutex);
            m_read[entry.path] = {entry.device, entry.inode, entry.bytes, entry.modified};
        }
        return whole;
    }

    void readFiles(std::size_t readerIndex)
    {
        const auto reader = m_run.makeReader(readerIndex);
        std::size_t i = m_next++;
        for (; i < m_entries.size() && !m_stop.stop_requested() && !m_run.failed(); i = m_next++)
            if (!m_pipes.contains(i) && !readOne(i, *reader)) break;
        if (i < m_entries.size()) m_opener.giveUp();
        reader->flush();
        m_run.waitForReader(readerIndex, *reader, m_stop);
    }

    void readPipe(std::size_t index, std::size_t readerIndex)
    {
        const auto reader = m_run.makeReader(readerIndex);
        readOne(index, *reader);
        reader->flush();
    }

    void readAll()
    {
        // A pipe may never end: each has a reader of its own.
        std::vector<std::jthread> pipes;
        std::size_t readerIndex = 0;
        for (const std::size_t index : m_pipes)
            pipes.emplace_back([this, index, reader = readerIndex++] { readPipe(index, reader); });
        std::vector<std::jthread> readers;
        const std::size_t files = m_entries.size() - m_pipes.size();
        const std::size_t count = std::min(files, std::min<std::size_t>(m_cores, 4));
        for (std::size_t i = 1; i < count; ++i)
            readers.emplace_back([this, reader = readerIndex++] { readFiles(reader); });
        if (count > 0) readFiles(readerIndex++);
        readers.clear(); // joins
        if (m_request.follow) follow(readerIndex);
    }

    void follow(std::size_t readerIndex)
    {
        const bool files = std::any_of(m_request.paths.begin(), m_request.paths.end(),
                                       [](const std::string& path) { return path != "-"; });
        if (!files || m_stop.stop_requested() || m_run.failed()) return;
        m_known->hideNew(false);
        FollowRun::Parts parts{m_store,
                               m_known,
                               m_request,
                               m_opener.claims(),
                               m_clock,
                               m_commit,
                               m_opener.pathTemplate(),
                               {},
                               std::move(m_read)};
        for (std::size_t i = 0; i < m_entries.size(); ++i) {
            const SourceState state = m_opener.report(i).state;
            // One that was empty may have got its first bytes since, before anybody looks for changes.
            const bool passedOver = state == SourceState::Skipped && m_entries[i].skipReason != kSkippedEmpty;
            if (passedOver || state == SourceState::Duplicate) parts.settled.insert(m_entries[i].path);
        }
        FollowRun following(std::move(parts), m_run, readerIndex, m_stop);
        if (Status status = following.loop(); !status) fail(status.error());
        m_followed = following.reports();
    }

    IngestReport report() const
    {
        IngestReport result;
        std::map<SourceId, std::size_t> places;
        const auto add = [&](SourceReport&& source) {
            if (source.id.value == 0) { // nothing is there: no source of the store
                result.sources.push_back(std::move(source));
                return;
            }
            const auto [place, fresh] = places.emplace(source.id, result.sources.size());
            if (fresh) {
                result.sources.push_back(std::move(source));
                return;
            }
            SourceReport& known = result.sources[place->second];
            known.name = source.name;
            known.path = source.path;
            known.ledger += source.ledger;
            if (!source.format.empty()) known.format = source.format;
            // A file that was passed over at first, being empty, and has been read since.
            const bool passedOver =
                known.state == SourceState::Skipped || known.state == SourceState::Unreadable;
            if (!source.detail.empty() || (passedOver && source.state == SourceState::Reading))
                known.detail = source.detail;
        };
        for (const std::size_t i : m_asFound) add(SourceReport(m_opener.report(i)));
        for (const SourceReport& source : m_followed) add(SourceReport(source));
        const auto committed = m_run.committed();
        for (SourceReport& source : result.sources) {
            if (const auto found = committed.find(source.id); found != committed.end()) {
                source.ledger += found->second.ledger;
                if (found->second.state) source.state = *found->second.state;
                if (!found->second.detail.empty()) source.detail = found->second.detail;
            }
            result.total += source.ledger;
        }
        return result;
    }

    std::shared_ptr<Store> m_store;
    std::shared_ptr<const Clock> m_clock;
    const IngestRequest& m_request;
    std::stop_token m_stop;
    std::size_t m_cores;
    std::vector<InputEntry> m_entries;
    std::vector<std::size_t> m_asFound; ///< indices of m_entries in the order in which they were found
    std::set<std::size_t> m_pipes;      ///< indices of entries
    std::shared_ptr<KnownSources> m_known = std::make_shared<KnownSources>();
    SourceOpener m_opener;
    std::mutex m_readMutex;
    std::map<std::string, FollowRun::Content>
        m_read; ///< files that were read to their end, as they were then
    CommitQueue::Commit m_commit;
    IngestRun m_run;
    std::atomic<std::size_t> m_next{0};
    std::mutex m_failureMutex;
    std::optional<Error> m_failure;
    std::vector<SourceReport> m_followed;
};

} // namespace

Result<IngestReport> Ingest::run(const IngestRequest& request,
                                 std::function<void(const IngestProgress&)> progress, std::stop_token stop)
{
    IngestRequest checked = request;
    if (!request.inputFormat.empty()) {
        const auto format = formatNamed(request.inputFormat);
        if (!format) return format.error();
        checked.inputFormat = *format;
    }
    Run run(m_store, m_normaliser, m_clock, checked, std::move(stop));
    if (Status status = run.prepare(); !status) return status.error();
    return run.go(std::move(progress));
}

} // namespace faultline
