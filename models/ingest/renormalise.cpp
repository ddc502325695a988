#include "models/ingest/renormalise.h"

#include "models/ingest/event_writer.h"
#include "models/ingest/piece.h"
#include "models/ingest/stored_rewriter.h"
#include "models/ingest/stored_rows.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace faultline {
namespace {

constexpr std::size_t kMostThreads = 3;

std::string what(SourceId source)
{
    return "read source " + std::to_string(source.value) + " again out of the store";
}

/// One re-normalising: its units, its threads, what they have staged.
class Rewrite
{
public:
    Rewrite(std::shared_ptr<Store> store, std::shared_ptr<const Normaliser> normaliser,
            const StoredRows& rows, SourceContext context, std::int64_t clockBefore,
            const SourceRecord& source, TimeNs fileTime,
            const std::function<void(const RenormaliseProgress&)>& progress, std::stop_token stop)
        : m_store(std::move(store))
        , m_normaliser(std::move(normaliser))
        , m_rows(rows)
        , m_context(std::move(context))
        , m_clockBefore(clockBefore)
        , m_source(source)
        , m_fileTime(fileTime)
        , m_progress(progress)
        , m_chain(Checkpoint{})
        , m_onStop(std::move(stop), Quit{m_quit})
    {}

    /// The segments that hold the new rows; what was staged before a failure is dropped.
    Result<std::vector<SegmentId>> run()
    {
        {
            const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
            std::vector<std::jthread> threads;
            for (std::size_t i = 1; i < std::min({cores, kMostThreads, m_rows.units().size()}); ++i)
                threads.emplace_back([this] { work(); });
            work();
        }
        if (!m_error && m_quit.stop_requested())
            m_error = makeError(ErrorKind::Cancelled, what(m_source.id), "stopped", {"Nothing was changed."});
        if (!m_error) return m_staged;
        // What stays behind when this fails, too, goes when the store is opened the next time.
        (void)SourceStore::of(*m_store).dropStagedSegments(m_staged);
        return *m_error;
    }
    std::optional<TimeNs> lastTime() { return m_chain.before(m_rows.units().size(), {}).lastTime; }
    std::uint64_t timed() const { return m_timed; }

private:
    struct Quit
    {
        std::stop_source source;
        void operator()() { source.request_stop(); }
    };

    void work()
    {
        StoredRewriter rewriter(m_normaliser, m_context, m_source.id, m_source.lastArrival, m_clockBefore);
        StoredRows::Rows space;
        for (;;) {
            const std::size_t unit = m_next++;
            if (unit >= m_rows.units().size() || m_quit.stop_requested()) return;
            if (auto done = rewrite(rewriter, unit, space); !done) {
                fail(std::move(done).error());
                return;
            }
        }
    }

