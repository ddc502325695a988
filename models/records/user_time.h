#pragma once
#include "models/base/time.h"

#include <optional>
#include <string>
#include <string_view>

namespace faultline {

/// What a time written by the user names: the nanoseconds [first, last].
struct UserTime
{
    TimeNs first = 0;
    TimeNs last = 0;
};

/// parseUserTime() with the end of what was written, which is as long as its last part (ISO 8601 reduced
/// precision): a year for 2026, a month for 2026-11, a day, an hour for 2026-11-22T15, a minute, a second, or
/// as its fraction says. An epoch, `now` and what is relative to it are one nanosecond.
std::optional<UserTime> readUserTime(std::string_view text, TimeNs now);

/// What to write instead of a text that is no time, where it is plain what it lacks: a time of day its date
/// (`day`, as 2026-11-22), a short number the form of a date or an epoch. A sentence, or nothing.
std::string userTimeHint(std::string_view text, std::string_view day = "2026-11-22");

/// How times are written, for a hint: a sentence.
inline constexpr std::string_view kUserTimeForms =
    "Write 2026-11-22T15:04:05Z, 2026-11-22T15:04, 2026-11-22T15, 2026-11-22, 2026-11, 2026, an epoch in s, "
    "ms, "
    "us or ns, now, or now-15m.";

} // namespace faultline
