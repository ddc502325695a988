#include "models/query/field_codes.h"

#include "models/query/flat_numbers.h"
#include "models/query/packed_view.h"
#include "models/records/severity.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace faultline {

namespace {

constexpr RowIndex kCheckRows = 8192; // between looks at the stop token

std::uint32_t codesOfWidth(std::uint8_t width)
{
    if (width == 0) return 1;
    return width == 1 ? 256 : 65'536;
}

/// Counts codes of one byte. Four tables, so that runs of equal codes do not wait for each other's store.
class ByteCounts
{
public:
    void addAll(const std::uint8_t* codes, std::size_t count)
    {
        std::size_t i = 0;
        for (; i + 8 <= count; i += 8) {
            std::uint64_t eight = 0;
            std::memcpy(&eight, codes + i, 8);
            ++m_tables[0][eight & 0xff];
            ++m_tables[1][eight >> 8 & 0xff];
            ++m_tables[2][eight >> 16 & 0xff];
            ++m_tables[3][eight >> 24 & 0xff];
            ++m_tables[0][eight >> 32 & 0xff];
            ++m_tables[1][eight >> 40 & 0xff];
            ++m_tables[2][eight >> 48 & 0xff];
            ++m_tables[3][eight >> 56];
        }
        for (; i < count; ++i) ++m_tables[0][codes[i]];
    }
    /// Those of the 64 from `codes` whose bit is set.
    void addBits(const std::uint8_t* codes, std::uint64_t bits)
    {
        if (bits == ~std::uint64_t{0}) return addAll(codes, 64);
        for (std::size_t table = 0; bits != 0; bits &= bits - 1)
            ++m_tables[table++ & 3][codes[std::countr_zero(bits)]];
    }
    void give(std::uint32_t* counts) const
    {
        for (std::size_t c = 0; c < 256; ++c)
            counts[c] += m_tables[0][c] + m_tables[1][c] + m_tables[2][c] + m_tables[3][c];
    }

private:
    std::array<std::array<std::uint32_t, 256>, 4> m_tables{};
};

/// Rows of `set` in [begin, end), for codes of one byte.
void countBytes(const std::uint8_t* codes, const RowSet& set, RowIndex begin, RowIndex end,
                std::uint32_t* counts)
{
    ByteCounts bytes;
    if (set.isAll()) {
        bytes.addAll(codes + begin, end - begin);
    } else {
        for (std::size_t i = begin / 64; i <= (end - 1) / 64; ++i) {
            std::uint64_t word = set.word(i);
            if (i == begin / 64) word &= ~std::uint64_t{0} << (begin % 64);
            if (i == (end - 1) / 64) word &= ~std::uint64_t{0} >> (63 - (end - 1) % 64);
            bytes.addBits(codes + i * 64, word);
        }
    }
    bytes.give(counts);
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
        m_values = severity ? Values::Severities : Values::Source;
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
    m_own.width = 4;
    m_own.count = scan.rows();
    m_own.data.assign(std::size_t{scan.rows()} * 4, 0);
    const FieldRows rows = findRows(scan, field, selected);
    TextTable seen;
    if (rows.row != FieldPlace::Row::None || rows.overflowData) {
        numberTexts(scan, field, selected, seen);
    } else {
        for (const FieldRows::Part& part : rows.parts) {
            if (scan.stopped()) break;
            if (part.kind == ValueKind::Time)
                numberTimes(scan, part, seen);
            else if (part.data->form == ColumnData::Form::Templates)
                numberTemplates(scan, part, seen);
            else
                numberPart(scan, part, seen);
        }
    }
    m_size = static_cast<std::uint32_t>(m_texts.size()) + 1;
}

std::uint32_t FieldCodes::codeOf(std::string_view text, TextTable& seen)
{
    auto& entry = seen.entry(seen.intern(text));
    if (entry.count == 0) entry.count = newCode(text);
    return static_cast<std::uint32_t>(entry.count);
}

void FieldCodes::numberTexts(SegmentScan& scan, std::string_view field, const SelectedRows& selected,
                             TextTable& seen)
{
    const FieldReader reader(scan, field);
    std::uint32_t* const codes = ownCodes();
    std::string text;
    for (RowIndex begin = selected.begin; begin < selected.end && !scan.stopped(); begin += kCheckRows) {
        forEachRow(selected.set, begin, std::min(selected.end, begin + kCheckRows), [&](RowIndex row) {
            text.clear();
            if (reader.append(row, text)) codes[row] = codeOf(text, seen);
        });
    }
}

void FieldCodes::numberTimes(SegmentScan& scan, const FieldRows::Part& part, TextTable& seen)
{
    const ColumnReader reader(scan, part.column);
    if (scan.stopped()) return;
    std::uint32_t* const codes = ownCodes();
    std::string text;
    forEachDense(scan, part, [&](RowIndex row, RowIndex) {
        text.clear();
        if (reader.append(row, text)) codes[row] = codeOf(text, seen);
    });
}

/// Numbers and the codes of dictionaries become a text once each.
void FieldCodes::numberPart(SegmentScan& scan, const FieldRows::Part& part, TextTable& seen)
{
    const ColumnData& data = *part.data;
    std::uint32_t* const codes = ownCodes();
    std::string text;
    const auto make = [&](RowIndex row) -> std::uint32_t {
        text.clear();
        return data.appendText(row, text) ? codeOf(text, seen) : 0;
    };
    const bool everyRow = data.form == ColumnData::Form::Dictionary;
    const bool numbers = data.form == ColumnData::Form::Ints ||
                         (data.form == ColumnData::Form::Decimals && data.scales.width == 0);
    if (data.form == ColumnData::Form::Heap) {
        forEachDense(scan, part,
                     [&](RowIndex row, RowIndex dense) { codes[row] = codeOf(data.table.at(dense), seen); });
    } else if ((everyRow || numbers) && data.ints.width <= 2 && worthCounting(part)) {
        std::vector<std::uint32_t> known(codesOfWidth(data.ints.width), 0);
        withStored(data.ints, [&](auto view) {
            forEachDense(scan, part, [&](RowIndex row, RowIndex dense) {
                std::uint32_t& code = known[view[everyRow ? row : dense]];
                if (code == 0) code = make(row);
                codes[row] = code;
            });
        });
    } else {
        forEachDense(scan, part, [&](RowIndex row, RowIndex) { codes[row] = make(row); });
    }
}

/// Texts are built once a distinct value: rows of one template differ in their variables alone, and with one
/// variable (ids with a prefix) its number or code is enough.
void FieldCodes::numberTemplates(SegmentScan& scan, const FieldRows::Part& part, TextTable& seen)
{
    const ColumnData& data = *part.data;
    struct Numbering
    {
        enum class Way : std::uint8_t { Constant, Narrow, Number, Code, Text } way = Way::Text;
        const TextTemplate* text = nullptr;
        const TextTemplate::Values* values = nullptr;
        std::vector<std::uint32_t> direct; ///< Constant, Narrow, Code
        FlatNumbers wide;                  ///< Number
    };
    std::vector<Numbering> all(data.templates.size() + 1);
    for (std::size_t t = 0; t < data.templates.size(); ++t) {
        Numbering& numbering = all[t + 1];
        numbering.text = &data.templates[t];
        const auto& variables = numbering.text->values;
        if (variables.empty()) {
            numbering.way = Numbering::Way::Constant;
            numbering.direct.assign(1, 0);
        } else if (variables.size() == 1) {
            const auto& values = *(numbering.values = variables.data());
            if (!values.numeric) {
                if (values.codes.count == 0) continue;
                numbering.way = Numbering::Way::Code;
                numbering.direct.assign(values.texts.size(), 0);
            } else if (values.ints.width <= 2 &&
                       codesOfWidth(values.ints.width) <= 4 * std::size_t{numbering.text->rows}) {
                numbering.way = Numbering::Way::Narrow;
                numbering.direct.assign(codesOfWidth(values.ints.width), 0);
            } else {
                numbering.way = Numbering::Way::Number;
                numbering.wide.reserve(numbering.text->rows);
            }
        }
    }
    std::uint32_t* const codes = ownCodes();
    std::string text;
    const auto number = [&](RowIndex row, RowIndex) {
        const auto code = static_cast<std::size_t>(data.ints.at(row));
        if (code == 0 || code >= all.size()) return;
        Numbering& numbering = all[code];
        const auto nth = static_cast<std::size_t>(data.nth.at(row));
        const auto make = [&] {
            text.clear();
            data.appendText(row, text);
            return codeOf(text, seen);
        };
        std::uint32_t* known = nullptr;
        switch (numbering.way) {
        case Numbering::Way::Constant: known = numbering.direct.data(); break;
        case Numbering::Way::Narrow: known = &numbering.direct[numbering.values->ints.stored(nth)]; break;
        case Numbering::Way::Code:
            known = &numbering.direct[static_cast<std::size_t>(numbering.values->codes.at(nth))];
            break;
        case Numbering::Way::Number: known = &numbering.wide[numbering.values->ints.stored(nth)]; break;
        case Numbering::Way::Text: codes[row] = make(); return;
        }
        if (*known == 0) *known = make();
        codes[row] = *known;
    };
    forEachDense(scan, part, number);
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
    case Values::Severities: out += severityName(static_cast<Severity>(value())); return true;
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
        if (code == 0 || code > m_texts.size()) return false;
        out += m_texts.at(code - 1);
        return true;
    }
    return false;
}

void countCodes(const PackedInts& codes, const RowSet& set, RowIndex begin, RowIndex end,
                std::uint32_t* counts)
{
    if (codes.width == 0) {
        counts[0] += countRows(set, begin, end);
    } else if (codes.width == 1 && begin + 1024 <= end) {
        countBytes(codes.data.data(), set, begin, end, counts);
    } else {
        withStored(codes, [&](auto view) {
            forEachRow(set, begin, end, [&](RowIndex row) { ++counts[view[row]]; });
        });
    }
}

} // namespace faultline
