#include "models/records/civil_date.h"

namespace faultline {

CivilTime civilFromNs(TimeNs ns, int offsetMinutes)
{
    // Floored division first: the shift is added to whole seconds, so nothing can overflow.
    std::int64_t seconds = ns / kSecondNs;
    std::int64_t nanos = ns % kSecondNs;
    if (nanos < 0) {
        nanos += kSecondNs;
        --seconds;
    }
    seconds += std::int64_t{offsetMinutes} * 60;
    std::int64_t days = seconds / 86400;
    std::int64_t ofDay = seconds % 86400;
    if (ofDay < 0) {
        ofDay += 86400;
        --days;
    }
    // Inverse of daysFromCivil(). Years here are 1677 to 2262, so that the era is positive and 32 bits are
    // enough.
    const auto shifted = static_cast<std::uint32_t>(days + 719468);
    const std::uint32_t era = shifted / 146097;
    const std::uint32_t dayOfEra = shifted % 146097;
    const std::uint32_t yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
    const std::uint32_t dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    const std::uint32_t marchMonth = (5 * dayOfYear + 2) / 153;
    CivilTime civil;
    civil.day = static_cast<int>(dayOfYear - (153 * marchMonth + 2) / 5 + 1);
    civil.month = static_cast<int>(marchMonth < 10 ? marchMonth + 3 : marchMonth - 9);
    civil.year = static_cast<int>(yearOfEra + era * 400) + (civil.month <= 2 ? 1 : 0);
    const auto second = static_cast<std::uint32_t>(ofDay);
    civil.hour = static_cast<int>(second / 3600);
    civil.minute = static_cast<int>(second / 60 % 60);
    civil.second = static_cast<int>(second % 60);
    civil.nanos = nanos;
    return civil;
}

std::optional<TimeNs> nsFromCivil(const CivilTime& c, int offsetMinutes)
{
    if (c.year < 1 || c.year > 9999 || c.month < 1 || c.month > 12 || c.day < 1 ||
        c.day > daysInMonth(c.year, c.month) || c.hour < 0 || c.hour > 23 || c.minute < 0 || c.minute > 59 ||
        c.second < 0 || c.second > 59 || c.nanos < 0 || c.nanos >= kSecondNs)
        return std::nullopt;
    const std::int64_t days = daysFromCivil(c.year, c.month, c.day);
    std::int64_t seconds =
        days * 86400 + c.hour * 3600 + c.minute * 60 + c.second - std::int64_t{offsetMinutes} * 60;
    std::int64_t nanos = c.nanos;
    // The first second of the range starts below kTimeMin: count it down from its end.
    if (seconds < 0 && nanos > 0) {
        ++seconds;
        nanos -= kSecondNs;
    }
    TimeNs ns = 0;
    if (__builtin_mul_overflow(seconds, kSecondNs, &ns) || __builtin_add_overflow(ns, nanos, &ns))
        return std::nullopt;
    return ns;
}

} // namespace faultline
