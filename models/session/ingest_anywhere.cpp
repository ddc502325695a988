#include "models/session/ingest_anywhere.h"

#include "models/ingest/normaliser.h"
#include "models/ingest/rotated_files.h"
#include "models/ingest/source_claims.h"
#include "models/session/handover_protocol.h"
#include "models/session/source_changes.h"
#include "models/store/lock_file.h"
#include "resources/embedded.h"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>

namespace faultline {

namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kRetry{20};

bool mayBeWritten(const std::string& path)
{
    const std::string folder = std::filesystem::path(path).parent_path().string();
    return ::access(path.c_str(), W_OK) == 0 && ::access(folder.c_str(), W_OK) == 0;
}

bool pauseFor(std::chrono::milliseconds time, const std::stop_token& stop)
{
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, time, [] { return false; });
    return !stop.stop_requested();
}

Ledger minus(Ledger a, const Ledger& b)
{
    const auto take = [](Tally& from, const Tally& what) {
        from.records -= what.records;
        from.bytes -= what.bytes;
    };
    take(a.received, b.received);
    take(a.stored, b.stored);
    take(a.quarantined, b.quarantined);
    take(a.duplicates, b.duplicates);
    a.events -= b.events;
    a.cutBytes -= b.cutBytes;
    a.joined -= b.joined;
    return a;
}

using Ledgers = std::map<SourceId, Ledger>;

Result<Ledgers> ledgersOf(Store& store)
{
    auto sources = store.sources();
    if (!sources) return std::move(sources).error();
    Ledgers result;
    for (const SourceRecord& source : *sources) result.emplace(source.id, source.ledger);
    return result;
}

// Another process did a part: what the command brought is what the sources have now and had not before.
Status completeLedgers(IngestReport& report, const Ledgers& before, Store& store)
{
    const auto after = ledgersOf(store);
    if (!after) return after.error();
    report.total = {};
    for (SourceReport& source : report.sources) {
        if (const auto now = after->find(source.id); now != after->end()) {
            const auto then = before.find(source.id);
            const Ledger known = then != before.end() ? then->second : Ledger();
            // A source that was begun anew meanwhile has less than before: then this run's part is all there
            // is.
            if (now->second.received.bytes >= known.received.bytes) source.ledger = minus(now->second, known);
        }
        report.total += source.ledger;
    }
    return {};
}

// A pipe that could not be repeated: `taken` bytes of it were read in all, the last of them by this run.
Status noteLostBytes(IngestReport& report, const Ledgers& before, std::uint64_t taken, Store& store)
{
    auto sources = store.sources();
    if (!sources) return std::move(sources).error();
    for (SourceReport& rest : report.sources) {
        if (rest.path != "-") continue;
        const SourceRecord* begun = nullptr;
        for (const SourceRecord& source : *sources)
            if (source.path == "-" && source.id != rest.id && !before.contains(source.id)) begun = &source;
        const std::uint64_t stored = begun != nullptr ? begun->ledger.received.bytes : 0;
        const std::uint64_t goesOn = taken - std::min(taken, rest.ledger.received.bytes);
        rest.state = SourceState::Incomplete;
        rest.detail =
            "goes on at byte " + std::to_string(goesOn) +
            ": the process that read standard input before has ended; it had taken more than could be "
            "kept, and stored " +
            std::to_string(stored) + " bytes of it: " + std::to_string(goesOn - std::min(goesOn, stored)) +
            " bytes are lost";
        for (SourceRecord& source : *sources) {
            if (source.id != rest.id) continue;
            source.state = rest.state;
            source.detail = rest.detail;
            if (!store.isWriter()) continue;
            if (Status status = store.updateSource(source); !status) return status;
        }
    }
    return {};
}

Status removeAll(Store& store, const std::vector<SourceId>& sources)
{
    for (const SourceId id : sources) {
        const Status removed = store.removeSource(id);
        if (!removed && removed.error().kind != ErrorKind::NotFound) return removed;
    }
    return {};
}

