#include "models/query/number_text.h"

#include <algorithm>

namespace faultline {

namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::size_t kLongestNumber = 4'096;
constexpr std::int64_t kExponentLimit = 1'000'000'000;

/// Takes the zeros away at both ends; the point stands before the first digit.
void normalise(ExactNumber& number, std::int64_t exponent)
{
    const std::size_t first = number.digits.find_first_not_of('0');
    if (first == std::string::npos) {
        number = {};
        return;
    }
    number.digits.erase(0, first);
    exponent -= static_cast<std::int64_t>(first);
    number.digits.erase(number.digits.find_last_not_of('0') + 1);
    number.exponent = static_cast<std::int32_t>(std::clamp(exponent, -kExponentLimit, kExponentLimit));
}

std::strong_ordering compareMagnitude(const ExactNumber& a, const ExactNumber& b)
{
    if (a.digits.empty() || b.digits.empty()) return a.digits.size() <=> b.digits.size();
    if (a.exponent != b.exponent) return a.exponent <=> b.exponent;
    return a.digits.compare(b.digits) <=> 0; // no zeros at the end, so a prefix is smaller
}

/// floor(|number| x 10^scale), at most 2^64 - 1 and then `huge`; `exact` when nothing was cut off.
std::uint64_t wholePart(const ExactNumber& number, std::uint8_t scale, bool& exact, bool& huge)
{
    const std::int64_t places = std::int64_t{number.exponent} + scale; // digits before the point
    exact = static_cast<std::int64_t>(number.digits.size()) <= places || number.digits.empty();
    huge = false;
    if (places <= 0 || number.digits.empty()) return 0;
    std::uint64_t whole = 0;
    for (std::int64_t i = 0; i < places; ++i) {
        const std::uint64_t digit =
            i < static_cast<std::int64_t>(number.digits.size())
                ? static_cast<std::uint64_t>(number.digits[static_cast<std::size_t>(i)] - '0')
                : 0;
        if (__builtin_mul_overflow(whole, std::uint64_t{10}, &whole) ||
            __builtin_add_overflow(whole, digit, &whole)) {
            huge = true;
            return UINT64_MAX;
        }
    }
    return whole;
}

} // namespace

ExactNumber ExactNumber::of(std::int64_t value)
{
    return of(Decimal{value, 0});
}

ExactNumber ExactNumber::of(Decimal value)
{
    ExactNumber number;
    number.negative = value.mantissa < 0;
    const auto bits = static_cast<std::uint64_t>(value.mantissa);
    number.digits = std::to_string(number.negative ? 0 - bits : bits);
    normalise(number, static_cast<std::int64_t>(number.digits.size()) - value.scale);
    return number;
}

std::strong_ordering ExactNumber::operator<=>(const ExactNumber& other) const
{
    if (negative != other.negative) return other.negative <=> negative;
    return negative ? compareMagnitude(other, *this) : compareMagnitude(*this, other);
}

ExactNumber ExactNumber::scaled(std::int64_t factor, std::int64_t divisor) const
{
    if (digits.empty()) return {};
    ExactNumber result;
    result.negative = negative;
    // Long multiplication, then long division, digit by digit.
    std::string product(digits.size() + 20, '0');
    std::uint64_t carry = 0;
    for (std::size_t i = digits.size(); i-- > 0;) {
        const Wide sum = static_cast<Wide>(digits[i] - '0') * static_cast<std::uint64_t>(factor) + carry;
        product[i + 20] = static_cast<char>('0' + static_cast<int>(sum % 10));
        carry = static_cast<std::uint64_t>(sum / 10);
    }
    for (std::size_t i = 20; i-- > 0 && carry > 0; carry /= 10)
        product[i] = static_cast<char>('0' + carry % 10);
    std::int64_t point = std::int64_t{exponent} + 20;
    const auto by = static_cast<std::uint64_t>(divisor);
    if (by > 1) {
        Wide rest = 0;
        std::string quotient;
        for (std::size_t i = 0; i < product.size() + 40 && (i < product.size() || rest != 0); ++i) {
            rest = rest * 10 + (i < product.size() ? static_cast<std::uint64_t>(product[i] - '0') : 0);
            quotient += static_cast<char>('0' + static_cast<int>(rest / by));
            rest %= by;
        }
        product = std::move(quotient);
    }
    result.digits = std::move(product);
    normalise(result, point);
    return result;
}

std::optional<std::int64_t> ExactNumber::firstFrom(std::uint8_t scale, bool exclusive) const
{
    if (negative) {
        // m >= -|n|: the mirror of m <= |n|
        ExactNumber mirrored = *this;
        mirrored.negative = false;
        bool exact = false, huge = false;
        const std::uint64_t whole = wholePart(mirrored, scale, exact, huge);
        constexpr std::uint64_t limit = std::uint64_t{1} << 63;
        if (huge || whole > limit) return INT64_MIN;
        const std::uint64_t steps = exclusive && exact ? whole - 1 : whole; // whole > 0: exact and not zero
        return static_cast<std::int64_t>(0 - steps);
    }
    bool exact = false, huge = false;
    std::uint64_t whole = wholePart(*this, scale, exact, huge);
    if (huge) return std::nullopt;
    if ((!exact || exclusive) && __builtin_add_overflow(whole, std::uint64_t{1}, &whole)) return std::nullopt;
    if (whole > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
    return static_cast<std::int64_t>(whole);
}

std::optional<std::int64_t> ExactNumber::lastTo(std::uint8_t scale, bool exclusive) const
{
    bool exact = false, huge = false;
    std::uint64_t whole = wholePart(*this, scale, exact, huge);
    if (!negative) {
        if (huge) return INT64_MAX;
        if (exclusive && exact) {
            if (whole == 0) return -1;
            --whole;
        }
        return static_cast<std::int64_t>(std::min(whole, static_cast<std::uint64_t>(INT64_MAX)));
    }
    if (huge) return std::nullopt;
    if ((!exact || exclusive) && __builtin_add_overflow(whole, std::uint64_t{1}, &whole)) return std::nullopt;
    if (whole > std::uint64_t{1} << 63) return std::nullopt;
    return static_cast<std::int64_t>(0 - whole);
}

std::optional<ExactNumber> readNumber(std::string_view text)
{
    if (text.empty() || text.size() > kLongestNumber) return std::nullopt;
    ExactNumber number;
    std::size_t at = 0;
    if (text[0] == '-' || text[0] == '+') {
        number.negative = text[0] == '-';
        at = 1;
    }
    const auto digits = [&] {
        const std::size_t begin = at;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
        number.digits.append(text.substr(begin, at - begin));
        return at - begin;
    };
    const std::size_t whole = digits();
    std::size_t fraction = 0;
    if (at < text.size() && text[at] == '.') {
        ++at;
        fraction = digits();
        if (fraction == 0) return std::nullopt;
    }
    if (whole + fraction == 0) return std::nullopt;
    std::int64_t exponent = 0;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        bool minus = false;
        if (at < text.size() && (text[at] == '-' || text[at] == '+')) minus = text[at++] == '-';
        const std::size_t begin = at;
        for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at)
            exponent = std::min(exponent * 10 + (text[at] - '0'), 2 * kExponentLimit);
        if (at == begin) return std::nullopt;
        if (minus) exponent = -exponent;
    }
    if (at != text.size()) return std::nullopt;
    normalise(number, static_cast<std::int64_t>(whole) + exponent);
    return number;
}

} // namespace faultline
