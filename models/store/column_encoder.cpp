#include "models/store/column_encoder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace faultline {
namespace {

constexpr std::size_t kBoundBytes = 32;  // of minText and maxText
constexpr std::size_t kFewDistinct = 64; // values that are never worth more than a dictionary

/// The first 8 bytes as a number that orders as the texts do.
std::uint64_t prefixOf(std::string_view text)
{
    std::uint64_t prefix = 0;
    std::memcpy(&prefix, text.data(), std::min<std::size_t>(8, text.size()));
    if constexpr (std::endian::native == std::endian::little) prefix = __builtin_bswap64(prefix);
    return prefix;
}

std::string lowerBound(std::string_view text)
{
    return std::string(text.substr(0, kBoundBytes));
}

/// A short text that is not below `text`; empty when there is none.
std::string upperBound(std::string_view text)
{
    std::string bound(text.substr(0, kBoundBytes));
    if (text.size() <= kBoundBytes) return bound;
    while (!bound.empty() && bound.back() == '\xff') bound.pop_back();
    if (!bound.empty()) bound.back() = static_cast<char>(bound.back() + 1);
    return bound;
}

void textBounds(const TextSpan& texts, ColumnInfo& info)
{
    std::string_view least = texts.at(0), greatest = least;
    std::uint64_t leastPrefix = prefixOf(least), greatestPrefix = leastPrefix;
    for (std::size_t i = 1; i < texts.size(); ++i) {
        const std::string_view text = texts.at(i);
        const std::uint64_t prefix = prefixOf(text);
        if (prefix < leastPrefix || (prefix == leastPrefix && text < least)) {
            least = text;
            leastPrefix = prefix;
        }
        if (prefix > greatestPrefix || (prefix == greatestPrefix && text > greatest)) {
            greatest = text;
            greatestPrefix = prefix;
        }
    }
    info.minText = lowerBound(least);
    info.maxText = upperBound(greatest);
}

unsigned digitsOf(std::uint64_t magnitude)
{
    static constexpr std::array<std::uint64_t, 20> powers = [] {
        std::array<std::uint64_t, 20> all{};
        std::uint64_t power = 1;
        for (std::uint64_t& each : all) {
            each = power;
            power *= 10;
        }
        all[0] = 0; // 0 has a digit too
        return all;
    }();
    const auto guess = static_cast<unsigned>(std::bit_width(magnitude | 1)) * 1233 >> 12;
    return guess + (magnitude >= powers[guess] ? 1 : 0);
}

std::uint64_t magnitudeOf(std::int64_t value)
{
    return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

std::uint64_t digitBytes(const std::vector<std::int64_t>& values, const IntBounds& bounds)
{
    if (bounds.min >= 0 && digitsOf(magnitudeOf(bounds.min)) == digitsOf(magnitudeOf(bounds.max)))
        return values.size() * std::uint64_t{digitsOf(magnitudeOf(bounds.min))};
    std::uint64_t bytes = 0;
    for (const std::int64_t value : values) bytes += digitsOf(magnitudeOf(value)) + (value < 0 ? 1 : 0);
    return bytes;
}

} // namespace

void ColumnEncoder::start(Codec codec, ColumnInfo& info)
{
    info.codec = static_cast<std::uint8_t>(codec);
    m_writer.start(info.codec);
}

void ColumnEncoder::setOrder(const std::vector<RowIndex>& order)
{
    m_order = order;
    m_newRow.resize(order.size());
    for (RowIndex row = 0; row < order.size(); ++row) m_newRow[order[row]] = row;
}

void ColumnEncoder::reorder(ColumnBuffer& column, RowIndex rows)
{
    m_dense.clear();
    if (column.present.empty() && column.count == rows) {
        m_dense = m_order;
    } else {
        // Only the rows that have a value are touched: a segment of many loggers has many sparse columns.
        std::vector<std::uint64_t> before = std::move(column.present);
        if (before.empty()) { // present in the first `count` rows
            before.assign((std::size_t{column.count} + 63) / 64, ~std::uint64_t{0});
            if (column.count % 64 != 0) before.back() = (std::uint64_t{1} << (column.count % 64)) - 1;
        }
        column.present.assign((std::size_t{rows} + 63) / 64, 0);
        m_place.resize(rows);
        RowIndex dense = 0;
        for (std::size_t word = 0; word < before.size(); ++word)
            for (std::uint64_t bits = before[word]; bits != 0; bits &= bits - 1) {
                const RowIndex row = m_newRow[word * 64 + static_cast<std::size_t>(std::countr_zero(bits))];
                column.present[row / 64] |= std::uint64_t{1} << (row % 64);
                m_place[row] = dense++;
            }
        for (std::size_t word = 0; word < column.present.size(); ++word)
            for (std::uint64_t bits = column.present[word]; bits != 0; bits &= bits - 1)
                m_dense.push_back(m_place[word * 64 + static_cast<std::size_t>(std::countr_zero(bits))]);
    }
    const auto gather = [this](auto& values, auto& scratch) {
        scratch.resize(m_dense.size());
        for (std::size_t i = 0; i < m_dense.size(); ++i) scratch[i] = values[m_dense[i]];
        std::swap(values, scratch);
    };
    if (!column.ints.empty()) gather(column.ints, m_ints);
    if (!column.scales.empty()) gather(column.scales, m_scales);
    if (column.texts() == 0) return;
    if (column.dictionary) {
        gather(column.codes, m_codes);
        return;
    }
    m_bytes.clear();
    m_offsets.assign(1, 0);
    for (const RowIndex dense : m_dense) {
        m_bytes.append(column.textAt(dense));
        m_offsets.push_back(static_cast<std::uint32_t>(m_bytes.size()));
    }
    std::swap(column.bytes, m_bytes);
    std::swap(column.offsets, m_offsets);
}

void ColumnEncoder::putPresence(const ColumnBuffer& column, RowIndex rows)
{
    if (column.count == rows) {
        m_writer.byte(static_cast<std::uint8_t>(PresenceForm::All));
        return;
    }
    std::vector<std::uint64_t> bits = column.present;
    const std::size_t words = (std::size_t{rows} + 63) / 64;
    if (bits.empty()) {
        bits.assign((std::size_t{column.count} + 63) / 64, ~std::uint64_t{0});
        if (column.count % 64 != 0) bits.back() = (std::uint64_t{1} << (column.count % 64)) - 1;
    }
    bits.resize(words);
    const RowIndex absent = rows - column.count;
    const bool listPresent = column.count <= rows / 16, listAbsent = absent <= rows / 16;
    if (!listPresent && !listAbsent) {
        m_writer.byte(static_cast<std::uint8_t>(PresenceForm::Bitmap));
        std::string bytes(words * 8, '\0');
        for (std::size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = static_cast<char>(bits[i / 8] >> (i % 8 * 8));
        m_writer.array(bytes.data(), (std::size_t{rows} + 7) / 8);
        return;
    }
    m_writer.byte(
        static_cast<std::uint8_t>(listPresent ? PresenceForm::PresentRows : PresenceForm::AbsentRows));
    m_writer.varint(listPresent ? column.count : absent);
    RowIndex next = 0;
    for (std::size_t word = 0; word < words; ++word) {
        std::uint64_t left = listPresent ? bits[word] : ~bits[word];
        for (; left != 0; left &= left - 1) {
            const auto row = static_cast<RowIndex>(word * 64 + static_cast<unsigned>(std::countr_zero(left)));
            if (row >= rows) break;
            m_writer.varint(row - next);
            next = row + 1;
        }
    }
}

void ColumnEncoder::putNumbers(const ColumnBuffer& column, RowIndex rows, ColumnInfo& info)
{
    const bool decimal = column.kind == ValueKind::Decimal;
    start(decimal ? Codec::Decimals : Codec::Ints, info);
    putPresence(column, rows);
    const IntBounds bounds = putInts(m_writer, column.ints, m_scratch.ints);
    info.minInt = bounds.min;
    info.maxInt = bounds.max;
    if (column.kind == ValueKind::Bool) {
        std::uint64_t yes = 0;
        for (const std::int64_t value : column.ints) yes += value != 0;
        info.distinct = bounds.min == bounds.max ? 1 : 2;
        info.rawBytes = 5 * std::uint64_t{column.count} - yes;
        return;
    }
    if (!decimal) {
        info.rawBytes = digitBytes(column.ints, bounds);
        return;
    }
    m_ints.assign(column.scales.begin(), column.scales.end());
    const IntBounds scales = putInts(m_writer, m_ints, m_scratch.ints);
    if (scales.min != scales.max) {
        info.minInt = 1;
        info.maxInt = 0;
    }
    for (std::size_t i = 0; i < column.ints.size(); ++i)
        info.rawBytes += std::max<unsigned>(digitsOf(magnitudeOf(column.ints[i])), column.scales[i] + 1u) +
                         (column.ints[i] < 0 ? 2 : 1);
}

void ColumnEncoder::putDictionary(const ColumnBuffer& column, RowIndex rows, ColumnInfo& info)
{
    const std::size_t distinct = column.texts();
    m_keys.resize(distinct);
    for (std::uint32_t code = 0; code < distinct; ++code)
        m_keys[code] = {prefixOf(column.textAt(code)), code};
    std::sort(m_keys.begin(), m_keys.end(), [&](const Key& a, const Key& b) {
        return a.prefix != b.prefix ? a.prefix < b.prefix : column.textAt(a.code) < column.textAt(b.code);
    });
    m_bytes.clear();
    m_offsets.assign(1, 0);
    m_ranks.resize(distinct);
    for (std::uint32_t rank = 0; rank < distinct; ++rank) {
        m_ranks[m_keys[rank].code] = rank + 1;
        m_bytes.append(column.textAt(m_keys[rank].code));
        m_offsets.push_back(static_cast<std::uint32_t>(m_bytes.size()));
    }
    m_codes.resize(column.codes.size());
    for (std::size_t i = 0; i < m_codes.size(); ++i) m_codes[i] = m_ranks[column.codes[i]];
    start(Codec::Dictionary, info);
    putPresence(column, rows);
    m_writer.varint(distinct);
    const TextSpan table{m_offsets, m_bytes};
    putTexts(m_writer, table, m_scratch);
    putCodes(m_writer, m_codes, m_scratch.ints);
    info.distinct = static_cast<std::uint32_t>(distinct);
    info.minText = lowerBound(table.at(0));
    info.maxText = upperBound(table.at(distinct - 1));
}

bool ColumnEncoder::putTemplates(const ColumnBuffer& column, RowIndex rows, bool message, ColumnInfo& info)
{
    start(message ? Codec::Patterns : Codec::Templates, info);
    putPresence(column, rows);
    const TextSpan texts{column.offsets, column.bytes};
    return m_templates.encode(texts, column.dictionary ? &column.codes : nullptr, message, m_writer,
                              m_scratch);
}

void ColumnEncoder::putFixed(const ColumnBuffer& column, RowIndex rows, ColumnInfo& info)
{
    start(Codec::Fixed, info);
    putPresence(column, rows);
    putHex(m_writer, m_hex);
}

void ColumnEncoder::putText(ColumnBuffer& column, RowIndex rows, bool message, ColumnInfo& info)
{
    info.rawBytes = column.textBytes;
    const std::size_t distinct = column.texts();
    const bool text = column.kind == ValueKind::Text;
    const bool repeats = distinct <= kFewDistinct || distinct <= column.count / 16;
    if (column.dictionary && repeats) return putDictionary(column, rows, info);
    textBounds({column.offsets, column.bytes}, info);
    if (text && message && putTemplates(column, rows, true, info)) return;
    if (!column.dictionary && packHex({column.offsets, column.bytes}, m_hex))
        return putFixed(column, rows, info);
    const bool split = text && !message && m_templates.worthIt({column.offsets, column.bytes});
    if (split && putTemplates(column, rows, false, info)) return;
    if (column.dictionary && distinct <= column.count / 2) return putDictionary(column, rows, info);
    column.leaveDictionary();
    const TextSpan texts{column.offsets, column.bytes};
    if (packHex(texts, m_hex)) return putFixed(column, rows, info);
    start(Codec::Heap, info);
    putPresence(column, rows);
    putPlainTexts(m_writer, texts, m_scratch);
}

std::string ColumnEncoder::encode(ColumnBuffer& column, RowIndex rows, bool message, ColumnInfo& info)
{
    info.path = column.path;
    info.kind = column.kind;
    info.codec = 0;
    info.present = column.count;
    const bool bare = column.kind == ValueKind::Null || column.kind == ValueKind::Time;
    if (column.kind == ValueKind::Null) info.rawBytes = 4 * std::uint64_t{column.count};
    if (column.count == 0 || (bare && column.count == rows)) return {};
    if (!m_order.empty()) reorder(column, rows);
    switch (column.kind) {
    case ValueKind::Null:
    case ValueKind::Time:
        start(Codec::Presence, info);
        putPresence(column, rows);
        break;
    case ValueKind::Int:
    case ValueKind::Bool:
    case ValueKind::Decimal: putNumbers(column, rows, info); break;
    case ValueKind::Text:
    case ValueKind::Number:
    case ValueKind::Json: putText(column, rows, message, info); break;
    }
    std::string blob = m_writer.finish();
    info.storedBytes = blob.size();
    return blob;
}

std::string ColumnEncoder::encodeInts(const std::vector<std::int64_t>& values, ColumnInfo& info)
{
    info.kind = ValueKind::Int;
    info.present = static_cast<std::uint32_t>(values.size());
    start(Codec::Ints, info);
    m_writer.byte(static_cast<std::uint8_t>(PresenceForm::All));
    const IntBounds bounds = putInts(m_writer, values, m_scratch.ints);
    info.minInt = bounds.min;
    info.maxInt = bounds.max;
    info.rawBytes = digitBytes(values, bounds);
    std::string blob = m_writer.finish();
    info.storedBytes = blob.size();
    return blob;
}

} // namespace faultline
