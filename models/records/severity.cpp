#include "models/records/severity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace faultline {
namespace {

struct Name
{
    std::string_view text;
    Severity severity;
};

/// Spellings of wire-formats.md 2.1 in lower case, sorted; trce, dbug and fail are .NET's console names.
constexpr std::array kNames = std::to_array<Name>({
    {"alert", 19},  {"all", 1},      {"config", 5},      {"crit", 18},         {"critical", 18},
    {"d", 5},       {"dbg", 5},      {"dbug", 5},        {"debug", 5},         {"default", 9},
    {"dpanic", 21}, {"e", 17},       {"emerg", 21},      {"emergency", 21},    {"eror", 17},
    {"err", 17},    {"error", 17},   {"f", 21},          {"fail", 17},         {"fatal", 21},
    {"fine", 5},    {"finer", 1},    {"finest", 1},      {"ftl", 21},          {"i", 9},
    {"inf", 9},     {"info", 9},     {"information", 9}, {"informational", 9}, {"log", 9},
    {"notice", 10}, {"off", 21},     {"panic", 21},      {"severe", 17},       {"trace", 1},
    {"trc", 1},     {"trce", 1},     {"verbose", 1},     {"vrb", 1},           {"w", 13},
    {"warn", 13},   {"warning", 13}, {"wrn", 13},
});
static_assert(std::is_sorted(kNames.begin(), kNames.end(),
                             [](const Name& a, const Name& b) { return a.text < b.text; }));

constexpr std::array<std::string_view, 7> kClassNames = {"none", "trace", "debug", "info",
                                                         "warn", "error", "fatal"};

std::optional<Severity> byName(std::string_view lower)
{
    const auto at =
        std::lower_bound(kNames.begin(), kNames.end(), lower,
                         [](const Name& name, std::string_view text) { return name.text < text; });
    if (at == kNames.end() || at->text != lower) return std::nullopt;
    return at->severity;
}

/// A step of a numeric scale: numbers from `from` up to the next step mean `severity`.
struct Step
{
    std::int64_t from;
    Severity severity;
};

template <std::size_t N>
std::optional<Severity> floorToStep(const std::array<Step, N>& steps, std::int64_t number)
{
    std::optional<Severity> found;
    for (const Step& step : steps)
        if (number >= step.from) found = step.severity;
    return found;
}

constexpr std::array<Step, 6> kPino = {{{1, 1}, {20, 5}, {30, 9}, {40, 13}, {50, 17}, {60, 21}}};
constexpr std::array<Step, 7> kPython = {{{0, 0}, {1, 1}, {10, 5}, {20, 9}, {30, 13}, {40, 17}, {50, 21}}};
constexpr std::array<Step, 6> kLogback = {
    {{INT32_MIN, 1}, {10000, 5}, {20000, 9}, {30000, 13}, {40000, 17}, {INT32_MAX, 21}}};
constexpr std::array<Step, 9> kGcp = {
    {{0, 0}, {100, 5}, {200, 9}, {300, 10}, {400, 13}, {500, 17}, {600, 18}, {700, 19}, {800, 21}}};
constexpr std::array<Step, 8> kMonolog = {
    {{100, 5}, {200, 9}, {250, 10}, {300, 13}, {400, 17}, {500, 18}, {550, 19}, {600, 21}}};
constexpr std::array<Severity, 8> kSyslog = {21, 19, 18, 17, 13, 10, 9, 5};
constexpr std::array<Severity, 7> kDotNet = {1, 5, 9, 13, 17, 21, 0};

/// `INFO+2`, `DEBUG-4` of slog, where a step of one is a step of one here too; clamped to 1..24.
std::optional<Severity> fromOffset(std::string_view base, std::string_view offset)
{
    if (base != "debug" && base != "info" && base != "warn" && base != "error") return std::nullopt;
    const bool minus = offset.front() == '-';
    offset.remove_prefix(1);
    int value = 0;
    const auto [end, failed] = std::from_chars(offset.data(), offset.data() + offset.size(), value);
    if (offset.empty() || offset.front() == '-' || failed != std::errc() ||
        end != offset.data() + offset.size())
        return std::nullopt;
    const int start = *byName(base);
    const std::int64_t sum = minus ? std::int64_t{start} - value : std::int64_t{start} + value;
    return static_cast<Severity>(std::clamp<std::int64_t>(sum, 1, 24));
}

/// OpenTelemetry's own short names: INFO, INFO2, ... INFO4.
std::optional<Severity> fromOtelName(std::string_view lower)
{
    const char step = lower.empty() ? '\0' : lower.back();
    if (step < '1' || step > '4') return std::nullopt;
    const std::string_view base = lower.substr(0, lower.size() - 1);
    const auto at = std::find(kClassNames.begin() + 1, kClassNames.end(), base);
    if (at == kClassNames.end()) return std::nullopt;
    const auto level = static_cast<int>(at - kClassNames.begin());
    return static_cast<Severity>((level - 1) * 4 + (step - '0'));
}

} // namespace

