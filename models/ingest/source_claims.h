#pragma once
#include "models/base/ids.h"

#include <map>
#include <memory>
#include <mutex>

namespace faultline {

class RunClaims;

/// Which run writes which source of a store: two runs never go on with one source at the same time, or their
/// events would get the same ordinals.
///
/// Threads  Any.
class SourceClaims
{
private:
    friend class RunClaims;
    std::mutex m_mutex;
    std::map<SourceId, const RunClaims*> m_runs;
};

/// The claims of one run, which it lets go of in the end.
///
/// Threads  Any.
class RunClaims
{
public:
    /// Without `all` there is only this run.
    explicit RunClaims(std::shared_ptr<SourceClaims> all) : m_all(std::move(all)) {}
    ~RunClaims()
    {
        if (!m_all) return;
        const std::lock_guard lock(m_all->m_mutex);
        std::erase_if(m_all->m_runs, [this](const auto& each) { return each.second == this; });
    }
    RunClaims(const RunClaims&) = delete;
    RunClaims& operator=(const RunClaims&) = delete;

    /// True when the source is this run's now: it was free, or its own already.
    bool take(SourceId source)
    {
        if (!m_all) return true;
        const std::lock_guard lock(m_all->m_mutex);
        return m_all->m_runs.try_emplace(source, this).first->second == this;
    }

private:
    const std::shared_ptr<SourceClaims> m_all;
};

} // namespace faultline
