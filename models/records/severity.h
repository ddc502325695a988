#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace faultline {

/// OpenTelemetry severity number: 0 unknown, TRACE 1-4, DEBUG 5-8, INFO 9-12, WARN 13-16, ERROR 17-20, FATAL
/// 21-24.
using Severity = std::uint8_t;

/// The numbering a numeric level belongs to; which one a source uses follows from its format.
enum class SeverityScale : std::uint8_t {
    Unknown, ///< no context: 0-7 is syslog only for `severity`/`PRIORITY`, multiples of 10 to 60 are pino's
    Pino,    ///< also bunyan
    Syslog,
    Python,
    Logback, ///< level_value
    Gcp,
    Monolog,
    DotNet,
    Otel,
    Nextcloud, ///< 0 debug, 1 info, 2 warn, 3 error, 4 fatal
};

/// From a level's name in any case and spelling of wire-formats.md 2.1 (`WARN`, `wrn`, `INFO+2`,
/// `Information`); nothing when it is not a level.
std::optional<Severity> severityFromText(std::string_view text);
/// From a level's number in `scale`; nothing when the number has no meaning there.
std::optional<Severity> severityFromNumber(std::int64_t number, SeverityScale scale);

/// The short name of a number's class: "trace", "debug", "info", "warn", "error", "fatal"; "none" for 0.
std::string_view severityName(Severity severity);
/// The class: 0 none, 1 trace ... 6 fatal.
std::uint8_t severityClass(Severity severity);
inline constexpr std::size_t kSeverityClasses = 7;
/// The first number of a class; 0 for other classes too.
Severity severityOfClass(std::size_t severityClass);
/// The class with this short name; 0 when there is none.
std::size_t severityClassNamed(std::string_view name);
/// The most severe class that was counted; 0 when none was.
std::size_t worstClass(const std::array<std::uint64_t, kSeverityClasses>& counts);
/// The numbers a name in a query stands for: error -> [17, 20]; none -> [0, 0].
struct SeveritySpan
{
    Severity first, last;
};
std::optional<SeveritySpan> severitySpan(std::string_view name);

} // namespace faultline