std::optional<Severity> severityFromText(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    std::array<char, 32> buffer;
    if (text.empty() || text.size() > buffer.size()) return std::nullopt;
    std::transform(text.begin(), text.end(), buffer.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    std::string_view lower(buffer.data(), text.size());
    if (const auto found = byName(lower)) return found;
    // The enum's name, as protobuf's JSON writes it.
    constexpr std::string_view enumPrefix = "severity_number_";
    if (lower.substr(0, enumPrefix.size()) == enumPrefix) {
        lower.remove_prefix(enumPrefix.size());
        const auto at = std::find(kClassNames.begin() + 1, kClassNames.end(), lower);
        if (at != kClassNames.end()) return byName(lower);
        return fromOtelName(lower);
    }
    const std::size_t sign = lower.find_first_of("+-");
    if (sign != std::string_view::npos && sign + 1 < lower.size())
        return fromOffset(lower.substr(0, sign), lower.substr(sign));
    return fromOtelName(lower);
}

std::optional<Severity> severityFromNumber(std::int64_t number, SeverityScale scale)
{
    switch (scale) {
    case SeverityScale::Unknown:
        if (number < 10 || number > 60 || number % 10 != 0) return std::nullopt;
        return floorToStep(kPino, number);
    case SeverityScale::Pino: return floorToStep(kPino, number);
    case SeverityScale::Syslog:
        if (number < 0 || number >= std::ssize(kSyslog)) return std::nullopt;
        return kSyslog[static_cast<std::size_t>(number)];
    case SeverityScale::Python: return floorToStep(kPython, number);
    case SeverityScale::Logback: return floorToStep(kLogback, number);
    case SeverityScale::Gcp: return floorToStep(kGcp, number);
    case SeverityScale::Monolog: return floorToStep(kMonolog, number);
    case SeverityScale::DotNet:
        if (number < 0 || number >= std::ssize(kDotNet)) return std::nullopt;
        return kDotNet[static_cast<std::size_t>(number)];
    case SeverityScale::Otel:
        if (number < 0 || number > 24) return std::nullopt;
        return static_cast<Severity>(number);
    case SeverityScale::Nextcloud:
        if (number < 0 || number > 4) return std::nullopt;
        return static_cast<Severity>(5 + 4 * number);
    }
    return std::nullopt;
}

std::uint8_t severityClass(Severity severity)
{
    if (severity == 0 || severity > 24) return 0;
    return static_cast<std::uint8_t>((severity - 1) / 4 + 1);
}

Severity severityOfClass(std::size_t severityClass)
{
    if (severityClass == 0 || severityClass >= kSeverityClasses) return 0;
    return static_cast<Severity>(severityClass * 4 - 3);
}

std::size_t severityClassNamed(std::string_view name)
{
    const auto* const at = std::find(kClassNames.begin(), kClassNames.end(), name);
    return at == kClassNames.end() ? 0 : static_cast<std::size_t>(at - kClassNames.begin());
}

std::size_t worstClass(const std::array<std::uint64_t, kSeverityClasses>& counts)
{
    for (std::size_t at = counts.size(); at-- > 0;)
        if (counts[at] != 0) return at;
    return 0;
}

std::string_view severityName(Severity severity)
{
    return kClassNames[severityClass(severity)];
}

std::optional<SeveritySpan> severitySpan(std::string_view name)
{
    constexpr std::string_view none = "none";
    if (name.size() == none.size() &&
        std::equal(name.begin(), name.end(), none.begin(), [](char a, char b) { return (a | 0x20) == b; }))
        return SeveritySpan{0, 0};
    const auto severity = severityFromText(name);
    if (!severity || *severity == 0) return std::nullopt;
    if (*severity % 4 == 1) return SeveritySpan{*severity, static_cast<Severity>(*severity + 3)};
    return SeveritySpan{*severity, *severity};
}

} // namespace faultline