    Status rewrite(StoredRewriter& rewriter, std::size_t number, StoredRows::Rows& space)
    {
        const StoredRows::Unit& unit = m_rows.units()[number];
        const std::stop_token stop = m_quit.get_token();
        std::optional<TimeNs> first, last;
        std::uint64_t timed = 0;
        auto rows = m_rows.read(unit, unit.first, unit.last, stop, std::move(space));
        if (!rows) return std::move(rows).error();
        space = std::move(*rows);
        std::optional<SourceChain::State> base;
        // Rows at the head take their time from the unit before, once that is known.
        const auto settle = [&]() -> Status {
            if (!base) base = m_chain.before(number, stop);
            if (base->stopped) return makeError(ErrorKind::Cancelled, what(m_source.id), "stopped");
            if (rewriter.builder().needsHeadTime())
                rewriter.builder().setHeadTime(
                    (base->lastTime ? base->lastTime : first).value_or(m_fileTime));
            return {};
        };
        const auto seal = [&]() -> Status {
            if (auto done = settle(); !done) return done;
            return stage(rewriter.seal());
        };
        std::uint64_t done = 0;
        Status status = rewriter.write(space.rows, [&](std::optional<TimeNs> own) -> Status {
            if (own) {
                ++timed;
                if (!first) first = own;
                last = own;
            }
            if (++done % 8'192 == 0) {
                if (stop.stop_requested())
                    return makeError(ErrorKind::Cancelled, what(m_source.id), "stopped");
                report(8'192);
            }
            if (!rewriter.builder().full()) return {};
            Status sealed = seal();
            if (base && base->lastTime && !last) rewriter.inherit(base->lastTime);
            return sealed;
        });
        if (status && rewriter.builder().rows() > 0) status = seal();
        if (status) status = settle();
        if (!status) return status;
        report(done % 8'192);
        m_timed += timed;
        SpanTotals totals;
        totals.lastTime = last;
        m_chain.add(number, totals);
        return {};
    }

    Status stage(SealedSegment&& sealed)
    {
        auto id = SourceStore::of(*m_store).stageSegment(sealed);
        if (!id) return std::move(id).error();
        std::lock_guard lock(m_mutex);
        m_staged.push_back(*id);
        return {};
    }

    void report(std::uint64_t events)
    {
        std::lock_guard lock(m_mutex);
        m_done += events;
        if (m_progress) m_progress({m_done, m_rows.events()});
    }

    void fail(Error error)
    {
        {
            std::lock_guard lock(m_mutex);
            // The others end with Cancelled because of the first.
            if (!m_error || m_error->kind == ErrorKind::Cancelled) m_error = std::move(error);
        }
        m_quit.request_stop();
    }

    const std::shared_ptr<Store> m_store;
    const std::shared_ptr<const Normaliser> m_normaliser;
    const StoredRows& m_rows;
    const SourceContext m_context;
    const std::int64_t m_clockBefore;
    const SourceRecord& m_source;
    const TimeNs m_fileTime;
    const std::function<void(const RenormaliseProgress&)>& m_progress;
    SourceChain m_chain;
    std::stop_source m_quit;
    std::stop_callback<Quit> m_onStop;
    std::atomic<std::size_t> m_next{0};
    std::atomic<std::uint64_t> m_timed{0};
    std::mutex m_mutex;
    std::uint64_t m_done = 0;
    std::vector<SegmentId> m_staged;
    std::optional<Error> m_error;
};

Result<SourceRecord> findSource(Store& store, SourceId id)
{
    auto sources = store.sources();
    if (!sources) return std::move(sources).error();
    for (SourceRecord& source : *sources)
        if (source.id == id) return std::move(source);
    return makeError(ErrorKind::NotFound, what(id), "the store has no such source",
                     {"faultline sources --all lists them."});
}

Result<RenormaliseReport> rewriteSource(const std::shared_ptr<Store>& store,
                                        const std::shared_ptr<const Normaliser>& normaliser,
                                        const SourceRecord& source, const SourceSettings& before,
                                        SourceSettings settings, const std::string& recognised, bool undoes,
                                        const std::function<void(const RenormaliseProgress&)>& progress,
                                        std::stop_token stop)
{
    if (auto done = checkSettings(settings); !done) return std::move(done).error();
    const std::shared_ptr<void> noMerges = SourceStore::of(*store).holdMerges();
    auto snapshot = store->snapshot();
    if (!snapshot) return std::move(snapshot).error();
    auto rows = StoredRows::plan(*snapshot, *store, source.id, stop);
    if (!rows) return std::move(rows).error();

    SourceContext context;
    settings.applyTo(context);
    context.time.now = source.lastArrival;
    context.format = settings.format.empty() ? recognised : settings.format;
    RenormaliseReport report;
    report.events = rows->events();
    report.before = before;
    report.now = settings;
    report.format = context.format;

    Rewrite rewrite(store, normaliser, *rows, context, before.clockOffset, source,
                    settings.fileTime.value_or(source.firstArrival), progress, stop);
    auto staged = rewrite.run();
    if (!staged) return std::move(staged).error();
    SourceRewrite change;
    change.source = source.id;
    change.snapshot = rows->snapshot();
    change.staged = *staged;
    change.settings = printSettings(settings);
    change.format = context.format;
    change.formatOverridden = !settings.format.empty();
    change.lastTime = rewrite.lastTime();
    change.undoes = undoes;
    if (auto done = SourceStore::of(*store).finishRewrite(change); !done) {
        (void)SourceStore::of(*store).dropStagedSegments(*staged);
        return std::move(done).error();
    }
    report.timed = rewrite.timed();
    return report;
}

} // namespace

SourceSettings withUserSettings(const SourceSettings& before, const SourceSettings& wanted)
{
    SourceSettings settings = wanted;
    settings.constants = before.constants;
    settings.fileTime = before.fileTime;
    return settings;
}

Result<RenormaliseReport> renormalise(const std::shared_ptr<Store>& store,
                                      const std::shared_ptr<const Normaliser>& normaliser, SourceId id,
                                      const SourceSettings& settings,
                                      const std::function<void(const RenormaliseProgress&)>& progress,
                                      std::stop_token stop)
{
    auto source = findSource(*store, id);
    if (!source) return std::move(source).error();
    auto before = settingsOfSource(*store, *normaliser, *source);
    if (!before) return std::move(before).error();
    const auto recognised = recognisedFormat(*store, *source);
    if (!recognised) return recognised.error();
    return rewriteSource(store, normaliser, *source, *before, withUserSettings(*before, settings),
                         *recognised, false, progress, std::move(stop));
}

Result<RenormaliseReport> undoSettings(const std::shared_ptr<Store>& store,
                                       const std::shared_ptr<const Normaliser>& normaliser, SourceId id,
                                       const std::function<void(const RenormaliseProgress&)>& progress,
                                       std::stop_token stop)
{
    auto source = findSource(*store, id);
    if (!source) return std::move(source).error();
    auto changes = SourceStore::of(*store).sourceChanges(id);
    if (!changes) return std::move(changes).error();
    if (changes->empty()) {
        return makeError(ErrorKind::NotFound, "undo the settings of source " + std::to_string(id.value),
                         "they were not changed, or too long ago");
    }
    auto before = settingsOfSource(*store, *normaliser, *source);
    if (!before) return std::move(before).error();
    const SourceChange& last = changes->front();
    auto settings = parseSettings(last.settings);
    if (!settings) return std::move(settings).error();
    return rewriteSource(store, normaliser, *source, *before, withUserSettings(*before, *settings),
                         last.format, true, progress, std::move(stop));
}

} // namespace faultline
