#pragma once
#include "models/base/time.h"

#include <cstdint>
#include <optional>

namespace faultline {

/// How many events came into a view since it was last looked at as a whole. A value.
///
/// The begin of a view that goes until now moves on. What came is counted from where the view began when it
/// was looked at, so that rows that leave at the old end make it neither wrong nor less.
class Arrivals
{
public:
    /// Another view: nothing in it is new.
    void reset() { m_seen.reset(), m_shown.reset(), m_total = 0; }
    /// The exact number of events in the view by now, and where it begins.
    void shown(std::int64_t events, TimeNs begin)
    {
        m_shown = Look{events, begin};
        if (!m_seen) seen(); // the first answer
        if (begin == m_seen->begin) total(events);
    }
    /// What is to be counted: the events of the view from there on. Nothing before the first answer.
    std::optional<TimeNs> since() const { return m_seen ? std::optional(m_seen->begin) : std::nullopt; }
    /// The view begins elsewhere than at since(): its own number says nothing about what came.
    bool moved() const { return m_seen && m_shown && m_seen->begin != m_shown->begin; }
    /// The exact number of events from since() on.
    void total(std::int64_t events)
    {
        m_total = events;
        if (m_seen && m_seen->events > events) m_seen->events = events; // events were removed
    }
    /// What has come is seen.
    void seen()
    {
        m_seen = m_shown;
        if (m_shown) m_total = m_shown->events;
    }
    /// All that was counted so far is no arrival: it is being read, and the view does not show it yet.
    void known()
    {
        if (m_seen) m_seen->events = m_total;
    }
    std::int64_t fresh() const { return m_seen ? m_total - m_seen->events : 0; }

private:
    struct Look
    {
        std::int64_t events = 0;
        TimeNs begin = 0;
    };
    std::optional<Look> m_seen, m_shown;
    std::int64_t m_total = 0;
};

} // namespace faultline
