#pragma once
#include "models/base/result.h"
#include "models/base/time.h"
#include "models/ingest/normaliser.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace faultline {

/// What is said of a source beside what its bytes say: by the user, or found when it was first read. Kept
/// with the source (SourceRecord::settings), used by every reading of its bytes and by every re-normalising.
///
/// Stored   One JSON object, at most kMostSettingsBytes: {"v":1} and, where it is set, "format":"cri",
///          "zone":120 (minutes east of UTC), "offset":-3600000000000 (ns), "inner":"payload",
///          "fields":{"timestamp":"ts"}, "constants":{"host":"web1"}, "file_time":1700000000000000000 (ns).
struct SourceSettings
{
    std::string format;                            ///< a name of knownFormats(); empty: as recognised
    std::optional<std::int16_t> zoneOffsetMinutes; ///< for times without a zone; nothing: UTC
    std::int64_t clockOffset = 0; ///< ns, added to each time of its own; at most kMostClockOffset either way
    /// Role -> field path, in the order of settingRoles(), each role at most once.
    std::vector<std::pair<std::string, std::string>> fields;
    std::string innerJson; ///< path of a text that holds a JSON object
    /// Fields that hold for all events (parts of the path), in the order in which they were found.
    std::vector<std::pair<std::string, std::string>> constants;
    /// Stands in when no event of the source has a time; nothing: not known any more.
    std::optional<TimeNs> fileTime;

    bool operator==(const SourceSettings&) const = default;
    /// The path that a role is set to, or empty.
    std::string_view field(std::string_view role) const;
    /// Sets a role, or clears it with an empty path. `role` is one of settingRoles().
    void setField(std::string_view role, std::string path);
    /// Puts all of this but the format into `context`.
    void applyTo(SourceContext& context) const;
};

/// The largest clock offset of a source, either way: a hundred years.
inline constexpr std::int64_t kMostClockOffset = std::int64_t{36'525} * 86'400 * kSecondNs;
inline constexpr std::size_t kMostSettingsBytes = 64 * 1024;
inline constexpr std::size_t kMostSettingPath = 512; ///< bytes of a path or a role's value
inline constexpr std::size_t kMostSettingConstants = 64;
inline constexpr int kMostZoneMinutes = 14 * 60;

/// "timestamp", "severity", "message", "service", "host", "logger", "trace_id", "span_id".
std::span<const std::string_view> settingRoles();

/// The canonical text; parse(print(s)) == s for every valid s.
std::string printSettings(const SourceSettings& settings);
/// Strict: another member, a wrong type, a value out of its bounds is an Error (Input) that names it. An
/// empty text is the default.
Result<SourceSettings> parseSettings(std::string_view text);
/// The same rules for settings that were made by hand.
Status checkSettings(const SourceSettings& settings);

/// "UTC", "Z", "+02:00", "-0530", "+2": minutes east of UTC. An Error (Usage) says what is valid.
Result<std::int16_t> parseZone(std::string_view text);
std::string zoneText(std::int16_t minutes); ///< "UTC", "+02:00"
/// "90s", "-1h30m", "+250ms", "0": ns. An Error (Usage) says what is valid.
Result<std::int64_t> parseClockOffset(std::string_view text);
std::string clockOffsetText(std::int64_t ns); ///< "+1h30m", "-250ms", "0s"; read back exactly

/// In words, for people: "zone +02:00, clock +1h, severity from prio"; "as recognised" for the default.
std::string describeSettings(const SourceSettings& settings);

} // namespace faultline
