#include "models/records/civil_date.h"
#include "models/records/time_text.h"

namespace faultline {
namespace {

/// YYYY-MM-DD or YYYY/MM/DD: its midnight in UTC.
std::optional<TimeNs> parseDateAlone(std::string_view text)
{
    if (text.size() != 10 || text[4] != text[7] || (text[4] != '-' && text[4] != '/')) return std::nullopt;
    const auto number = [text](std::size_t from, std::size_t count) {
        int value = 0;
        for (std::size_t i = from; i < from + count; ++i) {
            if (text[i] < '0' || text[i] > '9') return -1;
            value = value * 10 + (text[i] - '0');
        }
        return value;
    };
    CivilTime civil;
    civil.year = number(0, 4);
    civil.month = number(5, 2);
    civil.day = number(8, 2);
    return nsFromCivil(civil, 0);
}

} // namespace

std::optional<TimeNs> parseUserTime(std::string_view text, TimeNs now)
{
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    if (text.substr(0, 3) == "now") {
        text.remove_prefix(3);
        if (text.empty()) return now;
        const char sign = text.front();
        text.remove_prefix(1);
        if ((sign != '-' && sign != '+') || (!text.empty() && text.front() == '-')) return std::nullopt;
        const auto distance = parseDuration(text);
        TimeNs result = 0;
        if (!distance || __builtin_add_overflow(now, sign == '-' ? -*distance : *distance, &result))
            return std::nullopt;
        return result;
    }
    if (const auto midnight = parseDateAlone(text)) return midnight;
    const auto parsed = parseTime(text, {0, now});
    if (!parsed) return std::nullopt;
    return parsed->ns;
}

} // namespace faultline
