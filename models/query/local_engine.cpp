#include "models/query/local_engine.h"

#include "models/query/compiled_filter.h"
#include "models/query/field_names.h"
#include "models/query/selection_cache.h"
#include "models/query/sink.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

namespace faultline {

namespace {

constexpr int kSnapshots = 8;               // tries when merges take segments away
constexpr std::uint64_t kStreamRows = 4096; // of a page without limit, at a time
constexpr std::uint64_t kShortRows = 1024;  // of a page that somebody waits for

/// Questions over the same events share the work of finding them.
struct Group
{
    std::shared_ptr<const CompiledFilter> filter;
    TimeRange range;
    std::vector<Sink*> sinks;
};

SelectedRows select(SegmentScan& scan, const Group& group, SelectionCache& cache)
{
    const RowIndex rows = scan.rows();
    SelectedRows selected{RowSet::all(rows), 0, rows};
    if (!group.filter->matchesAll()) {
        auto known = cache.find(group.filter->text(), scan.info().id);
        if (!known) {
            auto found = std::make_shared<const RowSet>(group.filter->evaluate(scan));
            if (scan.stopped()) return selected;
            cache.add(group.filter->text(), scan.info().id, found);
            known = std::move(found);
        }
        selected.set = *known;
    }
    narrowToRange(scan, group.range, selected);
    return selected;
}

bool streams(const Question& question)
{
    const auto* page = std::get_if<PageQuestion>(&question);
    return page != nullptr && (page->limit == 0 || page->sink);
}

bool oldestFirst(const std::vector<Question>& questions)
{
    return std::all_of(questions.begin(), questions.end(), [](const Question& question) {
        const auto* page = std::get_if<PageQuestion>(&question);
        return page != nullptr && page->order == Order::Ascending;
    });
}

/// A few rows that are about to be read: they come before counts and charts over everything.
WorkerPool::Turn turnOf(const std::vector<Question>& questions)
{
    const bool shortOnes = std::all_of(questions.begin(), questions.end(), [](const Question& question) {
        const auto* page = std::get_if<PageQuestion>(&question);
        return page != nullptr && page->limit > 0 && page->limit <= kShortRows;
    });
    return shortOnes ? WorkerPool::Turn::First : WorkerPool::Turn::InOrder;
}

} // namespace

std::string MissedEvents::line() const
{
    return "segment " + std::to_string(segment.value) +
           (events == 0 ? "" : " (" + std::to_string(events) + (events == 1 ? " event)" : " events)")) +
           " cannot be read: " + why;
}

/// The source of a scan, with an eye on columns that are damaged. Any thread.
class LocalEngine::DamageWatch final : public ScanSource
{
public:
    explicit DamageWatch(ScanSource& source) : m_source(source) {}

    Result<ColumnPtr> column(const SegmentInfo& segment, ColumnIndex index) override
    {
        auto column = m_source.column(segment, index);
        if (!column) note(segment, index, column.error());
        return column;
    }
    Result<std::shared_ptr<TextParts>> texts(const SegmentInfo& segment, ColumnIndex index) override
    {
        auto parts = m_source.texts(segment, index);
        if (!parts) note(segment, index, parts.error());
        return parts;
    }
    Result<SnapshotPtr> snapshot() override { return m_source.snapshot(); }
    Result<std::map<SourceId, std::string>> sourceNames() override { return m_source.sourceNames(); }

    /// Damage that showed only when a part of a column was unpacked, or that no column has.
    void note(const SegmentInfo& segment, const Error& error)
    {
        if (error.kind != ErrorKind::Damaged) return;
        std::lock_guard lock(m_mutex);
        m_found.try_emplace(segment.id, MissedEvents{segment.id, segment.rows, error.why});
    }

    bool isDamaged(SegmentId segment) const
    {
        std::lock_guard lock(m_mutex);
        return m_found.contains(segment);
    }
    std::size_t found() const
    {
        std::lock_guard lock(m_mutex);
        return m_found.size();
    }
    std::map<SegmentId, MissedEvents> all() const
    {
        std::lock_guard lock(m_mutex);
        return m_found;
    }

private:
    void note(const SegmentInfo& segment, ColumnIndex index, Error error)
    {
        if (index < segment.columns.size()) error.why = segment.columns[index].path + ": " + error.why;
        note(segment, error);
    }

