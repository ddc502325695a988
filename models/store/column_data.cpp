#include "models/store/column_data.h"

#include "models/store/text_codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>

namespace faultline {
namespace {

void appendInt(std::int64_t value, std::string& out)
{
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out.append(digits.data(), end);
}

/// Digits of the mantissa with the point `scale` places from the right: -5 at scale 2 is -0.05.
void appendDecimal(std::int64_t mantissa, std::uint64_t scale, std::string& out)
{
    std::array<char, 24> digits;
    const bool negative = mantissa < 0;
    const std::uint64_t magnitude =
        negative ? 0 - static_cast<std::uint64_t>(mantissa) : static_cast<std::uint64_t>(mantissa);
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), magnitude).ptr;
    const auto count = static_cast<std::size_t>(end - digits.data());
    if (negative) out.push_back('-');
    if (scale == 0) {
        out.append(digits.data(), count);
        return;
    }
    if (count <= scale) {
        out.append("0.").append(scale - count, '0').append(digits.data(), count);
    } else {
        out.append(digits.data(), count - scale);
        out.push_back('.');
        out.append(digits.data() + (count - scale), scale);
    }
}

std::size_t bytesOf(const StringTable& table)
{
    return table.offsets.capacity() * 4 + table.bytes.capacity();
}
std::size_t bytesOf(const PackedInts& ints)
{
    return ints.data.capacity();
}

} // namespace

Presence Presence::all(RowIndex rows)
{
    Presence presence;
    presence.m_rows = presence.m_count = rows;
    return presence;
}

Presence Presence::of(std::vector<std::uint64_t> bits, RowIndex rows)
{
    Presence presence;
    presence.m_rows = rows;
    bits.resize((std::size_t{rows} + 63) / 64);
    if (rows % 64 != 0) bits.back() &= (std::uint64_t{1} << (rows % 64)) - 1;
    presence.m_ranks.reserve(bits.size());
    for (const std::uint64_t word : bits) {
        presence.m_ranks.push_back(presence.m_count);
        presence.m_count += static_cast<RowIndex>(std::popcount(word));
    }
    if (presence.m_count == rows)
        presence.m_ranks = {};
    else
        presence.m_bits = std::move(bits);
    return presence;
}

RowIndex Presence::rank(RowIndex row) const
{
    if (isAll()) return row;
    if (row >= m_rows) return m_count;
    const std::uint64_t before = m_bits[row >> 6] & ((std::uint64_t{1} << (row & 63)) - 1);
    return m_ranks[row >> 6] + static_cast<RowIndex>(std::popcount(before));
}

std::size_t Presence::bytes() const
{
    return m_bits.capacity() * 8 + m_ranks.capacity() * sizeof(RowIndex);
}

std::uint64_t PackedInts::stored(std::size_t i) const
{
    switch (width) {
    case 1: return data[i];
    case 2: return as<std::uint16_t>()[i];
    case 4: return as<std::uint32_t>()[i];
    case 8: return as<std::uint64_t>()[i];
    default: return 0;
    }
}

void TextTemplate::Values::append(std::size_t i, std::string& out) const
{
    if (numeric)
        appendInt(ints.at(i), out);
    else
        out.append(texts.at(codes.count > 0 ? static_cast<std::size_t>(codes.at(i)) : i));
}

bool ColumnData::appendText(RowIndex row, std::string& out) const
{
    if (!presence.has(row)) return false;
    switch (form) {
    case Form::Absent:
        if (kind == ValueKind::Null) out.append("null");
        return true;
    case Form::Ints: {
        const std::int64_t value = ints.at(presence.rank(row));
        if (kind == ValueKind::Bool)
            out.append(value != 0 ? "true" : "false");
        else
            appendInt(value, out);
        return true;
    }
    case Form::Decimals: {
        const RowIndex at = presence.rank(row);
        appendDecimal(ints.at(at), static_cast<std::uint64_t>(scales.at(at)), out);
        return true;
    }
    case Form::Dictionary: out.append(table.at(static_cast<std::size_t>(ints.at(row) - 1))); return true;
    case Form::Heap: out.append(table.at(presence.rank(row))); return true;
    case Form::Fixed:
        appendHex(fixed.data() + std::size_t{presence.rank(row)} * fixedBytes, fixedBytes, uuid, upper, out);
        return true;
    case Form::Templates: {
        const TextTemplate& used = templates[static_cast<std::size_t>(ints.at(row) - 1)];
        const auto at = static_cast<std::size_t>(nth.at(row));
        for (std::size_t i = 0; i < used.values.size(); ++i) {
            out.append(used.constants[i]);
            used.values[i].append(at, out);
        }
        out.append(used.constants.back());
        return true;
    }
    }
    return false;
}

std::size_t ColumnData::bytes() const
{
    std::size_t total = sizeof(*this) + presence.bytes() + bytesOf(ints) + bytesOf(scales) + bytesOf(nth) +
                        bytesOf(table) + fixed.capacity() + templates.capacity() * sizeof(TextTemplate);
    for (const TextTemplate& used : templates) {
        total += used.pattern.capacity() + used.kinds.capacity() +
                 used.constants.capacity() * sizeof(std::string) +
                 used.values.capacity() * sizeof(TextTemplate::Values);
        for (const std::string& constant : used.constants) total += constant.capacity();
        for (const TextTemplate::Values& values : used.values)
            total += bytesOf(values.ints) + bytesOf(values.texts) + bytesOf(values.codes);
    }
    return total;
}

} // namespace faultline
