#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>

namespace faultline {

/// How many of the events in a view came since it was last looked at as a whole. A value.
class Arrivals
{
public:
    /// Another view: nothing in it is new.
    void reset() { m_seen.reset(), m_total.reset(); }
    /// The exact number of events in the view by now.
    void total(std::int64_t events)
    {
        m_total = events;
        if (!m_seen || *m_seen > events) m_seen = events; // the first answer; or events were removed
    }
    /// What has come is seen.
    void seen() { m_seen = m_total; }
    std::int64_t fresh() const { return m_total && m_seen ? *m_total - *m_seen : 0; }

private:
    std::optional<std::int64_t> m_seen, m_total;
};

} // namespace faultline