    ScanSource& m_source;
    mutable std::mutex m_mutex;
    std::map<SegmentId, MissedEvents> m_found;
};

LocalEngine::LocalEngine(std::shared_ptr<ScanSource> source, std::shared_ptr<WorkerPool> pool,
                         Options options)
    : m_source(std::move(source))
    , m_pool(std::move(pool))
    , m_cache(std::make_unique<SelectionCache>(options.selectionCacheBytes))
    , m_options(options)
{}

LocalEngine::~LocalEngine() = default;

void LocalEngine::forget()
{
    m_cache->clear();
}

Result<std::vector<std::string>> LocalEngine::fieldNames(std::stop_token stop)
{
    auto snapshot = m_source->snapshot();
    if (!snapshot) return std::move(snapshot).error();
    if (stop.stop_requested()) return makeError(ErrorKind::Cancelled, "list fields", "it was stopped");
    std::set<std::string> names = storedFieldNames(**snapshot);
    names.insert({"severity", "source", "timestamp"});
    return std::vector<std::string>(names.begin(), names.end());
}

std::vector<MissedEvents> LocalEngine::missed() const
{
    std::lock_guard lock(m_missedMutex);
    std::vector<MissedEvents> list;
    for (const auto& [segment, missed] : m_missed) list.push_back(missed);
    return list;
}

void LocalEngine::noteMissed(const std::vector<Question>& questions, const StoreSnapshot& snapshot,
                             const DamageWatch& watch)
{
    auto found = watch.all();
    for (const UnreadableSegment& segment : snapshot.unreadable) {
        const bool concerned = std::any_of(questions.begin(), questions.end(), [&](const Question& question) {
            return selectionOf(question).range.overlaps(segment.minTime, segment.maxTime);
        });
        if (concerned) found[segment.id] = {segment.id, segment.events, segment.why};
    }
    if (found.empty()) return;
    std::lock_guard lock(m_missedMutex);
    m_missed.merge(found);
}

Result<Answer> LocalEngine::ask(const Question& question, std::stop_token stop, const Partial& partial)
{
    if (streams(question)) return streamPage(std::get<PageQuestion>(question), stop);
    auto answers = scanAll({question}, stop, partial);
    if (!answers) return answers.error();
    return std::move(answers->front());
}

Result<std::vector<Answer>> LocalEngine::askAll(const std::vector<Question>& questions, std::stop_token stop,
                                                const Partial& partial)
{
    std::vector<Question> together;
    for (const Question& question : questions) {
        if (!streams(question)) together.push_back(question);
    }
    std::vector<Answer> rest;
    if (!together.empty()) {
        auto answers = scanAll(together, stop, partial);
        if (!answers) return answers;
        rest = std::move(answers).value();
    }
    std::vector<Answer> all;
    std::size_t next = 0;
    for (const Question& question : questions) {
        if (!streams(question)) {
            all.push_back(std::move(rest[next++]));
            continue;
        }
        auto answer = streamPage(std::get<PageQuestion>(question), stop);
        if (!answer) return answer.error();
        all.push_back(std::move(answer).value());
    }
    return all;
}

Result<std::vector<Answer>> LocalEngine::scanAll(const std::vector<Question>& questions,
                                                 const std::stop_token& stop, const Partial& partial)
{
    for (int left = kSnapshots;; --left) {
        auto snapshot = m_source->snapshot();
        if (!snapshot) return snapshot.error();
        auto answers = scanSound(questions, *snapshot, stop, partial);
        // A merge took a segment away while we read: the newer snapshot has its rows elsewhere.
        if (!answers && answers.error().kind == ErrorKind::NotFound && left > 1) continue;
        return answers;
    }
}

Result<std::vector<Answer>> LocalEngine::scanSound(const std::vector<Question>& questions,
                                                   const SnapshotPtr& snapshot, const std::stop_token& stop,
                                                   const Partial& partial)
{
    DamageWatch watch(*m_source);
    for (;;) {
        const std::size_t known = watch.found();
        auto answers = scanOnce(questions, snapshot, watch, stop, partial);
        // What a sink has of half a segment cannot be taken out again: once more, without that segment.
        if (watch.found() != known) {
            if (stop.stop_requested())
                return makeError(ErrorKind::Cancelled, "search events", "it was stopped");
            continue;
        }
        if (answers) noteMissed(questions, *snapshot, watch);
        return answers;
    }
}

Result<Answer> LocalEngine::streamPage(const PageQuestion& question, const std::stop_token& stop)
{
    PageQuestion part = question;
    part.sink = nullptr;
    PageAnswer answer;
    std::uint64_t left = question.limit == 0 ? ~std::uint64_t{0} : question.limit;
    for (;;) {
        part.limit = std::min(left, kStreamRows);
        auto answers = scanAll({Question(part)}, stop, {});
        if (!answers) return answers.error();
        auto& page = std::get<PageAnswer>(answers->front());
        left -= page.rows.size();
        const bool more = page.more && !page.rows.empty();
        if (!page.rows.empty()) {
            part.after = page.rows.back().key;
            part.inclusive = false;
            part.skip = 0;
        }
        for (EventRow& row : page.rows) {
            if (stop.stop_requested())
                return makeError(ErrorKind::Cancelled, "list events", "it was stopped");
            if (!question.sink) {
                answer.rows.push_back(std::move(row));
            } else if (!question.sink(std::move(row))) {
                answer.more = true;
                return Answer(std::move(answer));
            }
        }
        if (!more || left == 0) {
            answer.more = more;
            return Answer(std::move(answer));
        }
    }
}

Result<std::vector<Answer>> LocalEngine::scanOnce(const std::vector<Question>& questions,
                                                  const SnapshotPtr& snapshot, DamageWatch& watch,
                                                  const std::stop_token& stop, const Partial& partial)
{
    const std::size_t damaged = watch.found();
    auto sources = m_source->sourceNames();
    if (!sources) return sources.error();
    std::stop_source inner; // also stops the others when one task fails
    const std::stop_callback outer(stop, [&inner] { inner.request_stop(); });
    SinkContext context{snapshot,
                        &watch,
                        std::make_shared<const SegmentScan::SourceNames>(std::move(sources).value()),
                        inner.get_token(),
                        m_options.gatheredValues,
                        m_options.heldValues,
                        m_pool->threads() + 1,
                        static_cast<bool>(partial),
                        {}};
    std::function<void()> tellNow; // partial answers, from the asking thread
    if (partial) context.tick = [&tellNow] { tellNow(); };
    std::vector<std::unique_ptr<Sink>> sinks;
    std::vector<Group> groups;
    for (const Question& question : questions) {
        const Selection& selection = selectionOf(question);
        auto filter = CompiledFilter::compile(selection.filter);
        if (!filter) return filter.error();
        sinks.push_back(makeSink(question, context));
        const auto same = std::find_if(groups.begin(), groups.end(), [&](const Group& group) {
            return group.range == selection.range && group.filter->text() == (*filter)->text();
        });
        if (same == groups.end())
            groups.push_back({std::move(filter).value(), selection.range, {sinks.back().get()}});
        else
            same->sinks.push_back(sinks.back().get());
    }

    const auto& segments = snapshot->segments;
    std::vector<std::size_t> order; // without those that are damaged
    for (std::size_t i = 0; i < segments.size(); ++i) {
        if (!watch.isDamaged(segments[i].info->id)) order.push_back(i);
    }
    if (oldestFirst(questions)) {
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return segments[a].info->minTime < segments[b].info->minTime;
        });
    }

    std::mutex mutex;
    std::optional<Error> error;
    std::atomic<std::uint64_t> scanned{0};
    const auto asking = std::this_thread::get_id();
    auto lastPartial = std::chrono::steady_clock::now();
    bool firstPass = true;
    const bool inPieces =
        std::any_of(sinks.begin(), sinks.end(), [](const auto& sink) { return sink->inPieces(); });
    const auto collect = [&]() -> Result<std::vector<Answer>> {
        std::vector<Answer> answers;
        for (const auto& sink : sinks) {
            auto answer = sink->answer();
            if (!answer) return answer.error();
            answers.push_back(std::move(answer).value());
        }
        return answers;
    };
    const auto tell = [&](bool exact, const std::vector<Answer>& answers) {
        ScanProgress progress{exact && inPieces ? snapshot->events : scanned.load(), snapshot->events, exact};
        if (inPieces && !exact) {
            double done = 0;
            for (const auto& sink : sinks) done += sink->inPieces() ? sink->done() : 0;
            progress.eventsScanned = static_cast<std::uint64_t>(done * static_cast<double>(snapshot->events) /
                                                                static_cast<double>(sinks.size()));
        }
        for (const Answer& answer : answers) partial(answer, progress);
    };
    tellNow = [&] {
        if (!partial || std::this_thread::get_id() != asking) return;
        const auto now = std::chrono::steady_clock::now();
        if (now - lastPartial < m_options.partialEvery) return;
        if (auto answers = collect()) tell(false, *answers);
        lastPartial = std::chrono::steady_clock::now();
    };
    const auto giveUp = [&](const Error& why) {
        std::lock_guard lock(mutex);
        if (!error || error->kind == ErrorKind::Cancelled) error = why;
        inner.request_stop();
    };
    const auto body = [&](std::size_t at) {
        const SegmentEntry& entry = segments[order[at]];
        SegmentScan scan(entry, watch, inner.get_token(), context.names);
        for (const Group& group : groups) {
            if (!group.range.overlaps(entry.info->minTime, entry.info->maxTime)) continue;
            std::vector<Sink*> wanting;
            for (Sink* sink : group.sinks) {
                if (sink->wants(entry)) wanting.push_back(sink);
            }
            if (wanting.empty()) continue;
            const SelectedRows selected = select(scan, group, *m_cache);
            for (Sink* sink : wanting) {
                if (!scan.stopped()) sink->scan(scan, selected, order[at]);
            }
        }
        if (auto status = scan.status(); !status) {
            // All that is damaged is found in one pass; the answers of this one are not used.
            watch.note(*entry.info, status.error());
            if (status.error().kind == ErrorKind::Damaged) return;
            return giveUp(status.error());
        }
        if (firstPass && !inPieces) scanned += entry.info->rows - entry.deletedRows;
        tellNow();
    };
    std::vector<std::pair<Sink*, std::size_t>> pieces;
    const auto piece = [&](std::size_t at) {
        const auto [sink, index] = pieces[at];
        if (auto status = sink->piece(index); !status) return giveUp(status.error());
        tellNow();
    };

    const auto turn = turnOf(questions);
    for (bool again = true; again; firstPass = false) {
        m_pool->parallelFor(order.size(), body, inner.get_token(), turn);
        // Sinks have half of what they count on: no further pass. The caller scans again without the segment.
        if (watch.found() != damaged)
            return makeError(ErrorKind::Damaged, "search events", "a segment is damaged");
        pieces.clear();
        for (const Group& group : groups) {
            for (Sink* sink : group.sinks) {
                if (inner.stop_requested()) break;
                const std::size_t count = sink->pieces();
                for (std::size_t i = 0; i < count; ++i) pieces.emplace_back(sink, i);
            }
        }
        m_pool->parallelFor(pieces.size(), piece, inner.get_token(), turn);
        if (stop.stop_requested()) return makeError(ErrorKind::Cancelled, "search events", "it was stopped");
        if (error) return *error;
        again = false;
        for (Group& group : groups) {
            std::erase_if(group.sinks, [](Sink* sink) { return !sink->nextPass(); });
            again = again || !group.sinks.empty();
        }
    }
    auto answers = collect();
    if (answers && partial && watch.found() == damaged) tell(true, *answers);
    return answers;
}

} // namespace faultline
