#include "models/ingest/known_sources.h"

#include <algorithm>

namespace faultline {

KnownSources::KnownSources(std::span<const SourceRecord> sources)
{
    for (const SourceRecord& source : sources) insert(source);
}

std::span<const Checkpoint> KnownSources::checkpointsOf(const SourceRecord& source)
{
    if (!source.checkpoints.empty()) return source.checkpoints;
    return {&source.checkpoint, 1};
}

const Checkpoint* KnownSources::firstOf(const SourceRecord& source)
{
    for (const Checkpoint& checkpoint : checkpointsOf(source))
        if (checkpoint.position > 0) return &checkpoint;
    return nullptr;
}

void KnownSources::indexFirst(const SourceRecord& source)
{
    if (const Checkpoint* first = firstOf(source))
        m_firsts[first->position][first->hash.bytes].insert(source.id);
}

void KnownSources::unindexFirst(const SourceRecord& source)
{
    const Checkpoint* first = firstOf(source);
    if (first == nullptr || m_hidden.erase(source.id) != 0) return;
    const auto place = m_firsts.find(first->position);
    const auto same = place->second.find(first->hash.bytes);
    same->second.erase(source.id);
    if (same->second.empty()) place->second.erase(same);
    if (place->second.empty()) m_firsts.erase(place);
}

void KnownSources::insert(SourceRecord source)
{
    const bool hide = m_hidden.contains(source.id);
    remove(source.id);
    m_byPath[source.path].insert(source.id);
    if (hide)
        m_hidden.insert(source.id);
    else
        indexFirst(source);
    const SourceId id = source.id;
    m_sources[id] = std::make_shared<SourceRecord>(std::move(source));
}

void KnownSources::remove(SourceId id)
{
    const auto found = m_sources.find(id);
    if (found == m_sources.end()) return;
    const SourceRecord& source = *found->second;
    if (const auto path = m_byPath.find(source.path); path != m_byPath.end()) {
        path->second.erase(id);
        if (path->second.empty()) m_byPath.erase(path);
    }
    unindexFirst(source);
    m_sources.erase(found);
}

void KnownSources::assign(std::vector<SourceRecord> sources)
{
    std::lock_guard lock(m_mutex);
    m_sources.clear();
    m_byPath.clear();
    m_firsts.clear();
    m_hidden.clear();
    for (SourceRecord& source : sources) insert(std::move(source));
}

void KnownSources::put(SourceRecord source)
{
    std::lock_guard lock(m_mutex);
    insert(std::move(source));
}

void KnownSources::erase(SourceId id)
{
    std::lock_guard lock(m_mutex);
    remove(id);
}

void KnownSources::note(SourceId id, const Ledger& delta, const std::optional<Checkpoint>& checkpoint,
                        const std::optional<SourceState>& state, const std::string& detail,
                        const std::string& format)
{
    std::lock_guard lock(m_mutex);
    const auto found = m_sources.find(id);
    if (found == m_sources.end()) return;
    if (found->second.use_count() > 1) found->second = std::make_shared<SourceRecord>(*found->second);
    SourceRecord& source = *found->second;
    source.ledger += delta;
    if (state) source.state = *state;
    if (!detail.empty()) source.detail = detail;
    if (!format.empty()) source.format = format;
    if (!checkpoint) return;
    auto& all = source.checkpoints;
    const bool hide = m_hideNew && (firstOf(source) == nullptr || m_hidden.contains(id));
    const bool behind = !all.empty() && all.back().position > 0 && checkpoint->position > all.back().position;
    if (!behind) unindexFirst(source);
    if (all.empty() && source.checkpoint.position > 0) all.push_back(source.checkpoint);
    const auto place =
        std::lower_bound(all.begin(), all.end(), *checkpoint,
                         [](const Checkpoint& a, const Checkpoint& b) { return a.position < b.position; });
    if (place != all.end() && place->position == checkpoint->position)
        *place = *checkpoint;
    else
        all.insert(place, *checkpoint);
    source.checkpoint = all.back();
    if (hide)
        m_hidden.insert(id);
    else if (!behind)
        indexFirst(source);
}

void KnownSources::hideNew(bool hide)
{
    std::lock_guard lock(m_mutex);
    m_hideNew = hide;
    if (hide) return;
    for (const SourceId id : m_hidden) indexFirst(*m_sources.at(id));
    m_hidden.clear();
}

void KnownSources::reveal(SourceId id)
{
    std::lock_guard lock(m_mutex);
    if (m_hidden.erase(id) != 0) indexFirst(*m_sources.at(id));
}

KnownSources::Ptr KnownSources::find(SourceId id) const
{
    std::lock_guard lock(m_mutex);
    const auto found = m_sources.find(id);
    return found == m_sources.end() ? nullptr : found->second;
}

std::vector<KnownSources::Ptr> KnownSources::withPath(const std::string& path) const
{
    std::lock_guard lock(m_mutex);
    std::vector<Ptr> list;
    if (const auto found = m_byPath.find(path); found != m_byPath.end())
        for (const SourceId id : found->second) list.push_back(m_sources.at(id));
    return list;
}

bool KnownSources::anyContent() const
{
    std::lock_guard lock(m_mutex);
    return !m_firsts.empty();
}

std::vector<std::uint64_t> KnownSources::firstPositions(std::uint64_t after) const
{
    constexpr std::size_t kFew = 256;
    std::lock_guard lock(m_mutex);
    std::vector<std::uint64_t> positions;
    for (auto place = m_firsts.upper_bound(after); place != m_firsts.end() && positions.size() < kFew;
         ++place)
        positions.push_back(place->first);
    return positions;
}

std::vector<KnownSources::Ptr> KnownSources::beginningWith(std::uint64_t position, const Hash128& hash) const
{
    std::lock_guard lock(m_mutex);
    std::vector<Ptr> list;
    const auto place = m_firsts.find(position);
    if (place == m_firsts.end()) return list;
    const auto same = place->second.find(hash.bytes);
    if (same == place->second.end()) return list;
    for (const SourceId id : same->second) list.push_back(m_sources.at(id));
    return list;
}

} // namespace faultline
