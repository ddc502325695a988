#include "models/query/field_codes.h"

#include "models/query/packed_view.h"
#include "models/query/row_kernels.h"
#include "models/query/text_table.h"
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

/// Numbers to codes, open addressing; a code of 0 is a free place. Room is given once.
class FlatNumbers
{
public:
    void reserve(std::size_t most)
    {
        m_shift = 64 - static_cast<unsigned>(std::bit_width(std::max<std::size_t>(most, 8) * 2 - 1));
        m_places.assign(std::size_t{1} << (64 - m_shift), {});
    }
    /// At most as many different numbers as reserved.
    std::uint32_t& operator[](std::uint64_t number)
    {
        std::size_t at = static_cast<std::size_t>((number * 0x9e3779b97f4a7c15u) >> m_shift);
        while (m_places[at].code != 0 && m_places[at].number != number) at = (at + 1) & (m_places.size() - 1);
        m_places[at].number = number;
        return m_places[at].code;
    }

private:
    struct Place
    {
        std::uint64_t number = 0;
        std::uint32_t code = 0;
    };
    unsigned m_shift = 0;
    std::vector<Place> m_places;
};

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
    const auto& place = reader.place();
    const bool single = place.row == FieldPlace::Row::None && place.parts.size() == 1 && !place.overflow &&
                        !place.parts.front().only;
    const ColumnPtr data = single ? reader.reader(0).data() : nullptr;
    if (data && data->form == ColumnData::Form::Heap) {
        numberHeap(scan, *data, selected);
    } else if (data && data->form == ColumnData::Form::Templates) {
        numberTemplates(scan, *data, selected);
    } else if (!numberDictionaries(scan, reader, selected)) {
        std::uint32_t* const codes = ownCodes();
        TextTable seen;
        std::string text;
        for (RowIndex begin = selected.begin; begin < selected.end && !scan.stopped(); begin += kCheckRows) {
            forEachRow(selected.set, begin, std::min(selected.end, begin + kCheckRows), [&](RowIndex row) {
                text.clear();
                if (!reader.append(row, text)) return;
                auto& entry = seen.entry(seen.intern(text));
                if (entry.count == 0) entry.count = newCode(text);
                codes[row] = static_cast<std::uint32_t>(entry.count);
            });
        }
    }
    m_size = static_cast<std::uint32_t>(m_texts.size()) + 1;
}

/// A field that stands in several columns (loggers that name their service each in their own way): each
/// dictionary's codes are numbered once, and each row is touched once. False when a column is no dictionary.
bool FieldCodes::numberDictionaries(SegmentScan& scan, const FieldReader& reader,
                                    const SelectedRows& selected)
{
    const auto& place = reader.place();
    if (place.row != FieldPlace::Row::None || place.overflow || place.parts.empty()) return false;
    for (std::size_t i = 0; i < place.parts.size(); ++i) {
        const ColumnPtr& data = reader.reader(i).data();
        if (!data || data->form != ColumnData::Form::Dictionary ||
            reader.reader(i).kind() == ValueKind::Time || data->ints.count < scan.rows())
            return false;
    }
    if (selected.begin >= selected.end) return true;
    std::uint32_t* const codes = ownCodes();
    TextTable seen;
    std::vector<std::uint64_t> done((std::size_t{scan.rows()} + 63) / 64, 0);
    for (std::size_t i = 0; i < place.parts.size(); ++i) {
        const ColumnData& data = *reader.reader(i).data();
        const RowSet* const only = place.parts[i].only.get();
        std::vector<std::uint32_t> mine(data.table.size() + 1, 0);
        for (std::size_t word = selected.begin / 64; word <= (selected.end - 1) / 64; ++word) {
            if (word % (kCheckRows / 64) == 0 && scan.stopped()) return true;
            std::uint64_t rows = selected.set.word(word) & ~done[word];
            if (only != nullptr) rows &= only->word(word);
            if (!data.presence.isAll()) rows &= data.presence.bits()[word];
            if (word == selected.begin / 64) rows &= ~std::uint64_t{0} << (selected.begin % 64);
            if (word == (selected.end - 1) / 64) rows &= ~std::uint64_t{0} >> (63 - (selected.end - 1) % 64);
            done[word] |= rows;
            for (; rows != 0; rows &= rows - 1) {
                const auto row =
                    static_cast<RowIndex>(word * 64 + static_cast<std::size_t>(std::countr_zero(rows)));
                const auto code = static_cast<std::size_t>(data.ints.at(row));
                if (code == 0 || code >= mine.size()) continue;
                std::uint32_t& number = mine[code];
                if (number == 0) {
                    const std::string_view text = data.table.at(code - 1);
                    auto& entry = seen.entry(seen.intern(text));
                    if (entry.count == 0) entry.count = newCode(text);
                    number = static_cast<std::uint32_t>(entry.count);
                }
                codes[row] = number;
            }
        }
    }
    return true;
}

