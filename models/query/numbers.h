#pragma once
#include "models/query/field_rows.h"
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

/// Calls number(value, times) for the numbers of one part of a field, stored as Ints or as Decimals.
template <class Number>
void forEachStoredNumber(SegmentScan& scan, const FieldRows::Part& part, Number&& number)
{
    const ColumnData& data = *part.data;
    const bool decimals = data.form == ColumnData::Form::Decimals;
    if (decimals && data.scales.width != 0) { // each with its own number of digits
        forEachDense(scan, part, [&](RowIndex, RowIndex dense) {
            number(decimalValue(data.ints.at(dense), data.scales.at(dense)), 1u);
        });
        return;
    }
    const auto base = static_cast<std::uint64_t>(data.ints.base);
    const std::uint64_t scale = data.ints.scale;
    const std::int64_t digits = decimals ? data.scales.base : 0;
    // One division where both operands are exact: the same double that reading the digits gives.
    const ColumnInfo& info = scan.info().columns[part.column];
    constexpr std::int64_t exact = std::int64_t{1} << 53;
    const bool plain = !decimals || (digits >= 0 && digits <= 22 && info.minInt <= info.maxInt &&
                                     info.minInt >= -exact && info.maxInt <= exact);
    const double divisor = decimals && plain ? std::pow(10.0, static_cast<double>(digits)) : 1.0;
    const auto value = [base, scale, digits, divisor, plain](std::uint64_t stored) {
        const auto whole = static_cast<std::int64_t>(base + scale * stored);
        return plain ? static_cast<double>(whole) / divisor : decimalValue(whole, digits);
    };
    if (worthCounting(part)) {
        const auto counts = countStored(scan, part);
        for (std::size_t stored = 0; stored < counts.size(); ++stored) {
            if (counts[stored] != 0) number(value(stored), counts[stored]);
        }
        return;
    }
    withStored(data.ints, [&](auto view) {
        forEachDense(scan, part, [&](RowIndex, RowIndex dense) { number(value(view[dense]), 1u); });
    });
}

/// Calls number(value, times) for the numeric values of a field in the selected rows (rows of equal small
/// integers are counted first and given once), and other(times) for values that are no numbers. Order is
/// fixed by the data alone.
template <class Number, class Other>
void forEachNumber(SegmentScan& scan, std::string_view field, const SelectedRows& selected, Number&& number,
                   Other&& other)
{
    const FieldRows rows = findRows(scan, field, selected);
    const auto read = [&](std::string_view text, std::uint32_t times) {
        if (const auto value = numberOf(text))
            number(*value, times);
        else
            other(times);
    };
    for (const FieldRows::Part& part : rows.parts) {
        if (scan.stopped()) return;
        const ColumnData& data = *part.data;
        const bool stored = data.form == ColumnData::Form::Ints || data.form == ColumnData::Form::Decimals;
        if (rows.row == FieldPlace::Row::OfSource || part.kind == ValueKind::Bool ||
            part.kind == ValueKind::Null || part.kind == ValueKind::Json) {
            other(part.count);
        } else if (part.kind != ValueKind::Time && stored) {
            forEachStoredNumber(scan, part, number);
        } else if (data.form == ColumnData::Form::Dictionary && data.ints.width <= 2) {
            const auto counts = countStored(scan, part);
            for (std::size_t code = 0; code < counts.size(); ++code) {
                const auto index = static_cast<std::uint64_t>(data.ints.base) + data.ints.scale * code;
                if (counts[code] != 0 && index != 0 && index <= data.table.size())
                    read(data.table.at(index - 1), counts[code]);
            }
        } else {
            const ColumnReader reader(scan, part.column);
            if (scan.stopped()) return;
            std::string text;
            forEachDense(scan, part, [&](RowIndex row, RowIndex) {
                text.clear();
                if (reader.append(row, text)) read(text, 1);
            });
        }
    }
    if (!rows.overflowData) return;
    const FieldReader reader(scan, field);
    std::string text;
    forEachRow(rows.overflow, [&](RowIndex row) {
        text.clear();
        if (!scan.stopped() && reader.append(row, text)) read(text, 1);
    });
}

} // namespace faultline
