#include "models/ingest/source_opener.h"

#include "models/ingest/detect.h"
#include "models/ingest/input_streams.h"
#include "models/ingest/path_template.h"
#include "models/ingest/source_claims.h"

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

/// A plain file up to where it ended when it was opened, and to the end of the line there: one that grows
/// faster than it is read would never end.
class EndsWhereItEnded final : public ByteInput
{
public:
    EndsWhereItEnded(std::unique_ptr<ByteInput> input, std::uint64_t left)
        : m_input(std::move(input)), m_left(left)
    {}
    Result<Chunk> read(char* buffer, std::size_t capacity) override
    {
        constexpr std::uint64_t kLongestRest = 1u << 20;
        if (m_over) return Chunk{0, true};
        const bool rest = m_left == 0;
        if (!rest) capacity = static_cast<std::size_t>(std::min<std::uint64_t>(capacity, m_left));
        auto chunk = m_input->read(buffer, capacity);
        if (!chunk || chunk->eof) return chunk;
        if (!rest) {
            m_left -= chunk->bytes;
            m_over = m_left == 0 && chunk->bytes != 0 && buffer[chunk->bytes - 1] == '\n';
            chunk->eof = m_over;
            return chunk;
        }
        const std::string_view bytes(buffer, chunk->bytes);
        const std::size_t end = bytes.find('\n');
        m_rest += chunk->bytes;
        m_over = end != std::string_view::npos || m_rest >= kLongestRest;
        if (end != std::string_view::npos) chunk->bytes = end + 1;
        chunk->eof = m_over;
        return chunk;
    }
    std::uint64_t consumed() const override { return m_input->consumed(); }
    std::uint64_t size() const override { return m_input->size(); }

private:
    std::unique_ptr<ByteInput> m_input;
    std::uint64_t m_left, m_rest = 0;
    bool m_over = false;
};

