#include "app/cli/table.h"

#include "models/records/json_text.h"
#include "models/records/time_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace faultline::cli {
namespace {

/// The next code point of valid or invalid UTF-8; advances `at`. Invalid bytes count as one column each.
char32_t nextPoint(std::string_view text, std::size_t& at)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(at);
    const unsigned length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    char32_t point = length == 1 ? first : first & (0xffu >> (length + 1));
    std::size_t i = at + 1;
    for (; i < text.size() && i < at + length && (byte(i) & 0xc0) == 0x80; ++i)
        point = point << 6 | (byte(i) & 0x3f);
    at = i;
    return point;
}

unsigned columnsOf(char32_t point)
{
    // Combining marks, joiners and variation selectors take no column; the wide ranges take two (Unicode TR
    // 11, the blocks that matter).
    if ((point >= 0x300 && point <= 0x36f) || (point >= 0x200b && point <= 0x200f) ||
        (point >= 0xfe00 && point <= 0xfe0f) || (point >= 0x20d0 && point <= 0x20ff))
        return 0;
    if ((point >= 0x1100 && point <= 0x115f) || (point >= 0x2e80 && point <= 0xa4cf) ||
        (point >= 0xac00 && point <= 0xd7a3) || (point >= 0xf900 && point <= 0xfaff) ||
        (point >= 0xfe30 && point <= 0xfe6f) || (point >= 0xff00 && point <= 0xff60) ||
        (point >= 0xffe0 && point <= 0xffe6) || (point >= 0x1f300 && point <= 0x1faff) ||
        (point >= 0x20000 && point <= 0x3fffd))
        return 2;
    return 1;
}

} // namespace

Result<Format> formatOf(const Arguments& arguments, Format fallback)
{
    if (!arguments.has("format")) return fallback;
    const std::string name = arguments.value("format");
    if (name == "table") return Format::Table;
    if (name == "ndjson") return Format::Ndjson;
    if (name == "csv") return Format::Csv;
    if (name == "json") return Format::Json;
    return makeError(ErrorKind::Usage, "read the option --format",
                     "\"" + name + "\" is not one of table, ndjson, csv, json");
}

std::size_t displayWidth(std::string_view text)
{
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size();) width += columnsOf(nextPoint(text, at));
    return width;
}

std::string cutToWidth(std::string_view text, std::size_t width)
{
    if (displayWidth(text) <= width) return std::string(text);
    if (width == 0) return {};
    std::size_t used = 0, end = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t columns = columnsOf(nextPoint(text, at));
        if (used + columns > width - 1) break;
        used += columns;
        end = at;
    }
    return std::string(text.substr(0, end)) + "…";
}

void Table::print(const Context& context) const
{
    std::vector<std::vector<std::string>> shown;
    std::vector<std::size_t> widths;
    for (const Column& column : m_columns) widths.push_back(displayWidth(column.title));
    for (const auto& row : m_rows) {
        auto& cells = shown.emplace_back();
        for (std::size_t i = 0; i < m_columns.size(); ++i) {
            cells.push_back(safe(i < row.size() ? row[i] : std::string()));
            widths[i] = std::max(widths[i], displayWidth(cells.back()));
        }
    }
    const auto line = [&](const auto& cellOf) {
        std::string text;
        std::size_t used = 0;
        for (std::size_t i = 0; i < m_columns.size(); ++i) {
            const bool last = i + 1 == m_columns.size();
            std::string cell = cellOf(i);
            if (last && context.outIsTerminal && used < context.width)
                cell = cutToWidth(cell, context.width - used);
            const std::size_t width = displayWidth(cell), pad = widths[i] > width ? widths[i] - width : 0;
            if (m_columns[i].right) text.append(pad, ' ');
            text += cell;
            if (!last) text.append((m_columns[i].right ? 0 : pad) + 2, ' ');
            used += widths[i] + 2;
        }
        while (text.ends_with(' ')) text.pop_back();
        cli::print(context, text + '\n');
    };
    line([&](std::size_t i) { return m_columns[i].title; });
    for (const auto& row : shown) line([&](std::size_t i) { return row[i]; });
}

std::string grouped(std::uint64_t number)
{
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
    return digits;
}

std::string counted(std::uint64_t number, std::string_view one, std::string_view many)
{
    std::string text = grouped(number) + ' ';
    if (number == 1) return text.append(one);
    return many.empty() ? text.append(one) + 's' : text.append(many);
}

std::string humanBytes(std::uint64_t bytes)
{
    constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < std::size(kUnits)) {
        value /= 1000;
        ++unit;
    }
    char text[32];
    std::snprintf(text, sizeof text, unit == 0 || value >= 99.95 ? "%.0f %s" : "%.1f %s", value,
                  kUnits[unit]);
    return text;
}

std::string plainNumber(double value)
{
    char text[64];
    if (std::isfinite(value) && value == std::floor(value) && std::abs(value) < 1e15)
        std::snprintf(text, sizeof text, "%.0f", value);
    else
        std::snprintf(text, sizeof text, "%.6g", value);
    return text;
}

std::string humanTime(TimeNs time)
{
    std::string text = formatRfc3339(time); // 2026-11-17T12:00:00.123456789Z
    text[10] = ' ';
    return text.substr(0, 23);
}

std::string safe(std::string_view text)
{
    std::string out;
    appendTerminalSafe(text, out);
    return out;
}

void print(const Context& context, std::string_view text)
{
    std::fwrite(text.data(), 1, text.size(), context.out);
}

} // namespace faultline::cli
