#pragma once
#include "models/records/value.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace faultline {

/// Closed interval of int64; empty when first > last.
struct IntSpan
{
    std::int64_t first = INT64_MIN;
    std::int64_t last = INT64_MAX;
    bool contains(std::int64_t value) const { return value >= first && value <= last; }
    bool operator==(const IntSpan&) const = default;
};

/// A decimal number of any length, exactly: sign x 0.digits x 10^exponent. 200, 200.0 and 2e2 are equal.
struct ExactNumber
{
    bool negative = false;
    std::string digits;        ///< no zeros at either end; empty for 0
    std::int32_t exponent = 0; ///< 0 for 0; saturates at +-1e9

    static ExactNumber of(std::int64_t value);
    static ExactNumber of(Decimal value);
    std::strong_ordering operator<=>(const ExactNumber& other) const;
    bool operator==(const ExactNumber&) const = default;

    /// This x factor / divisor, for factors of units; exact as long as the result has a finite number of
    /// digits, which holds for divisors that divide a power of ten; else cut after 40 digits.
    ExactNumber scaled(std::int64_t factor, std::int64_t divisor) const;

    /// The integers m with m x 10^-scale >= this (> this when exclusive): their first; nothing when there is
    /// none.
    std::optional<std::int64_t> firstFrom(std::uint8_t scale, bool exclusive) const;
    /// The same downwards: the last m with m x 10^-scale <= this (< this).
    std::optional<std::int64_t> lastTo(std::uint8_t scale, bool exclusive) const;
};

/// Reads a number as people and JSON write it: -1.50, 2e2, .5, +3, 12345678901234567890. Nothing when the
/// text is more than that, or longer than 4,096 bytes. No hex, no separators, no inf or nan.
std::optional<ExactNumber> readNumber(std::string_view text);

} // namespace faultline