// A run that was paused went on: one report of both parts.
void addTo(IngestReport& report, IngestReport&& more)
{
    for (SourceReport& source : more.sources) {
        const auto known = std::find_if(report.sources.begin(), report.sources.end(), [&](const auto& one) {
            return one.id == source.id && one.path == source.path;
        });
        if (known == report.sources.end()) {
            report.sources.push_back(std::move(source));
            continue;
        }
        source.ledger += known->ledger;
        *known = std::move(source);
    }
    report.total += more.total;
    report.seconds += more.seconds;
}

Error nobodyMayWrite(const std::string& what)
{
    return makeError(ErrorKind::Store, what, "the file or its folder cannot be written",
                     {"Copy it to a folder of yours, or name another store with --store."});
}

Error holderTakesNoWork(const std::string& what, const std::string& path)
{
    const long holder = LockFile::holder(path);
    return makeError(
        ErrorKind::Locked, what,
        (holder != 0 ? "process " + std::to_string(holder) : std::string("another process")) +
            " writes it, and takes no work from others",
        {"Wait until it is done, or close that program.", "Or name another store with --store."});
}

/// The store opened for writing, when the lock is free; null when it is not.
Result<std::shared_ptr<Store>> openWhenFree(const IngestPlace& place)
{
    const std::string& path = place.store->path();
    // Opening is dear, and there may be nothing to open for: look first whether the lock is free.
    auto lock = LockFile::tryLock(path);
    if (!lock) return lock.error();
    if (!*lock) return std::shared_ptr<Store>();
    lock->reset();
    auto writer = Store::open(path, place.reopen);
    if (!writer) return writer.error();
    if (!(*writer)->isWriter()) return std::shared_ptr<Store>();
    return writer;
}

} // namespace

Result<IngestRunner> makeIngestRunner(std::shared_ptr<const Clock> clock)
{
    auto normaliser = Normaliser::load(embeddedFile("fields/aliases.json"));
    if (!normaliser) return std::move(normaliser).error();
    return IngestRunner([names = std::move(*normaliser), clock = std::move(clock)](
                            const std::shared_ptr<Store>& store, const IngestRequest& request,
                            std::function<void(const IngestProgress&)> progress, std::stop_token stop) {
        return Ingest(store, names, clock).run(request, std::move(progress), std::move(stop));
    });
}

IngestHost::IngestHost(std::shared_ptr<Store> store, IngestRunner runner)
    : m_store(std::move(store)), m_runner(std::move(runner)), m_claims(std::make_shared<SourceClaims>())
{
    auto server = HandoverServer::start(
        m_store->path(),
        [this](const IngestRequest& request, std::function<void(const IngestProgress&)> progress,
               std::stop_token stop) { return run(request, std::move(progress), std::move(stop)); },
        [this](const std::vector<SourceId>& sources) { return remove(sources); },
        [this](const SourceChangeRequest& request, std::function<void(const IngestProgress&)> progress,
               std::stop_token stop) -> Result<IngestReport> {
            auto done = change(
                request, [&](const RenormaliseProgress& so) { progress(handover::progressOf(so)); },
                std::move(stop));
            if (!done) return done.error();
            return handover::reportOf(*done);
        });
    if (server)
        m_server = std::move(*server);
    else
        m_notServing = server.error();
}

Status IngestHost::remove(const std::vector<SourceId>& sources)
{
    // A run knows its sources from its start: one that goes meanwhile would end it, for all of them.
    const auto turn = m_gate.tryEnterAlone();
    if (!turn) return busy("remove sources from");
    return removeAll(*m_store, sources);
}

IngestActivity IngestHost::activity() const
{
    std::lock_guard lock(m_mutex);
    const bool follows =
        std::any_of(m_runs.begin(), m_runs.end(), [](const auto& one) { return one->follows; });
    return {!m_runs.empty(), follows};
}

Error IngestHost::busy(const std::string& what) const
{
    return makeError(ErrorKind::Locked, what + " the store " + m_store->path(),
                     "process " + std::to_string(::getpid()) + " is reading into it",
                     {"Try again when that has ended, or end it first."});
}

