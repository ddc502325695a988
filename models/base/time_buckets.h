#pragma once
#include "models/base/time.h"

#include <cstdint>

namespace faultline {

/// Times in buckets of one width: bucket i is [origin + i x step, origin + (i + 1) x step). `step` > 0. Exact
/// for every time, whatever the origin.
class TimeBuckets
{
public:
    __extension__ using Wide = __int128; ///< differences of times do not fit 64 bits

    TimeBuckets(TimeNs origin, TimeNs step) : m_origin(origin), m_step(step) {}
    TimeNs step() const { return m_step; }
    std::int64_t bucketOf(TimeNs time) const { return bucketOfOffset(static_cast<Wide>(time) - m_origin); }
    std::int64_t bucketOfOffset(Wide offset) const
    {
        const Wide quotient = offset / m_step;
        return static_cast<std::int64_t>(offset % m_step < 0 ? quotient - 1 : quotient);
    }
    /// First time that is not before the bucket, or its end; kTimeMin and kTimeMax when there is none.
    TimeNs beginOf(std::int64_t bucket) const
    {
        return clamped(static_cast<Wide>(m_origin) + static_cast<Wide>(bucket) * m_step);
    }
    TimeNs endOf(std::int64_t bucket) const
    {
        return clamped(static_cast<Wide>(m_origin) + (static_cast<Wide>(bucket) + 1) * m_step);
    }

private:
    static TimeNs clamped(Wide time)
    {
        return time > kTimeMax ? kTimeMax : time < kTimeMin ? kTimeMin : static_cast<TimeNs>(time);
    }
    TimeNs m_origin, m_step;
};

} // namespace faultline
