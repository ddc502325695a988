#pragma once
#include <optional>
#include <string_view>

namespace faultline {

/// What a quantity with a unit measures.
enum class QuantityKind : unsigned char {
    Number,   ///< no unit: the number itself
    Duration, ///< ns us µs ms s m h d w, also mixed as in `1h30m`: nanoseconds
    Size,     ///< B, kB/KB MB GB TB PB (powers of 1000), KiB MiB GiB TiB PiB (powers of 1024): bytes
};
struct Quantity
{
    double value = 0;
    QuantityKind kind = QuantityKind::Number;
};

/// Reads `250`, `1.5e3`, `250ms`, `1h30m`, `10KB`, `1.5MiB`, with an optional sign and at most one space in
/// front of the unit. Letters of sizes in any case; those of durations as written above (so `m` is minutes
/// and `5M` nothing). Durations are in nanoseconds and sizes in bytes, whatever unit they were written in; a
/// double is exact up to 2^53. Nothing when it is not a finite quantity. Any thread; no allocation.
std::optional<Quantity> parseQuantityWithKind(std::string_view text);

/// The value of the above.
std::optional<double> parseQuantity(std::string_view text);

} // namespace faultline
