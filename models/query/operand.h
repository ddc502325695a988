#pragma once
#include "models/base/time.h"
#include "models/query/filter.h"
#include "models/query/number_text.h"
#include "models/records/severity.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace faultline {

/// What a value is compared with, by the way it is written: `500`, `1.5s`, `10MiB`, `warn`, `2026-11-22`.
struct Operand
{
    enum class Kind : std::uint8_t { Number, Duration, Size, Level, Time };
    Kind kind = Kind::Number;
    ExactNumber number;          ///< Number; Duration in ns; Size in bytes
    SeveritySpan severity{0, 0}; ///< Level
    TimeNs first = 0, last = 0;  ///< Time: what was written stands for [first, last] (user_time.h)
};

/// Reads an operand of `field`: `timestamp` takes times only, `severity` names and OpenTelemetry numbers,
/// other fields numbers first, then durations, sizes, severity names and times. Nothing when it is none of
/// these.
std::optional<Operand> readOperand(std::string_view field, std::string_view text, TimeNs now);

/// A text with a unit: `1.5s`, `2 ms` in nanoseconds, `10 MiB` in bytes. Nothing when it has none.
std::optional<ExactNumber> readDurationText(std::string_view text);
std::optional<ExactNumber> readSizeText(std::string_view text);

/// What would be an operand of the field, for people.
std::string_view operandsOf(std::string_view field);

/// Factor from the numbers of a field to nanoseconds or bytes, by the unit in its name (duration_ms,
/// latencySeconds, size_kb); event.duration is ns (ECS). Durations: nothing when the name has no unit. Sizes:
/// 1 (bytes) then.
std::optional<std::int64_t> unitOfField(std::string_view field, Operand::Kind kind);

} // namespace faultline
