#include "models/records/time_text.h"

#include <string_view>

namespace faultline {
namespace {

// The packed layout, from bit 0: form 4, separator 2, fraction mark 1, digits 4, zone 3, unit 4, offset 12
// (zigzag). Stored: fields may be added above bit 30, never moved.
constexpr std::string_view kSeparators = "Tt _";
constexpr std::string_view kMarks = ".,";
constexpr std::uint64_t kCodeEnd = std::uint64_t{1} << 30;
constexpr int kOffsetLimit = 1440;

bool hasDate(TimeLayout::Form form)
{
    return form != TimeLayout::Form::None && form != TimeLayout::Form::EpochInt &&
           form != TimeLayout::Form::EpochDecimal;
}

/// Members that a form does not use stand at their defaults, so that one layout has one code.
bool isCanonical(const TimeLayout& l)
{
    using Form = TimeLayout::Form;
    using Zone = TimeLayout::Zone;
    const bool dashed = l.form == Form::Rfc3339;
    const bool fraction = dashed || l.form == Form::Slashed;
    if (!dashed && l.separator != 'T') return false;
    if ((!fraction || l.digits == 0) && l.fractionMark != '.') return false;
    if (!fraction && l.form != Form::EpochDecimal && l.digits != 0) return false;
    if (l.digits > 9 || (l.form == Form::EpochDecimal && l.digits == 0)) return false;
    if (l.unit != 0 && (l.form != Form::EpochInt || l.unit > 9 || l.unit % 3 != 0)) return false;
    if (l.offsetMinutes <= -kOffsetLimit || l.offsetMinutes >= kOffsetLimit) return false;
    if (l.offsetMinutes != 0 && (!hasDate(l.form) || l.form == Form::Rfc1123)) return false;
    if (l.zone == Zone::HourOffset && l.offsetMinutes % 60 != 0) return false;
    if ((l.zone == Zone::Z || l.zone == Zone::LowerZ) && l.offsetMinutes != 0) return false;
    if (l.form == Form::ClfDate) return l.zone == Zone::PlainOffset;
    return dashed || l.zone == Zone::None;
}

} // namespace

std::uint64_t TimeLayout::code() const
{
    const auto place = [](std::string_view set, char c) {
        const std::size_t at = set.find(c);
        return std::uint64_t{at == std::string_view::npos ? 0 : at};
    };
    const auto zigzag =
        static_cast<std::uint64_t>(offsetMinutes < 0 ? -2 * offsetMinutes - 1 : 2 * offsetMinutes);
    return static_cast<std::uint64_t>(form) | place(kSeparators, separator) << 4 |
           place(kMarks, fractionMark) << 6 | std::uint64_t{digits} << 7 |
           static_cast<std::uint64_t>(zone) << 11 | std::uint64_t{unit} << 14 | zigzag << 18;
}

std::optional<TimeLayout> TimeLayout::fromCode(std::uint64_t code)
{
    if (code >= kCodeEnd) return std::nullopt;
    const auto bits = [code](int at, int count) { return code >> at & ((std::uint64_t{1} << count) - 1); };
    if (bits(0, 4) > static_cast<std::uint64_t>(Form::Rfc1123) ||
        bits(11, 3) > static_cast<std::uint64_t>(Zone::LowerZ))
        return std::nullopt;
    TimeLayout layout;
    layout.form = static_cast<Form>(bits(0, 4));
    layout.separator = kSeparators[bits(4, 2)];
    layout.fractionMark = kMarks[bits(6, 1)];
    layout.digits = static_cast<std::uint8_t>(bits(7, 4));
    layout.zone = static_cast<Zone>(bits(11, 3));
    layout.unit = static_cast<std::uint8_t>(bits(14, 4));
    const auto zigzag = static_cast<int>(bits(18, 12));
    layout.offsetMinutes = static_cast<std::int16_t>((zigzag & 1) != 0 ? -(zigzag / 2) - 1 : zigzag / 2);
    if (!isCanonical(layout)) return std::nullopt;
    return layout;
}

} // namespace faultline
