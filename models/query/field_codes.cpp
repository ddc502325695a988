#include "models/query/field_codes.h"

#include "models/query/packed_view.h"
#include "models/records/severity.h"

#include <algorithm>
#include <array>
#include <bit>

namespace faultline {

namespace {

constexpr RowIndex kCheckRows = 8192; // between looks at the stop token

std::uint32_t codesOfWidth(std::uint8_t width)
{
    if (width == 0) return 1;
    return width == 1 ? 256 : 65'536;
}

/// Four tables, so that runs of equal codes do not wait for each other's store.
void countBytes(const std::uint8_t* codes, std::size_t count, std::uint32_t* counts)
{
    std::array<std::array<std::uint32_t, 256>, 4> tables{};
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, codes + i, 8);
        ++tables[0][eight & 0xff];
        ++tables[1][eight >> 8 & 0xff];
        ++tables[2][eight >> 16 & 0xff];
        ++tables[3][eight >> 24 & 0xff];
        ++tables[0][eight >> 32 & 0xff];
        ++tables[1][eight >> 40 & 0xff];
        ++tables[2][eight >> 48 & 0xff];
        ++tables[3][eight >> 56];
    }
    for (; i < count; ++i) ++tables[0][codes[i]];
    for (std::size_t c = 0; c < 256; ++c)
        counts[c] += tables[0][c] + tables[1][c] + tables[2][c] + tables[3][c];
}

} // namespace

bool FieldCodes::useColumn(SegmentScan& scan, const FieldPlace& place)
{
    if (place.row == FieldPlace::Row::OfSeverity || place.row == FieldPlace::Row::OfSource) {
        const bool severity = place.row == FieldPlace::Row::OfSeverity;
        m_column = scan.column(severity ? SeverityColumn : SourceColumn);
        if (!m_column) return true;
        if (m_column->ints.width > 2) {
            m_column = nullptr;
            return false;
        }
        m_size = codesOfWidth(m_column->ints.width);
        m_values = severity ? Values::Severity : Values::Source;
        if (!severity) {
            for (const SourceId id : scan.info().sources) {
                const auto stored = (id.value - static_cast<std::uint64_t>(m_column->ints.base)) /
                                    std::max<std::uint64_t>(m_column->ints.scale, 1);
                if (stored >= m_size) continue;
                if (m_sources.size() <= stored) m_sources.resize(stored + 1);
                m_sources[stored] = scan.sourceName(id);
            }
        }
        return true;
    }
    if (place.row != FieldPlace::Row::None || place.overflow || place.parts.size() != 1) return false;
    const auto& part = place.parts.front();
    if (part.only && !part.only->isAll()) return false;
    const ColumnPtr data = scan.column(part.column);
    if (!data) return true;
    if (data->ints.count < scan.rows() || data->ints.width > 2) return false;
    if (data->form == ColumnData::Form::Dictionary && data->kind != ValueKind::Time)
        m_values = Values::Dictionary;
    else if (data->form == ColumnData::Form::Ints && data->presence.isAll())
        m_values = Values::Ints;
    else
        return false;
    m_isBool = data->kind == ValueKind::Bool;
    m_column = data;
    m_size = codesOfWidth(data->ints.width);
    return true;
}

void FieldCodes::useTable(SegmentScan& scan, std::string_view field, const SelectedRows& selected)
{
    m_values = Values::Table;
    const FieldReader reader(scan, field);
    m_own.width = 4;
    m_own.count = scan.rows();
    m_own.data.assign(std::size_t{scan.rows()} * 4, 0);
    auto* codes = reinterpret_cast<std::uint32_t*>(m_own.data.data());
    const auto& place = reader.place();
    const bool single = place.row == FieldPlace::Row::None && place.parts.size() == 1 && !place.overflow &&
                        !place.parts.front().only;
    const ColumnPtr data = single ? reader.reader(0).data() : nullptr;
    std::string text;
    for (RowIndex begin = selected.begin; begin < selected.end && !scan.stopped(); begin += kCheckRows) {
        const RowIndex end = std::min(selected.end, begin + kCheckRows);
        if (data && data->form == ColumnData::Form::Heap) {
            RowIndex dense = data->presence.rank(begin);
            const bool all = data->presence.isAll();
            RowIndex last = begin;
            forEachRow(selected.set, begin, end, [&](RowIndex row) {
                if (!data->presence.has(row)) return;
                if (all)
                    dense = row;
                else if (row != last)
                    dense = data->presence.rank(row);
                last = row;
                codes[row] = m_table.intern(data->table.at(dense)) + 1;
            });
            continue;
        }
        forEachRow(selected.set, begin, end, [&](RowIndex row) {
            text.clear();
            if (reader.append(row, text)) codes[row] = m_table.intern(text) + 1;
        });
    }
    m_size = static_cast<std::uint32_t>(m_table.size()) + 1;
}

FieldCodes FieldCodes::of(SegmentScan& scan, std::string_view field, const SelectedRows& selected)
{
    FieldCodes codes;
    const FieldPlace place = findField(scan, field);
    if (place.row == FieldPlace::Row::None && place.parts.empty() && !place.overflow) {
        codes.m_own.count = scan.rows(); // width 0: all absent
        return codes;
    }
    if (!codes.useColumn(scan, place)) codes.useTable(scan, field, selected);
    if (scan.stopped()) {
        codes = FieldCodes();
        codes.m_own.count = scan.rows();
    }
    return codes;
}

bool FieldCodes::append(std::uint32_t code, std::string& out) const
{
    const auto value = [&] {
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(m_column->ints.base) +
                                         m_column->ints.scale * code);
    };
    switch (m_values) {
    case Values::Nothing: return false;
    case Values::Dictionary: {
        const auto index = static_cast<std::uint64_t>(value());
        if (index == 0 || index > m_column->table.size()) return false;
        out += m_column->table.at(index - 1);
        return true;
    }
    case Values::Severity: out += severityName(static_cast<Severity>(value())); return true;
    case Values::Source:
        if (code < m_sources.size()) out += m_sources[code];
        return true;
    case Values::Ints:
        if (m_isBool)
            out += value() != 0 ? "true" : "false";
        else
            out += std::to_string(value());
        return true;
    case Values::Table:
        if (code == 0 || code > m_table.size()) return false;
        out += m_table.text(code - 1);
        return true;
    }
    return false;
}

void countCodes(const PackedInts& codes, const RowSet& set, RowIndex begin, RowIndex end,
                std::uint32_t* counts)
{
    if (codes.width == 0) {
        counts[0] += countRows(set, begin, end);
    } else if (codes.width == 1 && set.isAll() && end - begin >= 1024) {
        countBytes(codes.data.data() + begin, end - begin, counts);
    } else {
        withStored(codes, [&](auto view) {
            forEachRow(set, begin, end, [&](RowIndex row) { ++counts[view[row]]; });
        });
    }
}

} // namespace faultline
