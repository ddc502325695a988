#pragma once
#include "models/base/time.h"
#include "models/store/source_record.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string_view>

namespace faultline {

/// What is happening at a source, in one word.
enum class SourceLife : std::uint8_t {
    Reading,     ///< its bytes are being read
    Live,        ///< followed, and events come as usual
    Silent,      ///< followed, and nothing came for over three times its usual gap
    Ended,       ///< read to its end
    RotatedAway, ///< its path holds another file now; what it had stays
    Incomplete,  ///< cut short
    Interrupted, ///< not read to its end, and nobody reads it
    Skipped,     ///< not a log
    Unreadable,
    Duplicate
};
std::string_view sourceLifeName(SourceLife life); ///< "live", "silent", "ended", "rotated away", ...

/// A source's rate and its usual gap, from what its account said at several moments. Times are passed in. One
/// thread.
class SourcePulse
{
public:
    /// What the store says of the source at `now`. Call it at every look, changed or not.
    void observe(TimeNs now, const SourceRecord& source);

    /// Events a second over the last minute of looks; nothing before two of them.
    std::optional<double> rate() const;
    /// The median time between arrivals: of those that were seen, else, with three checkpoints or more, the
    /// mean since its first. Nothing when it is not known.
    std::optional<std::int64_t> usualGap() const;
    /// How long ago the last arrival is at `now`.
    std::int64_t silence(TimeNs now) const;

    static constexpr std::int64_t kSilentGaps = 3;
    /// No gap is usual that is shorter: commits of a live source are gathered.
    static constexpr std::int64_t kShortestGap = kSecondNs;

private:
    struct Look
    {
        TimeNs at = 0;
        std::uint64_t events = 0;
    };
    std::deque<Look> m_looks;        ///< of the last minute
    std::deque<std::int64_t> m_gaps; ///< the last ones
    TimeNs m_lastArrival = 0;
    std::int64_t m_meanGap = 0; ///< 0: not known
};

/// The word for a source. `followed`: somebody waits for more of it; only then it can be live or silent.
/// `reading`: an ingest goes on.
SourceLife lifeOf(const SourceRecord& source, const SourcePulse& pulse, TimeNs now, bool followed,
                  bool reading);

} // namespace faultline