Result<SourceChangeReport> IngestHost::change(const SourceChangeRequest& request,
                                              const std::function<void(const RenormaliseProgress&)>& progress,
                                              std::stop_token stop)
{
    using What = SourceChangeRequest::What;
    // Whoever reads meanwhile is no hindrance to what is done already.
    auto made = madeSince(*m_store, request);
    if (!made) return std::move(made).error();
    if (*made) return **made;
    // A run knows its sources from its start: one that goes or comes meanwhile would end it, and one that is
    // removed while it is followed would be read in again at once.
    if (request.what != What::Set && request.what != What::Undo) {
        {
            std::lock_guard lock(m_mutex);
            if (!m_runs.empty()) return busy("change a source of");
        }
        const auto turn = m_gate.tryEnterAlone();
        if (!turn) return busy("change a source of");
        return changeSource(m_store, request, progress, std::move(stop));
    }
    {
        std::lock_guard lock(m_mutex);
        for (const auto& one : m_runs)
            if (!one->pausable) return busy("change a source of");
        for (const auto& one : m_runs) {
            one->paused = true;
            one->stop.request_stop();
        }
        m_gate.wishAlone(); // who is not in the list yet waits
    }
    const auto turn = m_gate.enterAlone(stop);
    if (!turn)
        return makeError(ErrorKind::Cancelled, "change a source", "it was stopped before its turn came");
    return changeSource(m_store, request, progress, std::move(stop));
}

Result<IngestReport> IngestHost::run(const IngestRequest& request,
                                     std::function<void(const IngestProgress&)> progress,
                                     std::stop_token stop)
{
    const auto isPipe = [](const std::string& path) {
        std::error_code failed;
        return path == "-" || std::filesystem::is_fifo(path, failed);
    };
    std::optional<IngestReport> before;
    IngestRequest asked = request;
    asked.claims = m_claims;
    for (;;) {
        const auto running = std::make_shared<Running>();
        const bool pipe = std::any_of(request.paths.begin(), request.paths.end(), isPipe);
        running->pausable = request.follow && !pipe;
        running->follows = request.follow || pipe;
        {
            std::lock_guard lock(m_mutex);
            m_runs.push_back(running);
        }
        bool paused = false;
        const auto leave = [&] {
            std::lock_guard lock(m_mutex);
            m_runs.remove(running);
            paused = running->paused;
        };
        const std::stop_callback onStop(stop, [&running] { running->stop.request_stop(); });
        Result<IngestReport> report = [&]() -> Result<IngestReport> {
            const auto turn = m_gate.enter(asked, stop);
            if (!turn) return turn.error();
            IngestRequest now = asked;
            if (before) { // what got another name in the pause
                auto sources = m_store->sources(true);
                if (!sources) return std::move(sources).error();
                // The next change may stop this as well.
                addRotatedFiles(now, before->sources, *sources, running->stop.get_token());
            }
            return m_runner(m_store, now, progress, running->stop.get_token());
        }();
        leave();
        // Paused before it had begun to read.
        if (!report && paused && !stop.stop_requested() && report.error().kind == ErrorKind::Cancelled)
            continue;
        if (!report && before && report.error().kind == ErrorKind::Cancelled) return std::move(*before);
        if (!report) return report;
        if (before)
            addTo(*before, std::move(*report));
        else
            before = std::move(*report);
        if (!paused || stop.stop_requested()) {
            before->cancelled = stop.stop_requested();
            return std::move(*before);
        }
        // It goes on with what it has begun: that is not to be read once more.
        asked.again = false;
    }
}

