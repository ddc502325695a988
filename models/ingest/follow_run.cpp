#include "models/ingest/follow_run.h"

#include "models/ingest/discover.h"
#include "models/ingest/open_input.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

namespace faultline {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> watched(const std::vector<std::string>& paths)
{
    std::vector<std::string> result;
    for (const std::string& path : paths)
        if (path != "-") result.push_back(path);
    return result;
}

} // namespace

FollowRun::FollowRun(Parts parts, IngestRun& run, std::size_t readerIndex, std::stop_token stop)
    : m_parts(std::move(parts))
    , m_run(run)
    , m_index(readerIndex)
    , m_stop(std::move(stop))
    , m_opener(m_parts.store, m_parts.known, m_parts.request, m_parts.clock, m_stop, m_parts.claims)
    , m_follower(watched(m_parts.request.paths), {}, m_parts.clock, makeInotifySource())
    , m_reader(run.makeReader(readerIndex))
{
    m_opener.setPathTemplate(m_parts.pathTemplate);
    m_opener.beginFollowing();
}

FollowRun::~FollowRun() = default;

Status FollowRun::loop()
{
    constexpr std::chrono::milliseconds kWait{1000}; // the follower looks by itself in between
    while (!m_stop.stop_requested() && !m_run.failed()) {
        auto events = m_follower.wait(kWait, m_stop);
        if (!events) return std::move(events).error();
        // Others may have changed what the store knows: once for all that this look found.
        const bool decisions = std::any_of(events->begin(), events->end(), [](const FollowEvent& event) {
            return event.kind != FollowEvent::Kind::Grown && event.kind != FollowEvent::Kind::Removed &&
                   event.kind != FollowEvent::Kind::Ended;
        });
        if (decisions && settle()) {
            if (Status status = m_opener.refresh(); !status) return status;
        }
        for (const FollowEvent& event : *events) {
            if (m_stop.stop_requested() || m_run.failed()) break;
            if (Status status = act(event); !status) return status;
        }
        m_reader->flush();
        m_parts.settled.clear(); // from the second look on, an event is news
        m_parts.read.clear();
    }
    m_reader->flush();
    return {};
}

std::vector<SourceReport> FollowRun::reports() const
{
    std::vector<SourceReport> reports;
    for (std::size_t i = 0; i < m_opener.size(); ++i) reports.push_back(m_opener.report(i));
    return reports;
}

Status FollowRun::act(const FollowEvent& event)
{
    switch (event.kind) {
    case FollowEvent::Kind::Appeared: return begin(event);
    case FollowEvent::Kind::Truncated: m_streams.erase(event.previous); return begin(event);
    case FollowEvent::Kind::Compressed: drain(event.previous); return begin(event);
    case FollowEvent::Kind::Renamed: return moved(event);
    case FollowEvent::Kind::Removed: drain(event.file); return {};
    case FollowEvent::Kind::Ended: end(event.file); return {};
    case FollowEvent::Kind::Grown: break;
    }
    const auto stream = m_streams.find(event.file);
    if (stream == m_streams.end() || !stream->second.live) return begin(event);
    drain(event.file);
    return {};
}

std::string FollowRun::nameOf(const std::string& path) const
{
    for (const std::string& asked : m_parts.request.paths) {
        std::error_code error;
        fs::path folder = fs::absolute(asked, error).lexically_normal();
        if (!folder.has_filename()) folder = folder.parent_path();
        if (path == folder.string()) return asked;
        if (path.starts_with(folder.string() + "/")) return path.substr(folder.string().size() + 1);
    }
    return fs::path(path).filename().string();
}

/// A decision needs what the store knows to be all that was read.
bool FollowRun::settle()
{
    return m_reader->flush() && m_run.waitForReader(m_index, *m_reader, m_stop);
}

