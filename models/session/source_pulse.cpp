#include "models/session/source_pulse.h"

#include <algorithm>
#include <vector>

namespace faultline {
namespace {

constexpr std::int64_t kWindow = 60 * kSecondNs;
constexpr std::size_t kGaps = 32;

} // namespace

std::string_view sourceLifeName(SourceLife life)
{
    switch (life) {
    case SourceLife::Reading: return "reading";
    case SourceLife::Live: return "live";
    case SourceLife::Silent: return "silent";
    case SourceLife::Ended: return "ended";
    case SourceLife::RotatedAway: return "rotated away";
    case SourceLife::Incomplete: return "cut short";
    case SourceLife::Interrupted: return "interrupted";
    case SourceLife::Skipped: return "skipped";
    case SourceLife::Unreadable: return "unreadable";
    case SourceLife::Duplicate: return "duplicate";
    }
    return "unreadable";
}

void SourcePulse::observe(TimeNs now, const SourceRecord& source)
{
    if (m_lastArrival != 0 && source.lastArrival > m_lastArrival) {
        m_gaps.push_back(source.lastArrival - m_lastArrival);
        if (m_gaps.size() > kGaps) m_gaps.pop_front();
    }
    m_lastArrival = source.lastArrival;
    const std::size_t points = source.checkpoints.size();
    if (points >= 3 && source.lastArrival > source.firstArrival)
        m_meanGap = (source.lastArrival - source.firstArrival) / static_cast<std::int64_t>(points - 1);
    // A clock that was set back, or a source that was begun anew: count afresh.
    if (!m_looks.empty() && (now < m_looks.back().at || source.ledger.events < m_looks.back().events))
        m_looks.clear();
    m_looks.push_back({now, source.ledger.events});
    // One look older than the window stays: the rate is over at least as long.
    while (m_looks.size() > 2 && now - m_looks[1].at >= kWindow) m_looks.pop_front();
}

std::optional<double> SourcePulse::rate() const
{
    if (m_looks.size() < 2 || m_looks.back().at == m_looks.front().at) return std::nullopt;
    return static_cast<double>(m_looks.back().events - m_looks.front().events) * 1e9 /
           static_cast<double>(m_looks.back().at - m_looks.front().at);
}

std::optional<std::int64_t> SourcePulse::usualGap() const
{
    if (m_gaps.size() >= 3) {
        std::vector<std::int64_t> gaps(m_gaps.begin(), m_gaps.end());
        const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
        std::nth_element(gaps.begin(), middle, gaps.end());
        return std::max(*middle, kShortestGap);
    }
    if (m_meanGap > 0) return std::max(m_meanGap, kShortestGap);
    return std::nullopt;
}

std::int64_t SourcePulse::silence(TimeNs now) const
{
    return m_lastArrival == 0 ? 0 : std::max<std::int64_t>(0, now - m_lastArrival);
}

SourceLife lifeOf(const SourceRecord& source, const SourcePulse& pulse, TimeNs now, bool followed,
                  bool reading)
{
    switch (source.state) {
    case SourceState::Skipped: return SourceLife::Skipped;
    case SourceState::Unreadable: return SourceLife::Unreadable;
    case SourceState::Duplicate: return SourceLife::Duplicate;
    case SourceState::Incomplete: return SourceLife::Incomplete;
    case SourceState::Reading:
    case SourceState::Complete: break;
    }
    // The name that an older generation of a path gets: see olderName().
    if (source.path.ends_with("Z)") && source.path.find(" (before ") != std::string::npos)
        return SourceLife::RotatedAway;
    if (source.state == SourceState::Complete) return SourceLife::Ended;
    if (!followed) return reading ? SourceLife::Reading : SourceLife::Interrupted;
    const auto gap = pulse.usualGap();
    return gap && pulse.silence(now) > SourcePulse::kSilentGaps * *gap ? SourceLife::Silent
                                                                       : SourceLife::Live;
}

} // namespace faultline