void FieldCodes::numberHeap(SegmentScan& scan, const ColumnData& data, const SelectedRows& selected)
{
    std::uint32_t* const codes = ownCodes();
    TextTable seen;
    for (RowIndex begin = selected.begin; begin < selected.end && !scan.stopped(); begin += kCheckRows) {
        const RowIndex end = std::min(selected.end, begin + kCheckRows);
        forEachPresent(data.presence, selected.set, begin, end, [&](RowIndex row, RowIndex dense) {
            const std::string_view text = data.table.at(dense);
            auto& entry = seen.entry(seen.intern(text));
            if (entry.count == 0) entry.count = newCode(text);
            codes[row] = static_cast<std::uint32_t>(entry.count);
        });
    }
}

/// Texts are built once a distinct value: rows of one template differ in their variables alone, and with one
/// variable (ids with a prefix) its number or code is enough.
void FieldCodes::numberTemplates(SegmentScan& scan, const ColumnData& data, const SelectedRows& selected)
{
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
            } else if (values.ints.width <= 2) {
                numbering.way = Numbering::Way::Narrow;
                numbering.direct.assign(codesOfWidth(values.ints.width), 0);
            } else {
                numbering.way = Numbering::Way::Number;
                numbering.wide.reserve(numbering.text->rows);
            }
        }
    }
    std::uint32_t* const codes = ownCodes();
    TextTable seen;
    std::string text;
    const auto number = [&](RowIndex row) {
        const auto code = static_cast<std::size_t>(data.ints.at(row));
        if (code == 0) return;
        Numbering& numbering = all[code];
        const auto nth = static_cast<std::size_t>(data.nth.at(row));
        const auto make = [&] {
            text.clear();
            data.appendText(row, text);
            return newCode(text);
        };
        std::uint32_t* known = nullptr;
        switch (numbering.way) {
        case Numbering::Way::Constant: known = numbering.direct.data(); break;
        case Numbering::Way::Narrow: known = &numbering.direct[numbering.values->ints.stored(nth)]; break;
        case Numbering::Way::Code:
            known = &numbering.direct[static_cast<std::size_t>(numbering.values->codes.at(nth))];
            break;
        case Numbering::Way::Number: known = &numbering.wide[numbering.values->ints.stored(nth)]; break;
        case Numbering::Way::Text: {
            text.clear();
            data.appendText(row, text);
            auto& entry = seen.entry(seen.intern(text));
            if (entry.count == 0) entry.count = newCode(text);
            codes[row] = static_cast<std::uint32_t>(entry.count);
            return;
        }
        }
        if (*known == 0) *known = make();
        codes[row] = *known;
    };
    for (RowIndex begin = selected.begin; begin < selected.end && !scan.stopped(); begin += kCheckRows) {
        forEachRow(selected.set, begin, std::min(selected.end, begin + kCheckRows), number);
    }
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
    } else if (codes.width == 1 && set.isAll() && end - begin >= 1024) {
        countBytes(codes.data.data() + begin, end - begin, counts);
    } else {
        withStored(codes, [&](auto view) {
            forEachRow(set, begin, end, [&](RowIndex row) { ++counts[view[row]]; });
        });
    }
}

} // namespace faultline