Status FollowRun::begin(const FollowEvent& event)
{
    if (m_parts.settled.contains(event.path) || isRead(event.path)) return {};
    const auto& asked = m_parts.request.paths;
    const bool named = std::any_of(asked.begin(), asked.end(), [&event](const std::string& path) {
        std::error_code error;
        return fs::absolute(path, error).lexically_normal() == event.path;
    });
    InputEntry entry = inspectFile(event.path, nameOf(event.path), named, m_stop);
    auto compressed = std::make_shared<bool>(false);
    if (entry.skipReason.empty() || entry.unreadable) {
        // By its descriptor: the name may be another file's by now.
        entry.skipReason.clear();
        entry.unreadable = false;
        entry.device = event.device;
        entry.inode = event.inode;
        entry.open = [this, compressed, id = event.file,
                      name = event.path]() -> Result<std::unique_ptr<ByteInput>> {
            auto raw = m_follower.open(id);
            if (!raw) return std::move(raw).error();
            auto decoded = decodeStream(std::move(*raw), name);
            if (!decoded) return std::move(decoded).error();
            *compressed = decoded->compressed;
            return std::move(decoded->input);
        };
    }
    if (!settle()) return {}; // stopped, or failed: the run says why
    const std::size_t index = m_entries.size();
    m_entries.push_back(std::move(entry));
    if (Status status = m_opener.prepare(m_entries); !status) return status;
    auto opened = m_opener.open(index, m_run, *m_reader, m_parts.commit);
    if (!opened) return std::move(opened).error();
    if (opened->what != SourceOpener::What::Read) return {};
    const SourceId id = opened->source.run->id;
    if (const auto other = m_streamOf.find(id); other != m_streamOf.end()) {
        if (const auto old = m_streams.find(other->second); old != m_streams.end() && old->second.id == id)
            m_streams.erase(old);
    }
    m_streamOf[id] = event.file;
    Stream& stream = m_streams[event.file];
    stream.id = id;
    stream.source = std::move(opened->source);
    stream.source.keepsOpen = !*compressed;
    stream.live = true;
    stream.source.head = opened->head;
    drain(event.file);
    stream.source.head = {};
    return {};
}

/// Whether the file is just what the first pass has read, by its length and the time of its last change.
bool FollowRun::isRead(const std::string& path) const
{
    const auto found = m_parts.read.find(path);
    struct stat info = {};
    if (found == m_parts.read.end() || ::stat(path.c_str(), &info) != 0) return false;
    const Content& then = found->second;
    return info.st_dev == then.device && info.st_ino == then.inode &&
           static_cast<std::uint64_t>(info.st_size) == then.bytes &&
           std::int64_t{info.st_mtim.tv_sec} * kSecondNs + info.st_mtim.tv_nsec == then.modified;
}

Status FollowRun::moved(const FollowEvent& event)
{
    SourceId id;
    if (const auto stream = m_streams.find(event.file); stream != m_streams.end()) {
        id = stream->second.id;
        // Before the new name is known, so that rows and name are of one time.
        drain(event.file);
        if (!settle()) return {};
    } else {
        // Read before it was followed, and nothing came since.
        for (const KnownSources::Ptr& source : m_parts.known->withPath(event.previousPath))
            if (source->device == event.device && source->inode == event.inode) id = source->id;
        if (id == SourceId{}) return {};
    }
    InputEntry now;
    now.path = event.path;
    now.name = nameOf(event.path);
    return m_opener.rename(id, now);
}

void FollowRun::drain(FollowId file)
{
    const auto found = m_streams.find(file);
    if (found == m_streams.end() || !found->second.live) return;
    PieceReader::Source& source = found->second.source;
    PieceReader::Left left;
    const bool whole = m_reader->read(source, left);
    source.position = left.position;
    source.nextSpan = left.nextSpan;
    source.hash = std::move(left.hash);
    source.continues = true;
    source.head = {};
    if (!whole || !source.keepsOpen || left.ended) found->second.live = false;
}

void FollowRun::end(FollowId file)
{
    const auto found = m_streams.find(file);
    if (found == m_streams.end()) return;
    found->second.source.keepsOpen = false; // its last line needs no end any more
    drain(file);
    m_streams.erase(found);
}

} // namespace faultline
