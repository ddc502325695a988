#include "models/ingest/source_opener.h"

#include "models/ingest/detect.h"
#include "models/ingest/input_streams.h"
#include "models/ingest/path_template.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace faultline {
namespace {

/// Entries that share so many first bytes may be the same content: they are compared after one another.
constexpr std::size_t kTwinBytes = 64u << 10;

bool isPipe(const InputEntry& entry)
{
    struct stat info = {};
    return entry.path == "-" || (::stat(entry.path.c_str(), &info) == 0 && S_ISFIFO(info.st_mode));
}

/// Says whether a file may grow by plain appending: what is compressed ends where it ends.
bool mayGrow(const InputEntry& entry)
{
    struct stat info = {};
    if (::stat(entry.path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return false; // a member, a pipe
    auto file = openFileInput(entry.path);
    std::string head(kSniffBytes, '\0');
    const auto chunk = file ? (*file)->read(head.data(), head.size()) : file.error();
    if (!chunk) return false;
    const ContentKind kind = guessContent(std::string_view(head).substr(0, chunk->bytes)).kind;
    return !isCompressed(kind) && !isContainer(kind);
}

} // namespace

SourceOpener::SourceOpener(std::shared_ptr<Store> store, const IngestRequest& request,
                           std::shared_ptr<const Clock> clock, std::stop_token stop)
    : m_store(std::move(store)), m_request(request), m_clock(std::move(clock)), m_stop(std::move(stop))
{}

Status SourceOpener::takeTemplate(const std::vector<InputEntry>& entries)
{
    m_template = m_request.pathTemplate;
    if (!m_template.empty()) {
        auto parsed = PathTemplate::parse(m_template);
        return parsed ? Status{} : Status(std::move(parsed).error());
    }
    std::vector<std::string> paths;
    for (const InputEntry& entry : entries)
        if (entry.skipReason.empty() && entry.path != "-") paths.push_back(entry.path);
    m_template = guessPathTemplate(paths);
    return {};
}

Status SourceOpener::prepare(std::vector<InputEntry>& entries)
{
    m_entries = &entries;
    if (!m_request.inputFormat.empty()) {
        for (InputEntry& entry : entries)
            if (std::exchange(entry.judged, false)) entry.skipReason.clear();
    }
    auto known = m_store->sources(true);
    if (!known) return std::move(known).error();
    std::map<std::string, SourceId> byPath;
    m_sources.clear();
    for (SourceRecord& source : *known) {
        byPath[source.path] = source.id;
        m_sources.emplace(source.id, std::move(source));
    }
    std::vector<SourceRecord> fresh;
    std::vector<std::size_t> freshEntries;
    const TimeNs now = m_clock->now();
    const std::size_t before = m_reports.size();
    m_reports.resize(entries.size());
    for (std::size_t i = before; i < entries.size(); ++i) {
        const InputEntry& entry = entries[i];
        SourceReport& report = m_reports[i];
        report.name = entry.name;
        report.path = entry.path;
        report.state = SourceState::Reading;
        if (!entry.skipReason.empty()) {
            report.state = entry.unreadable ? SourceState::Unreadable : SourceState::Skipped;
            report.detail = entry.skipReason;
        }
        const auto held = byPath.find(entry.path);
        if (held != byPath.end() && entry.path != "-") {
            report.id = held->second;
            if (entry.skipReason.empty()) continue;
            SourceRecord& source = m_sources[report.id];
            // What was read from this path before stays readable; only its present state is new.
            source.state = report.state;
            source.detail = report.detail;
            if (Status status = m_store->updateSource(source); !status) return status;
            continue;
        }
        if (entry.missing) continue; // said in the report; nothing that the store should remember
        SourceRecord source;
        source.path = entry.path;
        source.name = entry.name;
        source.state = report.state;
        source.detail = report.detail;
        source.device = entry.device;
        source.inode = entry.inode;
        source.firstArrival = source.lastArrival = now;
        fresh.push_back(std::move(source));
        freshEntries.push_back(i);
    }
    if (fresh.empty()) return {};
    auto ids = m_store->addSources(fresh);
    if (!ids) return std::move(ids).error();
    for (std::size_t i = 0; i < fresh.size(); ++i) {
        fresh[i].id = (*ids)[i];
        m_reports[freshEntries[i]].id = (*ids)[i];
        m_sources.emplace((*ids)[i], std::move(fresh[i]));
    }
    return {};
}

SourceRecord SourceOpener::record(SourceId id) const
{
    std::lock_guard lock(m_mutex);
    const auto found = m_sources.find(id);
    return found != m_sources.end() ? found->second : SourceRecord{};
}

Result<ResumeDecision> SourceOpener::decide(std::size_t index)
{
    std::vector<SourceRecord> candidates;
    {
        std::lock_guard lock(m_mutex);
        for (const auto& [id, source] : m_sources)
            if (source.checkpoint.position > 0 || !source.checkpoints.empty() ||
                source.path == (*m_entries)[index].path)
                candidates.push_back(source);
    }
    ResumeRules rules;
    rules.again = m_request.again && !m_following;
    rules.now = m_clock->now();
    if (m_request.follow) rules.patience = std::chrono::seconds(1);
    return decideWhatIsNew((*m_entries)[index], candidates, rules, m_stop);
}

Status SourceOpener::readHead(ByteInput& input, std::string& head)
{
    const bool pipe = input.size() == 0;
    head.resize(kDetectBytes);
    std::size_t size = 0;
    while (size < head.size() && !m_stop.stop_requested()) {
        const auto chunk = input.read(head.data() + size, head.size() - size);
        if (!chunk) {
            // The reader meets the same fault at the same place and reports it with the byte.
            if (size > 0) break;
            return chunk.error();
        }
        size += chunk->bytes;
        if (chunk->eof) break;
        // A pipe may be slow: a few lines are enough to tell its format.
        if (pipe && size > 0 && chunk->bytes < kTwinBytes && head.find('\n') < size) break;
    }
    head.resize(size);
    return {};
}

Status SourceOpener::setAside(SourceId holder)
{
    SourceRecord older = record(holder);
    older.path = olderName(older.path, m_clock->now());
    older.name = olderName(older.name, m_clock->now());
    if (Status status = m_store->updateSource(older); !status) return status;
    std::lock_guard lock(m_mutex);
    m_sources[older.id] = older;
    return {};
}

Status SourceOpener::rename(SourceId id, const InputEntry& now)
{
    SourceRecord source = record(id);
    if (source.id != id || source.path == now.path) return {};
    std::vector<SourceId> holders;
    {
        std::lock_guard lock(m_mutex);
        for (const auto& [other, held] : m_sources)
            if (other != id && held.path == now.path) holders.push_back(other);
    }
    for (const SourceId holder : holders)
        if (Status status = setAside(holder); !status) return status;
    source.path = now.path;
    source.name = now.name;
    source.state = SourceState::Reading;
    if (Status status = m_store->updateSource(source); !status) return status;
    std::lock_guard lock(m_mutex);
    m_sources[id] = std::move(source);
    return {};
}

Status SourceOpener::adopt(std::size_t index, const ResumeDecision& decision)
{
    const InputEntry& entry = (*m_entries)[index];
    SourceReport& report = m_reports[index];
    if (decision.renameHolder && decision.holder)
        if (Status status = setAside(*decision.holder); !status) return status;
    if (decision.what == Newness::Continue) {
        // The place reserved for the entry is not needed: its bytes belong to a source that is there already.
        if (report.id != *decision.source && record(report.id).checkpoint.position == 0) {
            if (Status status = m_store->removeSource(report.id); !status) return status;
            std::lock_guard lock(m_mutex);
            m_sources.erase(report.id);
        }
        report.id = *decision.source;
        SourceRecord source = record(report.id);
        if (!decision.keepPath) {
            source.path = entry.path;
            source.name = entry.name;
            source.device = entry.device;
            source.inode = entry.inode;
        }
        source.state = SourceState::Reading;
        source.detail = decision.detail;
        report.detail = decision.detail;
        std::lock_guard lock(m_mutex);
        m_sources[source.id] = source;
        return m_store->updateSource(source);
    }
    if (decision.renameHolder) {
        SourceRecord source;
        source.path = entry.path;
        source.name = entry.name;
        source.device = entry.device;
        source.inode = entry.inode;
        source.firstArrival = source.lastArrival = m_clock->now();
        auto id = m_store->addSource(source);
        if (!id) return std::move(id).error();
        source.id = report.id = *id;
        std::lock_guard lock(m_mutex);
        m_sources[source.id] = source;
    }
    report.detail = decision.detail;
    return {};
}

Result<SourceOpener::Opened> SourceOpener::finishDuplicate(std::size_t index, const ResumeDecision& decision,
                                                           const CommitQueue::Commit& commit)
{
    if (Status status = adopt(index, decision); !status) return status.error();
    SourceReport& report = m_reports[index];
    const SourceRecord original = record(*decision.source);
    CommitBatch batch;
    CommitBatch::SourceUpdate update;
    update.id = report.id;
    const Tally all{decision.checkpoint.records, decision.checkpoint.position};
    update.delta.received = update.delta.duplicates = all;
    update.state = report.state = SourceState::Duplicate;
    update.detail = report.detail =
        decision.detail.empty() ? "the same content as " + original.path : decision.detail;
    update.format = report.format = original.format;
    update.arrival = m_clock->now();
    report.ledger += update.delta;
    batch.sources.push_back(update);
    if (Status status = commit(std::move(batch), m_stop); !status) return status.error();
    Opened done;
    done.what = What::Done;
    return done;
}

bool SourceOpener::waitForTwin(std::size_t index, const std::string& head, IngestRun& run,
                               PieceReader& reader)
{
    std::size_t twin = index;
    {
        const std::string key = std::to_string(hash64(std::string_view(head).substr(0, kTwinBytes)));
        std::lock_guard lock(m_mutex);
        twin = m_heads.emplace(key, index).first->second;
    }
    if (twin == index || m_request.again) return false;
    if (!reader.flush()) return false;
    return run.waitForSource(m_reports[twin].id, m_stop);
}

std::unique_ptr<SourceRun> SourceOpener::makeRun(std::size_t index, const ResumeDecision& decision,
                                                 const std::string& head)
{
    const InputEntry& entry = (*m_entries)[index];
    SourceReport& report = m_reports[index];
    const SourceRecord source = record(report.id);
    auto run = std::make_unique<SourceRun>();
    run->id = report.id;
    run->report = index;
    run->arrival = m_clock->now();
    run->fileTime = entry.modified != 0 ? entry.modified : run->arrival;
    run->context.time.zoneOffsetMinutes = m_request.zoneOffsetMinutes;
    run->context.time.now = run->arrival;
    if (entry.path != "-") run->context.constants = pathFields(m_template, entry.path);
    if (!m_request.inputFormat.empty())
        run->context.format = m_request.inputFormat;
    else if (decision.what == Newness::Continue && !source.format.empty())
        run->context.format = source.format;
    else
        run->context.format = std::string(detectFormat(head, head.size() < kDetectBytes).format);
    report.format = run->context.format;
    run->chain = std::make_unique<SourceChain>(decision.checkpoint);
    return run;
}

Result<SourceOpener::Opened> SourceOpener::open(std::size_t index, IngestRun& run, PieceReader& reader,
                                                const CommitQueue::Commit& commit)
{
    const InputEntry& entry = (*m_entries)[index];
    SourceReport& report = m_reports[index];
    Opened opened;
    if (!entry.skipReason.empty()) return opened;
    const auto unreadable = [&](const Error& error) -> Result<Opened> {
        if (error.kind == ErrorKind::Cancelled) {
            opened.what = What::Stopped;
            return std::move(opened);
        }
        report.state = SourceState::Unreadable;
        report.detail = error.line();
        SourceRecord source = record(report.id);
        source.state = report.state;
        source.detail = report.detail;
        if (Status status = m_store->updateSource(source); !status) return status.error();
        return std::move(opened);
    };
    auto decision = decide(index);
    if (!decision) return unreadable(decision.error());
    if (decision->what == Newness::Duplicate) return finishDuplicate(index, *decision, commit);
    std::string head;
    if (Status status = readHead(*decision->input, head); !status) return unreadable(status.error());
    const bool pipe = isPipe(entry);
    if (decision->what == Newness::New && !pipe && !m_following && waitForTwin(index, head, run, reader)) {
        auto fresh = m_store->sources(true);
        if (!fresh) return std::move(fresh).error();
        {
            std::lock_guard lock(m_mutex);
            for (SourceRecord& source : *fresh) m_sources[source.id] = std::move(source);
        }
        decision = decide(index);
        if (!decision) return unreadable(decision.error());
        if (decision->what == Newness::Duplicate) return finishDuplicate(index, *decision, commit);
        if (Status status = readHead(*decision->input, head); !status) return unreadable(status.error());
    }
    if (Status status = adopt(index, *decision); !status) return status.error();

    std::shared_ptr<SourceRun> runOf = makeRun(index, *decision, head);
    if (decision->what == Newness::New && decision->checkpoint.position > 0) {
        // Begins like another source: those records are there already, under that one.
        CommitBatch batch;
        CommitBatch::SourceUpdate update;
        update.id = report.id;
        update.delta.received =
            update.delta.duplicates = {decision->checkpoint.records, decision->checkpoint.position};
        update.arrival = runOf->arrival;
        report.ledger += update.delta;
        batch.sources.push_back(update);
        if (Status status = commit(std::move(batch), m_stop); !status) return status.error();
    }
    opened.what = What::Read;
    opened.head = std::move(head);
    opened.source.run = std::move(runOf);
    opened.source.input = std::move(decision->input);
    opened.source.position = decision->checkpoint.position;
    opened.source.hash = std::move(decision->hash);
    opened.source.pipe = pipe;
    opened.source.kept = pipe && m_request.stdinIsKept;
    opened.source.keepsOpen = m_request.follow && mayGrow(entry);
    return opened;
}

} // namespace faultline