std::uint64_t lengthNow(const std::string& path)
{
    struct stat info = {};
    return ::stat(path.c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

/// What the store says about a source: `said`, and what its bytes were before they became UTF-8.
std::string detailOf(const InputEntry& entry, const std::string& said)
{
    if (entry.encoding.empty()) return said;
    return (said.empty() ? "" : said + "; ") + entry.encoding + ", kept as UTF-8";
}

} // namespace

SourceOpener::SourceOpener(std::shared_ptr<Store> store, std::shared_ptr<KnownSources> known,
                           const IngestRequest& request, std::shared_ptr<const Clock> clock,
                           std::stop_token stop, std::shared_ptr<RunClaims> claims)
    : m_store(std::move(store))
    , m_request(request)
    , m_clock(std::move(clock))
    , m_stop(std::move(stop))
    , m_claims(claims ? std::move(claims) : std::make_shared<RunClaims>(request.claims))
    , m_known(std::move(known))
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

Status SourceOpener::refresh()
{
    auto known = m_store->sources(true);
    if (!known) return std::move(known).error();
    m_known->assign(std::move(*known));
    return {};
}

Status SourceOpener::prepare(std::vector<InputEntry>& entries)
{
    m_entries = &entries;
    if (!m_request.inputFormat.empty()) {
        for (InputEntry& entry : entries)
            if (std::exchange(entry.judged, false)) entry.skipReason.clear();
    }
    std::vector<SourceRecord> fresh;
    std::vector<std::size_t> freshEntries;
    const TimeNs now = m_clock->now();
    const std::size_t before = m_reports.size();
    m_reports.resize(entries.size());
    for (std::size_t i = before; i < entries.size(); ++i) {
        const InputEntry& entry = entries[i];
        if (isPipe(entry)) pass(i);
        SourceReport& report = m_reports[i];
        report.name = entry.name;
        report.path = entry.path;
        report.state = SourceState::Reading;
        if (!entry.skipReason.empty()) {
            report.state = entry.unreadable ? SourceState::Unreadable : SourceState::Skipped;
        }
        report.detail = detailOf(entry, entry.skipReason);
        const auto held = m_known->withPath(entry.path);
        if (!held.empty() && entry.path != "-") {
            SourceRecord source = *held.back();
            report.id = source.id;
            if (entry.skipReason.empty()) continue;
            if (source.state == report.state && source.detail == report.detail) continue;
            // What was read from this path before stays readable; only its present state is new.
            source.state = report.state;
            source.detail = report.detail;
            if (Status status = m_store->updateSource(source); !status) return status;
            m_known->put(std::move(source));
            continue;
        }
        if (entry.missing) continue; // said in the report; nothing that the store should remember
        SourceRecord source;
        source.path = entry.path;
        source.name = entry.name;
        source.state = report.state;
        source.detail = report.detail;
        source.settings = settingsOf(entry);
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
        (void)m_claims->take((*ids)[i]); // nobody else knows it yet
        m_known->put(std::move(fresh[i]));
    }
    return {};
}

SourceRecord SourceOpener::record(SourceId id) const
{
    const KnownSources::Ptr found = m_known->find(id);
    return found ? *found : SourceRecord{};
}

Result<ResumeDecision> SourceOpener::decide(std::size_t index)
{
    ResumeRules rules;
    rules.again = m_request.again && !m_following;
    rules.now = m_clock->now();
    if (m_request.follow) rules.patience = std::chrono::seconds(1);
    rules.take = [this](SourceId id) { return m_claims->take(id); };
    return decideWhatIsNew((*m_entries)[index], *m_known, rules, m_stop);
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
    m_known->put(std::move(older));
    return {};
}

Status SourceOpener::rename(SourceId id, const InputEntry& now)
{
    SourceRecord source = record(id);
    if (source.id != id || source.path == now.path) return {};
    for (const KnownSources::Ptr& holder : m_known->withPath(now.path))
        if (holder->id != id)
            if (Status status = setAside(holder->id); !status) return status;
    source.path = now.path;
    source.name = now.name;
    source.state = SourceState::Reading;
    if (Status status = m_store->updateSource(source); !status) return status;
    m_known->put(std::move(source));
    return {};
}

/// Goes on under the name and inode that the store has: there is nothing to write about it.
bool SourceOpener::isAsItWas(const InputEntry& entry, const ResumeDecision& decision) const
{
    const KnownSources::Ptr source = m_known->find(*decision.source);
    return source && !decision.holder && source->path == entry.path && source->name == entry.name &&
           source->device == entry.device && source->inode == entry.inode &&
           source->state == SourceState::Complete;
}

Status SourceOpener::adopt(std::size_t index, const ResumeDecision& decision, bool nothingNew)
{
    const InputEntry& entry = (*m_entries)[index];
    SourceReport& report = m_reports[index];
    // Another entry may have taken the name away from who had it, since this one was prepared and decided: a
    // rotated file that goes on under its new name.
    const bool held = decision.renameHolder && decision.holder && record(*decision.holder).path == entry.path;
    if (held)
        if (Status status = setAside(*decision.holder); !status) return status;
    const SourceRecord reserved = record(report.id);
    const bool movedOn = reserved.id == report.id && reserved.path != entry.path;
    if (decision.what == Newness::Continue) {
        // The place reserved for the entry is not needed: its bytes belong to a source that is there already.
        if (report.id != *decision.source && record(report.id).checkpoint.position == 0) {
            if (Status status = m_store->removeSource(report.id); !status) return status;
            m_known->erase(report.id);
        }
        report.id = *decision.source;
        if (nothingNew && isAsItWas(entry, decision)) {
            report.detail = decision.detail;
            return {};
        }
        SourceRecord source = record(report.id);
        if (!decision.keepPath) {
            source.path = entry.path;
            source.name = entry.name;
            source.device = entry.device;
            source.inode = entry.inode;
        }
        source.state = SourceState::Reading;
        source.detail = report.detail = detailOf(entry, decision.detail);
        Status status = m_store->updateSource(source);
        m_known->put(std::move(source));
        return status;
    }
    if (decision.renameHolder || movedOn) {
        SourceRecord source;
        source.path = entry.path;
        source.name = entry.name;
        source.settings = settingsOf(entry);
        source.device = entry.device;
        source.inode = entry.inode;
        source.firstArrival = source.lastArrival = m_clock->now();
        source.detail = detailOf(entry, {});
        auto id = m_store->addSource(source);
        if (!id) return std::move(id).error();
        source.id = report.id = *id;
        (void)m_claims->take(*id);
        m_known->put(std::move(source));
    }
    report.detail = detailOf(entry, decision.detail);
    // What was said of it when it was empty, or could not be read.
    if (SourceRecord source = record(report.id); source.id == report.id && source.detail != report.detail) {
        source.state = SourceState::Reading;
        source.detail = report.detail;
        if (Status status = m_store->updateSource(source); !status) return status;
        m_known->put(std::move(source));
    }
    return {};
}

Result<SourceOpener::Opened> SourceOpener::finishDuplicate(std::size_t index, const ResumeDecision& decision,
                                                           const CommitQueue::Commit& commit)
{
    if (Status status = adopt(index, decision, false); !status) return status.error();
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

bool SourceOpener::awaitTurn(std::size_t index)
{
    std::unique_lock lock(m_mutex);
    return m_turnCame.wait(lock, m_stop, [&] { return m_turn >= index || m_gaveUp; }) && !m_gaveUp;
}

void SourceOpener::pass(std::size_t index)
{
    std::lock_guard lock(m_mutex);
    if (m_passed.size() <= index) m_passed.resize(index + 1);
    m_passed[index] = true;
    while (m_turn < m_passed.size() && m_passed[m_turn]) ++m_turn;
    m_turnCame.notify_all();
}

void SourceOpener::giveUp()
{
    std::lock_guard lock(m_mutex);
    m_gaveUp = true;
    m_turnCame.notify_all();
}

std::optional<std::size_t> SourceOpener::twinBeingRead(std::size_t index, const std::string& head,
                                                       std::optional<std::size_t> waited)
{
    if (m_request.again) return std::nullopt;
    const std::string key = std::to_string(hash64(std::string_view(head).substr(0, kTwinBytes)));
    std::lock_guard lock(m_mutex);
    const auto reading = m_heads.emplace(key, index).first;
    // Of those that waited for it and are something else, the first one reads now, and the others wait again.
    if (waited && reading->second == *waited) reading->second = index;
    return reading->second == index ? std::nullopt : std::optional(reading->second);
}

bool SourceOpener::waitForTwin(std::size_t twin, IngestRun& run, PieceReader& reader)
{
    if (!reader.flush()) return false;
    if (!run.waitForSource(m_reports[twin].id, m_stop)) return false;
    m_known->reveal(m_reports[twin].id);
    return true;
}

/// What a source is first read with: kept with it, so that more of its bytes, and the same bytes out of the
/// store, are read in the same way.
std::string SourceOpener::settingsOf(const InputEntry& entry) const
{
    SourceSettings settings;
    if (m_request.zoneOffsetMinutes != 0) settings.zoneOffsetMinutes = m_request.zoneOffsetMinutes;
    if (entry.path != "-") settings.constants = pathFields(m_template, entry.path);
    // What could not be read back is left out: a name of hostile length is no reason not to read its file.
    SourceSettings alone;
    std::erase_if(settings.constants, [&alone](const auto& constant) {
        alone.constants = {constant};
        return !checkSettings(alone);
    });
    if (!checkSettings(settings)) settings.constants.clear();
    settings.fileTime = entry.modified != 0 ? entry.modified : m_clock->now();
    return printSettings(settings);
}

std::unique_ptr<SourceRun> SourceOpener::makeRun(std::size_t index, const ResumeDecision& decision,
                                                 const std::string& head, SourceSettings settings)
{
    const InputEntry& entry = (*m_entries)[index];
    SourceReport& report = m_reports[index];
    const SourceRecord source = record(report.id);
    auto run = std::make_unique<SourceRun>();
    run->id = report.id;
    run->report = index;
    run->arrival = m_clock->now();
    run->fileTime = entry.modified != 0 ? entry.modified : run->arrival;
    if (!settings.zoneOffsetMinutes) settings.zoneOffsetMinutes = m_request.zoneOffsetMinutes;
    if (source.settings.empty() && entry.path != "-") // of a program that did not keep them
        settings.constants = pathFields(m_template, entry.path);
    settings.applyTo(run->context);
    run->context.time.now = run->arrival;
    if (!settings.format.empty())
        run->context.format = settings.format;
    else if (!m_request.inputFormat.empty())
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
    const std::shared_ptr<void> passed(nullptr, [this, index](void*) { pass(index); });
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
        m_known->put(std::move(source));
        return std::move(opened);
    };
    auto decision = decide(index);
    if (!decision) return unreadable(decision.error());
    if (decision->what == Newness::Duplicate) return finishDuplicate(index, *decision, commit);
    std::string head;
    if (Status status = readHead(*decision->input, head); !status) return unreadable(status.error());
    const bool pipe = isPipe(entry);
    std::optional<std::size_t> waited;
    if (!pipe && !m_following && !awaitTurn(index)) {
        opened.what = What::Stopped;
        return opened;
    }
    while (decision->what == Newness::New && !pipe && !m_following) {
        const auto twin = twinBeingRead(index, head, waited);
        pass(index);
        if (!twin || !waitForTwin(*twin, run, reader)) break;
        waited = twin;
        decision = decide(index);
        if (!decision) return unreadable(decision.error());
        if (decision->what == Newness::Duplicate) return finishDuplicate(index, *decision, commit);
        if (Status status = readHead(*decision->input, head); !status) return unreadable(status.error());
    }
    if (Status status = adopt(index, *decision, head.empty()); !status) return status.error();

    auto settings = parseSettings(record(report.id).settings);
    if (!settings) return unreadable(settings.error());
    if (decision->what == Newness::New && settings->fileTime && entry.modified != 0 &&
        *settings->fileTime != entry.modified) { // it had no content when it was first seen
        settings->fileTime = entry.modified;
        SourceRecord source = record(report.id);
        source.settings = printSettings(*settings);
        if (Status status = m_store->updateSource(source); !status) return status.error();
        m_known->put(std::move(source));
    }
    std::shared_ptr<SourceRun> runOf = makeRun(index, *decision, head, std::move(*settings));
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
    const bool growing = !pipe && mayGrow(entry);
    opened.source.keepsOpen = m_request.follow && growing;
    const std::uint64_t read = opened.source.position + opened.head.size();
    if (const std::uint64_t length = lengthNow(entry.path); !m_request.follow && growing && length > read)
        opened.source.input =
            std::make_unique<EndsWhereItEnded>(std::move(opened.source.input), length - read);
    return opened;
}

} // namespace faultline