Result<IngestReport> ingestAnywhere(const IngestPlace& place, const IngestRequest& request,
                                    std::function<void(const IngestProgress&)> progress, std::stop_token stop)
{
    if (place.host != nullptr) return place.host->run(request, std::move(progress), std::move(stop));
    const std::string& path = place.store->path();
    const std::string what = "write the store " + path;
    if (!mayBeWritten(path)) return nobodyMayWrite(what);
    const auto before = ledgersOf(*place.store);
    if (!before) return before.error();

    IngestRequest work = request;
    std::unique_ptr<StdinRelay> relay;
    if (std::find(work.paths.begin(), work.paths.end(), "-") != work.paths.end()) {
        const int source = request.stdinDescriptor ? request.stdinDescriptor() : STDIN_FILENO;
        auto started = StdinRelay::start(source, place.keepStdinBytes,
                                         std::filesystem::path(path).parent_path().string());
        if (!started) return started.error();
        relay = std::move(*started);
        work.stdinDescriptor = [&relay] { return relay->descriptor(); };
    }
    bool wasGiven = false; // a holder had the work, and did not finish it
    bool repeated = true;  // ... and all of standard input could be given again
    auto deadline = Steady::now() + place.patience;
    do {
        auto given = ingestThroughHolder(path, work, progress, stop);
        if (!given) return given.error();
        if (given->what == HandoverOutcome::What::Report) {
            if (wasGiven) {
                if (Status status = completeLedgers(given->report, *before, *place.store); !status)
                    return status.error();
            }
            if (!repeated) {
                if (Status status = noteLostBytes(given->report, *before, relay->taken(), *place.store);
                    !status)
                    return status.error();
            }
            return std::move(given->report);
        }
        if (given->what == HandoverOutcome::What::Gone) {
            wasGiven = true;
            deadline = Steady::now() + place.patience;
            if (relay) {
                if (Status status = relay->rewind(); !status) return status.error();
                repeated = repeated && relay->complete();
            }
        }
        auto writer = openWhenFree(place);
        if (!writer) return writer.error();
        if (!*writer) continue;
        auto report = IngestHost(*writer, place.runner).run(work, progress, stop);
        if (!report) return report.error();
        if (wasGiven) {
            if (Status status = completeLedgers(*report, *before, **writer); !status) return status.error();
            if (!repeated) {
                if (Status status = noteLostBytes(*report, *before, relay->taken(), **writer); !status)
                    return status.error();
            }
        }
        return report;
    } while (Steady::now() < deadline && pauseFor(kRetry, stop));

    if (stop.stop_requested()) return makeError(ErrorKind::Cancelled, what, "it was stopped");
    return holderTakesNoWork(what, path);
}

Status writeAnywhere(const IngestPlace& place, const std::string& what,
                     const std::function<Result<HandoverOutcome::What>()>& handed,
                     const std::function<Status(const std::shared_ptr<Store>&)>& here, std::stop_token stop)
{
    const std::string& path = place.store->path();
    if (!mayBeWritten(path)) return nobodyMayWrite(what);
    auto deadline = Steady::now() + place.patience;
    do {
        auto done = handed();
        if (!done) return done.error();
        if (*done == HandoverOutcome::What::Report) return {};
        // It took the work, and ended before it was done: who follows it has its own time.
        if (*done == HandoverOutcome::What::Gone) deadline = Steady::now() + place.patience;
        auto writer = openWhenFree(place);
        if (!writer) return writer.error();
        if (*writer) return here(*writer);
    } while (Steady::now() < deadline && pauseFor(kRetry, stop));
    if (stop.stop_requested()) return makeError(ErrorKind::Cancelled, what, "it was stopped");
    return holderTakesNoWork(what, path);
}

Status removeAnywhere(const IngestPlace& place, const std::vector<SourceId>& sources, std::stop_token stop)
{
    if (sources.empty()) return {};
    if (place.store->isWriter()) return removeAll(*place.store, sources);
    const std::string& path = place.store->path();
    return writeAnywhere(
        place, "remove sources from the store " + path,
        [&]() -> Result<HandoverOutcome::What> {
            auto given = removeThroughHolder(path, sources);
            if (!given) return given.error();
            return given->what;
        },
        [&](const std::shared_ptr<Store>& writer) { return removeAll(*writer, sources); }, std::move(stop));
}

} // namespace faultline
