#include "models/records/units.h"

#include "models/records/time_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace faultline {
namespace {

__extension__ typedef __int128 Int128; // wide enough for 18 digits times a week of nanoseconds

struct Unit
{
    std::string_view name;
    std::int64_t value;
};
/// From the largest to the smallest, as durations are written.
constexpr std::array kDurationUnits = std::to_array<Unit>({
    {"w", 7 * 86400 * kSecondNs},
    {"d", 86400 * kSecondNs},
    {"h", 3600 * kSecondNs},
    {"m", 60 * kSecondNs},
    {"s", kSecondNs},
    {"ms", 1'000'000},
    {"us", 1'000},
    {"\xc2\xb5s", 1'000},
    {"\xce\xbcs", 1'000},
    {"ns", 1},
});
constexpr bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

const Unit* durationUnit(std::string_view text)
{
    const Unit* best = nullptr;
    for (const Unit& unit : kDurationUnits)
        if (text.substr(0, unit.name.size()) == unit.name && (!best || unit.name.size() > best->name.size()))
            best = &unit;
    return best;
}

/// One `12.5h` of a duration, read off the front of `text`: exact, what is below a nanosecond is cut off.
bool readPart(std::string_view& text, std::int64_t& ns, std::int64_t& unitOut)
{
    std::int64_t whole = 0;
    std::size_t at = 0;
    for (; at < text.size() && isDigit(text[at]); ++at)
        if (__builtin_mul_overflow(whole, std::int64_t{10}, &whole) ||
            __builtin_add_overflow(whole, std::int64_t{text[at] - '0'}, &whole))
            return false;
    if (at == 0) return false;
    std::string_view fraction;
    if (at < text.size() && text[at] == '.') {
        const std::size_t start = ++at;
        while (at < text.size() && isDigit(text[at])) ++at;
        fraction = text.substr(start, at - start);
        if (fraction.empty()) return false;
    }
    const Unit* unit = durationUnit(text.substr(at));
    if (!unit) return false;
    if (__builtin_mul_overflow(whole, unit->value, &ns)) return false;
    // Digit by digit: sum of digit x unit / 10^k, with the remainder carried, so that no digit is lost.
    Int128 numerator = 0;
    Int128 denominator = 1;
    for (std::size_t i = 0; i < fraction.size() && i < 18; ++i) {
        numerator = numerator * 10 + (fraction[i] - '0');
        denominator *= 10;
    }
    const auto part = static_cast<std::int64_t>(numerator * unit->value / denominator);
    if (__builtin_add_overflow(ns, part, &ns)) return false;
    unitOut = unit->value;
    text.remove_prefix(at + unit->name.size());
    return true;
}

std::optional<double> sizeFactor(std::string_view unit)
{
    if (unit.empty() || unit.size() > 3) return std::nullopt;
    std::array<char, 3> lower{};
    for (std::size_t i = 0; i < unit.size(); ++i) lower[i] = static_cast<char>(unit[i] | 0x20);
    if (lower[unit.size() - 1] != 'b') return std::nullopt;
    if (unit.size() == 1) return 1;
    constexpr std::string_view prefixes = "kmgtp";
    const std::size_t power = prefixes.find(lower[0]);
    if (power == std::string_view::npos || (unit.size() == 3 && lower[1] != 'i')) return std::nullopt;
    double factor = 1;
    for (std::size_t i = 0; i <= power; ++i) factor *= unit.size() == 3 ? 1024 : 1000;
    return factor;
}

} // namespace

std::optional<std::int64_t> parseDuration(std::string_view text)
{
    const bool minus = !text.empty() && text.front() == '-';
    if (minus) text.remove_prefix(1);
    if (text.empty()) return std::nullopt;
    std::int64_t sum = 0;
    std::int64_t last = INT64_MAX;
    while (!text.empty()) {
        std::int64_t part = 0;
        std::int64_t unit = 0;
        // Each unit once, from the largest down: `30m1h` and `5m5m` are slips.
        if (!readPart(text, part, unit) || unit >= last || __builtin_add_overflow(sum, part, &sum))
            return std::nullopt;
        last = unit;
    }
    return minus ? -sum : sum;
}

std::optional<Quantity> parseQuantityWithKind(std::string_view text)
{
    std::size_t at = !text.empty() && (text.front() == '-' || text.front() == '+') ? 1 : 0;
    const bool plus = at == 1 && text.front() == '+';
    if (at >= text.size() || !isDigit(text[at])) return std::nullopt;
    double number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, failed] = std::from_chars(text.data() + (plus ? 1 : 0), end, number);
    if (failed != std::errc() || !std::isfinite(number)) return std::nullopt;
    std::string_view unit(stop, static_cast<std::size_t>(end - stop));
    if (unit.empty()) return Quantity{number, QuantityKind::Number};
    const bool spaced = unit.front() == ' ';
    if (spaced) unit.remove_prefix(1);
    if (const auto factor = sizeFactor(unit)) return Quantity{number * *factor, QuantityKind::Size};
    if (spaced) {
        const Unit* known = durationUnit(unit);
        if (!known || known->name.size() != unit.size()) return std::nullopt;
        return Quantity{number * static_cast<double>(known->value), QuantityKind::Duration};
    }
    if (plus) text.remove_prefix(1);
    const auto duration = parseDuration(text);
    if (!duration) return std::nullopt;
    return Quantity{static_cast<double>(*duration), QuantityKind::Duration};
}

std::optional<double> parseQuantity(std::string_view text)
{
    const auto quantity = parseQuantityWithKind(text);
    if (!quantity) return std::nullopt;
    return quantity->value;
}

} // namespace faultline
