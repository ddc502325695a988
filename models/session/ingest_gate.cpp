#include "models/session/ingest_gate.h"

#include <algorithm>
#include <filesystem>

namespace faultline {

namespace {

namespace fs = std::filesystem;

// The folder or file below which everything that `path` can mean lies. Members of archives ("a.zip!b") count
// as their archive's folder, globs as the folder before their first special part.
std::string rootOf(const std::string& path)
{
    std::error_code failed;
    fs::path full = fs::absolute(path, failed).lexically_normal();
    if (!fs::exists(full, failed)) {
        fs::path plain;
        for (const fs::path& part : full) {
            if (part.string().find_first_of("*?[{!\\") != std::string::npos) break;
            plain /= part;
        }
        full = plain;
    }
    const fs::path canonical = fs::weakly_canonical(full, failed);
    std::string text = (failed ? full : canonical).string();
    while (text.size() > 1 && text.back() == '/') text.pop_back();
    return text;
}

bool within(const std::string& inner, const std::string& outer)
{
    if (outer == "/") return true;
    return inner.size() >= outer.size() && inner.compare(0, outer.size(), outer) == 0 &&
           (inner.size() == outer.size() || inner[outer.size()] == '/');
}

bool overlap(const std::vector<std::string>& a, const std::vector<std::string>& b)
{
    return std::any_of(a.begin(), a.end(), [&](const std::string& left) {
        return std::any_of(b.begin(), b.end(), [&](const std::string& right) {
            return within(left, right) || within(right, left);
        });
    });
}

} // namespace

Result<IngestGate::Turn> IngestGate::enter(const IngestRequest& request, std::stop_token stop)
{
    Active mine;
    mine.endless = request.follow;
    for (const std::string& path : request.paths) {
        std::error_code failed;
        if (path == "-" || fs::is_fifo(path, failed))
            mine.endless = true;
        else
            mine.roots.push_back(rootOf(path));
    }
    std::unique_lock lock(m_mutex);
    while (!stop.stop_requested()) {
        bool wait = m_wantAlone > 0;
        for (const Active& other : m_active) {
            if (other.alone || (!mine.endless && !other.endless)) {
                wait = true;
            } else if (overlap(mine.roots, other.roots)) {
                if (other.endless)
                    return makeError(ErrorKind::Locked, "ingest " + request.paths.front(),
                                     "another ingest into this store is reading the same files, and goes on",
                                     {"End that one first; it stores what is new in them."});
                wait = true;
            }
        }
        if (!wait) return Turn(this, m_active.insert(m_active.end(), std::move(mine)));
        m_changed.wait(lock, stop, [this, left = m_left] { return m_left != left; });
    }
    return makeError(ErrorKind::Cancelled, "ingest", "it was stopped before its turn came");
}

std::optional<IngestGate::Turn> IngestGate::tryEnterAlone()
{
    std::lock_guard lock(m_mutex);
    if (!m_active.empty()) return std::nullopt;
    Active mine;
    mine.alone = true;
    return Turn(this, m_active.insert(m_active.end(), std::move(mine)));
}

void IngestGate::wishAlone()
{
    std::lock_guard lock(m_mutex);
    ++m_wantAlone;
}

std::optional<IngestGate::Turn> IngestGate::enterAlone(std::stop_token stop)
{
    std::unique_lock lock(m_mutex);
    const bool free = m_changed.wait(lock, stop, [this] { return m_active.empty(); });
    --m_wantAlone;
    if (!free) {
        ++m_left; // those that waited for this one look again
        m_changed.notify_all();
        return std::nullopt;
    }
    Active mine;
    mine.alone = true;
    return Turn(this, m_active.insert(m_active.end(), std::move(mine)));
}

void IngestGate::leave(std::list<Active>::iterator place)
{
    {
        std::lock_guard lock(m_mutex);
        m_active.erase(place);
        ++m_left;
    }
    m_changed.notify_all();
}

} // namespace faultline
