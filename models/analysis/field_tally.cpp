#include "models/analysis/field_tally.h"

#include "models/query/numbers.h"
#include "models/query/value_walk.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <map>
#include <optional>

namespace faultline {

namespace {

constexpr std::uint64_t kOftenLeast = 20;   // events of a value among many that are worth a look
constexpr std::uint64_t kOftenShare = 500;  // ... and one of so many of its side
constexpr std::size_t kLongestValue = 4096; // a filter is to be readable

std::uint64_t mixed(std::int64_t value)
{
    std::uint64_t x = static_cast<std::uint64_t>(value) * 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 32) * 0xd6e8feb86659fd93u;
    return x ^ x >> 32;
}

/// The number that a text is as whole numbers are written: no leading zero, no plus.
std::optional<std::int64_t> wholeNumber(std::string_view text)
{
    const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
    if (digits.empty() || digits.size() > 19 || (digits.front() == '0' && text != "0")) return std::nullopt;
    for (const char c : digits)
        if (c < '0' || c > '9') return std::nullopt;
    std::int64_t value = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) return std::nullopt;
    return value;
}

std::optional<std::int64_t> wholeNumber(const ValueKey& key)
{
    if (key.form != ValueKey::Form::Short) return std::nullopt;
    std::array<char, 16> bytes;
    if (key.high >> 56 == 0x80) { // sixteen hex digits: rarely without a letter
        if ((key.low >> 3 & (key.low >> 2 | key.low >> 1) & 0x1111'1111'1111'1111u) != 0) return std::nullopt;
        std::string digits;
        key.append(digits);
        return wholeNumber(digits);
    }
    std::memcpy(bytes.data(), &key.low, 8);
    std::memcpy(bytes.data() + 8, &key.high, 8);
    return wholeNumber(std::string_view(bytes.data(), static_cast<unsigned char>(bytes[15])));
}

} // namespace

/// Takes the texts of one side.
class FieldTally::Out
{
public:
    Out(FieldTally& tally, int side) : m_tally(tally), m_side(side) {}
    void add(const ValueKey& key, std::uint64_t count = 1) { m_tally.addText(m_side, key, count); }
    void add(std::string_view text, std::uint64_t count) { m_tally.addText(m_side, text, count); }

private:
    FieldTally& m_tally;
    int m_side;
};

void FieldTally::Slots::make()
{
    for (auto& side : counts) side.assign(kSlots, 0);
}

void FieldTally::scan(SegmentScan& scan, const SegmentSides& sides)
{
    for (int side = 0; side < 2 && !scan.stopped(); ++side)
        if (sides.count[side] != 0) scanSide(scan, sides.rows[side], side);
}

void FieldTally::scanSide(SegmentScan& scan, const SelectedRows& rows, int side)
{
    FieldRows found = findRows(scan, m_name, rows);
    Out out(*this, side);
    if (scan.stopped()) return;
    if (found.row != FieldPlace::Row::None) {
        const ValueCount count = walk::walkValues(scan, m_name, found, out);
        if (!m_second) m_present[side] += count.present;
        m_kinds |= count.kinds;
        return;
    }
    for (const FieldRows::Part& part : found.parts) {
        if (scan.stopped()) return;
        if (!m_second) m_present[side] += part.count;
        m_kinds |= walk::kindBit(part.kind);
        const ColumnData::Form form = part.data->form;
        const bool stored = form == ColumnData::Form::Ints || form == ColumnData::Form::Decimals;
        if (part.kind == ValueKind::Int && form == ColumnData::Form::Ints) {
            scanInts(scan, part, side);
        } else if (part.kind == ValueKind::Decimal && stored) {
            if (m_second) continue;
            forEachStoredNumber(
                scan, part, [&](double value, std::uint32_t times) { m_numbers.add(side, value, times); });
        } else if (part.kind == ValueKind::Text || part.kind == ValueKind::Bool) {
            walk::countPart(scan, part, out);
        }
    }
    if (!found.overflowData) return;
    std::string object;
    JsonMember member;
    forEachRow(found.overflow, [&](RowIndex row) {
        if (scan.stopped()) return;
        object.clear();
        if (!found.overflowData->appendText(row, object) || !findMember(object, m_name, member)) return;
        if (!m_second) ++m_present[side];
        m_kinds |= walk::kindBit(member.kind);
        const auto number = member.kind == ValueKind::Int || member.kind == ValueKind::Decimal
                                ? numberOf(member.text)
                                : std::nullopt;
        if (number && !m_second) m_numbers.add(side, *number, 1);
        if (member.kind == ValueKind::Int) {
            std::int64_t value = 0;
            const std::string_view text = member.text;
            if (std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc())
                addInt(side, value, 1);
        } else if (member.kind == ValueKind::Text || member.kind == ValueKind::Bool) {
            addText(side, std::string_view(member.text), 1);
        }
    });
}

void FieldTally::scanInts(SegmentScan& scan, const FieldRows::Part& part, int side)
{
    const PackedInts& ints = part.data->ints;
    const auto add = [&](std::int64_t value, std::uint64_t times) {
        addInt(side, value, times);
        if (!m_second) m_numbers.add(side, static_cast<double>(value), times);
    };
    if (worthCounting(part)) return walk::forEachStored(scan, part, add);
    withStored(ints, [&](auto view) {
        forEachDense(scan, part, [&](RowIndex, RowIndex dense) { add(walk::valueOf(ints, view[dense]), 1); });
    });
}

bool FieldTally::isHeld(int side, std::uint64_t hash, std::uint64_t count)
{
    if (!m_texts.many) return !m_second;
    const auto slot = Slots::of(hash);
    if (m_second) return m_texts.slots.large[slot];
    m_texts.slots.counts[side][slot] += count;
    return false;
}

void FieldTally::addText(int side, const ValueKey& key, std::uint64_t count)
{
    // 200 and "200" are one value of a search.
    if (const auto number = wholeNumber(key)) return addInt(side, *number, count);
    const std::uint64_t hash = key.hash();
    if (!isHeld(side, hash, count)) return;
    m_texts.table[side].add(ValueTable::Place(key, count), hash);
    if (!m_second && m_texts.table[0].size() + m_texts.table[1].size() > m_held) spillTexts();
}

void FieldTally::addText(int side, std::string_view text, std::uint64_t count)
{
    if (const auto key = ValueKey::of(text)) return addText(side, *key, count);
    if (const auto number = wholeNumber(text)) return addInt(side, *number, count);
    const std::uint64_t hash = hash64(text);
    if (!isHeld(side, hash, count)) return;
    m_texts.table[side].add(text, hash, count);
    if (!m_second && m_texts.table[0].size() + m_texts.table[1].size() > m_held) spillTexts();
}

void FieldTally::addInt(int side, std::int64_t value, std::uint64_t count)
{
    if (m_ints.many) {
        const std::size_t slot = Slots::of(mixed(value));
        if (!m_second) {
            m_ints.slots.counts[side][slot] += count;
            return;
        }
        if (!m_ints.slots.large[slot]) return;
    } else if (m_second) {
        return;
    }
    m_ints.table[value].count[side] += count;
    if (!m_second && m_ints.table.size() > m_held) spillInts();
}

void FieldTally::spillTexts()
{
    m_texts.slots.make();
    for (int side = 0; side < 2; ++side) {
        auto& slots = m_texts.slots.counts[side];
        ValueTable& table = m_texts.table[side];
        for (const ValueTable::Place& place : table.places())
            if (place.countAndForm != 0) slots[Slots::of(place.key().hash())] += place.count();
        const TextTable& texts = table.texts();
        for (std::size_t i = 0; i < texts.size(); ++i)
            slots[Slots::of(texts.entry(i).hash)] += texts.entry(i).count;
        table.clear();
    }
    m_texts.many = true;
}

void FieldTally::spillInts()
{
    m_ints.slots.make();
    for (const auto& [value, counts] : m_ints.table)
        for (int side = 0; side < 2; ++side)
            m_ints.slots.counts[side][Slots::of(mixed(value))] += counts.count[side];
    m_ints.table = {};
    m_ints.many = true;
}

/// The slots that a frequent value can be in. A slot holds that of others beside it: one that is large for
/// them alone would only make more values to be counted.
std::uint64_t FieldTally::markLarge(Slots& slots) const
{
    slots.large.assign(kSlots, false);
    std::uint64_t often = 0, marked = 0;
    for (int side = 0; side < 2; ++side) {
        std::uint64_t all = 0;
        for (const std::uint64_t count : slots.counts[side]) all += count;
        const std::uint64_t least = std::max({kOftenLeast, all / kOftenShare, 4 * all / kSlots});
        often = std::max(often, least);
        for (std::size_t i = 0; i < kSlots; ++i) {
            if (slots.counts[side][i] < least) continue;
            slots.large[i] = true;
            ++marked;
        }
    }
    return marked == 0 ? 0 : often;
}

bool FieldTally::again()
{
    if (m_second) return false;
    m_second = true;
    bool more = false;
    if (m_texts.many) {
        m_distinct = m_held;
        const std::uint64_t often = markLarge(m_texts.slots);
        m_often = std::max(m_often, often);
        more = often != 0;
    }
    if (m_ints.many) {
        m_distinct = m_held;
        const std::uint64_t often = markLarge(m_ints.slots);
        m_often = std::max(m_often, often);
        more = more || often != 0;
    }
    if (!many()) m_distinct = m_texts.table[0].size() + m_texts.table[1].size() + m_ints.table.size();
    return more;
}

std::vector<FieldTally::Value> FieldTally::values() const
{
    std::map<std::string, Value> found;
    const auto add = [&](std::string text, int side, std::uint64_t count) {
        if (text.size() > kLongestValue) return;
        Value& value = found[text];
        if (value.text.empty()) value.text = std::move(text);
        value.count[side] += count;
    };
    for (int side = 0; side < 2; ++side) {
        const ValueTable& table = m_texts.table[side];
        for (const ValueTable::Place& place : table.places()) {
            if (place.countAndForm == 0) continue;
            std::string text;
            place.key().append(text);
            add(std::move(text), side, place.count());
        }
        const TextTable& texts = table.texts();
        for (std::size_t i = 0; i < texts.size(); ++i)
            add(std::string(texts.text(i)), side, texts.entry(i).count);
    }
    for (const auto& [number, counts] : m_ints.table)
        for (int side = 0; side < 2; ++side)
            if (counts.count[side] != 0) add(std::to_string(number), side, counts.count[side]);
    std::vector<Value> list;
    list.reserve(found.size());
    for (auto& [text, value] : found) list.push_back(std::move(value));
    return list;
}

} // namespace faultline
