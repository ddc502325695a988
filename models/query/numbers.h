#pragma once
#include "models/query/field_reader.h"
#include "models/query/packed_view.h"
#include "models/query/segment_scan.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// The number that a text is as a whole; nothing for other texts, infinities and NaN.
inline std::optional<double> numberOf(std::string_view text)
{
    double value = 0;
    if (!text.empty() && text.front() == '+') text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

/// The double nearest to mantissa x 10^-scale.
inline double decimalValue(std::int64_t mantissa, std::int64_t scale)
{
    static constexpr double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                        1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                        1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    // Exact operands and one rounding: the same double that reading the digits gives.
    constexpr std::int64_t exact = std::int64_t{1} << 53;
    if (mantissa <= exact && mantissa >= -exact && scale >= 0 && scale <= 22) {
        return static_cast<double>(mantissa) / powers[scale];
    }
    const std::string digits = std::to_string(mantissa) + "e-" + std::to_string(scale);
    return numberOf(digits).value_or(0);
}

/// Calls number(value, times) for the numeric values of a field in the selected rows (rows of equal small
/// integers are counted first and given once), and other(times) for values that are no numbers. Order is
/// fixed by the data alone.
template <class Number, class Other>
void forEachNumber(SegmentScan& scan, std::string_view field, const SelectedRows& selected, Number&& number,
                   Other&& other)
{
    constexpr RowIndex step = 16'384;
    const FieldReader reader(scan, field);
    const FieldPlace& place = reader.place();
    const auto blocks = [&](auto&& body) {
        for (RowIndex begin = selected.begin; begin < selected.end && !scan.stopped(); begin += step) {
            forEachRow(selected.set, begin, std::min(selected.end, begin + step), body);
        }
    };
    const bool single = place.row == FieldPlace::Row::None && place.parts.size() == 1 && !place.overflow &&
                        !place.parts.front().only;
    const ColumnPtr data = single                                     ? reader.reader(0).data()
                           : place.row == FieldPlace::Row::OfSeverity ? scan.column(SeverityColumn)
                           : place.row == FieldPlace::Row::OfTime     ? scan.column(TimeColumn)
                                                                      : nullptr;
    const bool ints = data && data->form == ColumnData::Form::Ints && data->kind != ValueKind::Bool;
    const bool decimals = data && data->form == ColumnData::Form::Decimals && data->scales.width == 0;
    if (ints || decimals) {
        const auto base = static_cast<std::uint64_t>(data->ints.base);
        const std::uint64_t scale = data->ints.scale;
        const std::int64_t digits = decimals ? data->scales.base : 0;
        // One division where both operands are exact: the same double that reading the digits gives.
        const auto& info = scan.info().columns[decimals ? place.parts.front().column : ColumnIndex{0}];
        constexpr std::int64_t exact = std::int64_t{1} << 53;
        const bool plain =
            !decimals || (info.minInt <= info.maxInt && info.minInt >= -exact && info.maxInt <= exact);
        const double divisor = decimals && plain ? std::pow(10.0, static_cast<double>(digits)) : 1.0;
        const auto value = [&, base, scale, divisor, plain](std::uint64_t stored) {
            const auto whole = static_cast<std::int64_t>(base + scale * stored);
            return plain ? static_cast<double>(whole) / divisor : decimalValue(whole, digits);
        };
        const bool all = data->presence.isAll();
        withStored(data->ints, [&](auto view) {
            if (data->ints.width <= 2 && scan.rows() >= 4096) {
                std::vector<std::uint32_t> counts(data->ints.width == 2 ? 65'536 : 256, 0);
                blocks([&](RowIndex row) {
                    if (all)
                        ++counts[view[row]];
                    else if (data->presence.has(row))
                        ++counts[view[data->presence.rank(row)]];
                });
                for (std::size_t stored = 0; stored < counts.size(); ++stored) {
                    if (counts[stored] != 0) number(value(stored), counts[stored]);
                }
            } else if (all) {
                blocks([&](RowIndex row) { number(value(view[row]), 1u); });
            } else {
                blocks([&](RowIndex row) {
                    if (data->presence.has(row)) number(value(view[data->presence.rank(row)]), 1u);
                });
            }
        });
        return;
    }
    if (place.nothing()) return;
    std::string text;
    blocks([&](RowIndex row) {
        for (std::size_t i = 0; i < place.parts.size(); ++i) {
            if (place.parts[i].only && !place.parts[i].only->has(row)) continue;
            const ColumnReader& column = reader.reader(i);
            if (!column.has(row)) continue;
            const ValueKind kind = column.kind();
            const ColumnData& values = *column.data();
            if (kind == ValueKind::Int && values.form == ColumnData::Form::Ints)
                return number(static_cast<double>(values.ints.at(values.presence.rank(row))), 1u);
            if (kind == ValueKind::Decimal && values.form == ColumnData::Form::Decimals) {
                const RowIndex dense = values.presence.rank(row);
                return number(decimalValue(values.ints.at(dense), values.scales.at(dense)), 1u);
            }
            text.clear();
            std::optional<double> value;
            if (kind != ValueKind::Bool && kind != ValueKind::Null && kind != ValueKind::Json &&
                column.append(row, text)) {
                value = numberOf(text);
            }
            if (value)
                number(*value, 1u);
            else
                other(1u);
            return;
        }
        text.clear();
        if (!reader.append(row, text)) return; // the overflow column, or the source's name
        if (const auto value = numberOf(text))
            number(*value, 1u);
        else
            other(1u);
    });
}

} // namespace faultline
