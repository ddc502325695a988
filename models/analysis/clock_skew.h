#pragma once
#include "models/analysis/trace.h"

#include <cstdint>
#include <vector>

/// How far two clocks are apart, from what a caller and a callee have logged of the same requests.
///
/// A caller logs something before it calls (a1) and after the answer (a2), the callee while it works (b1 to
/// b2), each by its own clock. With the callee's clock ahead by d, what caused what says
///
///     a1 <= b1 - d   and   b2 - d <= a2,   so that   b2 - a2 <= d <= b1 - a1.
///
/// That is the bound of NTP's on-wire protocol (RFC 5905, section 8: offset ((T2 - T1) + (T3 - T4)) / 2, off
/// by at most half of the delay) and of Cristian's algorithm (Distributed Computing 3, 1989). One direction
/// alone bounds one side alone: then nothing is said.
///
///   1. Samples whose delay is small are the best ones (RFC 5905, section 10, the clock filter): the quarter
///      with the narrowest interval is kept, at least kLeastTraces.
///   2. The medians of their lower and of their upper ends bound d. Medians do not mind some traces that are
///      not what they seem, and jitter of either sign cancels in them.
///   3. Each median is widened outward to the end of its 95 % confidence interval, by ranks of a binomial
///      distribution at 1/2, which needs no assumption about delays (David and Nagaraja, Order Statistics,
///      2003, section 7.1): ranks n/2 -+ 0.98 sqrt(n).
///   4. Where times jitter, an interval may be narrow for that alone, and both of its ends lie too far
///   inside.
///      The quarter of the narrowest is 1.27 standard deviations of that off, at most; the deviation is that
///      of the middles of what was kept (half of the distance from rank 16 % to 84 %). The interval is
///      widened by it on both sides.
///   5. One offset has to suit nine of ten of ALL samples (Marzullo's overlap of intervals, 1984; RFC 5905,
///      section 11.2.1), else they are Inconsistent. Work that is done one after the other, and not within
///      the other, fails here as soon as its times vary.
///   6. An interval that holds 0 says that the clocks are Together, within its width.
///
/// Without parent span ids it is not known who calls. A trace's longer side is taken for the caller where it
/// is the longer one in nine of ten traces; and only if the callee's time makes up the caller's, trace by
/// trace: Spearman's rank correlation of their lengths at least kLeastCorrelation. And what is so found has
/// to be twice its uncertainty, since work in turn that takes about as long each time looks alike. Else:
/// NoPattern. Work in turn with a long wait between still looks like a call by another clock: what is seen
/// in times alone is Suspected at most, and gives no ClockFix.
namespace faultline {

/// What one trace says of the two.
struct SkewSample
{
    std::int64_t begin = 0;              ///< callee's begin - caller's begin, ns: d is at most that
    std::int64_t end = 0;                ///< callee's end - caller's end: d is at least that
    std::int64_t caller = 0, callee = 0; ///< how long each took, by its own clock
    std::int64_t width() const { return begin - end; }
};

inline constexpr std::size_t kLeastTraces = 20; ///< with fewer nothing is claimed
inline constexpr double kLeastCorrelation = 0.5;

/// `coarse`: the grain of the callee's and of the caller's times, ns; times are cut to it, not rounded, as
/// loggers do, and each bound gives way by as much.
struct ClockGrain
{
    std::int64_t caller = 0, callee = 0;
};

/// From samples of which it is known who calls (Parents), or seems so (Times). The order of samples does not
/// matter.
SkewEstimate estimateSkew(std::vector<SkewSample> samples, SkewEstimate::Evidence evidence,
                          ClockGrain grain = {});

/// Of clocks that are Apart, those to be set so that the pairs agree. A clock that is apart from several
/// others, which are Together with each other or of which nothing is known, is the wrong one; of two alone
/// the callee's. Each party at most once; pairs that a fix has brought together already give no further one.
std::vector<ClockFix> clockFixes(const std::vector<SkewPair>& pairs);

} // namespace faultline
