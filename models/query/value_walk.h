#pragma once
#include "models/query/field_rows.h"
#include "models/query/json_members.h"
#include "models/query/packed_view.h"
#include "models/query/value_counts.h"
#include "models/query/value_key.h"
#include "models/records/severity.h"
#include "models/records/time_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>

/// The values of a field in one segment, each form of a column in its own way. `Out` takes them:
/// add(const ValueKey&, count) and add(std::string_view, count); a text may come in either way, and more than
/// once. For countValues() and for what counts otherwise (models/analysis).
namespace faultline::walk {

using Part = FieldRows::Part;

inline std::uint32_t kindBit(ValueKind kind)
{
    return 1u << static_cast<unsigned>(kind);
}

inline std::int64_t valueOf(const PackedInts& ints, std::uint64_t stored)
{
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(ints.base) + ints.scale * stored);
}

/// Gives each stored number that occurs, as its value, with its count.
template <class Body> void forEachStored(SegmentScan& scan, const Part& part, Body&& body)
{
    const auto counts = countStored(scan, part);
    for (std::size_t stored = 0; stored < counts.size(); ++stored) {
        if (counts[stored] != 0) body(valueOf(part.data->ints, stored), counts[stored]);
    }
}

template <class Out> void countDictionary(SegmentScan& scan, const Part& part, Out& out)
{
    const StringTable& table = part.data->table;
    const auto add = [&](std::uint64_t code, std::uint64_t count) {
        if (code != 0 && code <= table.size()) out.add(table.at(code - 1), count);
    };
    if (part.data->ints.width <= 2) {
        forEachStored(scan, part, [&](std::int64_t code, std::uint32_t count) {
            add(static_cast<std::uint64_t>(code), count);
        });
        return;
    }
    std::vector<std::uint32_t> counts(table.size() + 1, 0);
    forEachDense(scan, part, [&](RowIndex row, RowIndex) {
        const auto code = static_cast<std::uint64_t>(part.data->ints.at(row));
        if (code < counts.size()) ++counts[code];
    });
    for (std::size_t code = 1; code < counts.size(); ++code) {
        if (counts[code] != 0) add(code, counts[code]);
    }
}

template <class Out> void addInt(std::int64_t value, std::uint64_t count, Out& out)
{
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    const auto size = static_cast<std::size_t>(end - digits.data());
    if (size < 16)
        out.add(ValueKey::ofShort(digits.data(), size), count);
    else
        out.add(std::string_view(digits.data(), size), count);
}

template <class Out> void countInts(SegmentScan& scan, const Part& part, Out& out)
{
    if (part.kind == ValueKind::Bool) {
        std::array<std::uint64_t, 2> counts{};
        if (part.data->ints.width <= 1) {
            forEachStored(scan, part, [&](std::int64_t value, std::uint32_t count) {
                counts[value != 0 ? 1 : 0] += count;
            });
        } else {
            forEachDense(scan, part,
                         [&](RowIndex, RowIndex dense) { ++counts[part.data->ints.at(dense) != 0 ? 1 : 0]; });
        }
        if (counts[0] != 0) out.add(std::string_view("false"), counts[0]);
        if (counts[1] != 0) out.add(std::string_view("true"), counts[1]);
        return;
    }
    if (worthCounting(part)) {
        forEachStored(scan, part,
                      [&](std::int64_t value, std::uint32_t count) { addInt(value, count, out); });
        return;
    }
    const PackedInts& ints = part.data->ints;
    withStored(ints, [&](auto view) {
        forEachDense(scan, part,
                     [&](RowIndex, RowIndex dense) { addInt(valueOf(ints, view[dense]), 1, out); });
    });
}

/// Row by row, as text.
template <class Out> void countTexts(SegmentScan& scan, const Part& part, Out& out)
{
    std::string text;
    forEachDense(scan, part, [&](RowIndex row, RowIndex) {
        text.clear();
        if (part.data->appendText(row, text)) out.add(std::string_view(text), 1);
    });
}

/// Few different numbers of one scale are counted as such; a row that has one gives its text.
template <class Out> void countDecimals(SegmentScan& scan, const Part& part, Out& out)
{
    if (part.data->scales.width != 0 || !worthCounting(part)) return countTexts(scan, part, out);
    const auto counts = countStored(scan, part);
    std::vector<bool> given(counts.size(), false);
    std::string text;
    withStored(part.data->ints, [&](auto view) {
        forEachDense(scan, part, [&](RowIndex row, RowIndex dense) {
            const std::size_t stored = view[dense];
            if (given[stored]) return;
            given[stored] = true;
            text.clear();
            if (part.data->appendText(row, text)) out.add(std::string_view(text), counts[stored]);
        });
    });
}

template <class Out> void countFixed(SegmentScan& scan, const Part& part, Out& out)
{
    const ColumnData& data = *part.data;
    const std::uint8_t* const bytes = data.fixed.data();
    if (data.fixedBytes == 16 && !data.upper) {
        forEachDense(scan, part, [&](RowIndex, RowIndex dense) {
            out.add(ValueKey::ofBytes16(bytes + std::size_t{dense} * 16, data.uuid));
        });
    } else if (data.fixedBytes == 8 && !data.upper && !data.uuid) {
        forEachDense(scan, part, [&](RowIndex, RowIndex dense) {
            out.add(ValueKey::ofHex8(bytes + std::size_t{dense} * 8));
        });
    } else {
        countTexts(scan, part, out);
    }
}

template <class Out> void countHeap(SegmentScan& scan, const Part& part, Out& out)
{
    forEachDense(scan, part, [&](RowIndex, RowIndex dense) { out.add(part.data->table.at(dense), 1); });
}

/// The values of one template: without variables it is one text; one variable of few values makes as many;
/// else each row is a text of its own.
class TemplateCount
{
public:
    explicit TemplateCount(const TextTemplate& text)
    {
        if (text.values.empty()) {
            m_counts.assign(1, {});
        } else if (text.values.size() == 1) {
            const auto& values = text.values.front();
            const PackedInts& numbers = values.numeric ? values.ints : values.codes;
            if ((values.numeric || values.codes.count > 0) && numbers.width <= 1) {
                m_numbers = &numbers;
                m_counts.assign(numbers.width == 0 ? 1 : 256, {});
            }
        }
    }
    bool counts() const { return !m_counts.empty(); }
    void add(RowIndex row, std::size_t nth)
    {
        Count& count = m_counts[m_numbers != nullptr ? m_numbers->stored(nth) : 0];
        if (count.count++ == 0) count.row = row;
    }
    template <class Out> void give(const ColumnData& data, Out& out) const
    {
        std::string text;
        for (const Count& count : m_counts) {
            if (count.count == 0) continue;
            text.clear();
            if (data.appendText(count.row, text)) out.add(std::string_view(text), count.count);
        }
    }

private:
    struct Count
    {
        std::uint32_t count = 0;
        RowIndex row = 0; ///< one that has it
    };
    std::vector<Count> m_counts;
    const PackedInts* m_numbers = nullptr;
};

template <class Out> void countTemplates(SegmentScan& scan, const Part& part, Out& out)
{
    const ColumnData& data = *part.data;
    std::vector<TemplateCount> templates;
    templates.reserve(data.templates.size());
    for (const TextTemplate& text : data.templates) templates.emplace_back(text);
    std::string text;
    forEachDense(scan, part, [&](RowIndex row, RowIndex) {
        const auto code = static_cast<std::uint64_t>(data.ints.at(row));
        if (code == 0 || code > templates.size()) return;
        TemplateCount& known = templates[code - 1];
        if (known.counts()) return known.add(row, static_cast<std::size_t>(data.nth.at(row)));
        text.clear();
        if (data.appendText(row, text)) out.add(std::string_view(text), 1);
    });
    for (const TemplateCount& known : templates) known.give(data, out);
}

/// Texts that equal the one before are counted and not made again: rows are in order of time, and often have
/// the same one.
template <class Out> class Runs
{
public:
    explicit Runs(Out& out) : m_out(out) {}
    ~Runs() { give(); }
    Runs(const Runs&) = delete;
    Runs& operator=(const Runs&) = delete;
    /// `a` and `b` decide the text; make(text) gives false when there is none.
    template <class Make> void add(std::int64_t a, std::int64_t b, Make&& make)
    {
        if (m_count > 0 && a == m_a && b == m_b) {
            ++m_count;
            return;
        }
        give();
        m_text.clear();
        m_a = a;
        m_b = b;
        m_count = make(m_text) ? 1 : 0;
    }

private:
    void give()
    {
        if (m_count > 0) m_out.add(std::string_view(m_text), m_count);
        m_count = 0;
    }
    Out& m_out;
    std::int64_t m_a = 0, m_b = 0;
    std::uint64_t m_count = 0;
    std::string m_text;
};

template <class Out> void countTimes(SegmentScan& scan, const Part& part, Out& out)
{
    const ColumnReader reader(scan, part.column);
    const ColumnPtr times = scan.column(TimeColumn), shapes = scan.column(ShapeColumn);
    if (!times || !shapes || times->ints.count < scan.rows() || shapes->ints.count < scan.rows()) return;
    Runs<Out> runs(out);
    forEachDense(scan, part, [&](RowIndex row, RowIndex) {
        runs.add(times->ints.at(row), shapes->ints.at(row),
                 [&](std::string& text) { return reader.append(row, text); });
    });
}

template <class Out> void countPart(SegmentScan& scan, const Part& part, Out& out)
{
    if (part.kind == ValueKind::Time) return countTimes(scan, part, out);
    switch (part.data->form) {
    case ColumnData::Form::Absent: // of kind Null: presence is all there is
        if (part.kind == ValueKind::Null) out.add(std::string_view("null"), part.count);
        return;
    case ColumnData::Form::Ints: return countInts(scan, part, out);
    case ColumnData::Form::Decimals: return countDecimals(scan, part, out);
    case ColumnData::Form::Dictionary: return countDictionary(scan, part, out);
    case ColumnData::Form::Heap: return countHeap(scan, part, out);
    case ColumnData::Form::Fixed: return countFixed(scan, part, out);
    case ColumnData::Form::Templates: return countTemplates(scan, part, out);
    }
}

/// Severity, source and time of the row itself.
template <class Out> ValueCount countRowColumn(SegmentScan& scan, const FieldRows& rows, Out& out)
{
    const Part& part = rows.parts.front();
    const bool isTime = rows.row == FieldPlace::Row::OfTime;
    if (isTime) {
        Runs<Out> runs(out);
        forEachDense(scan, part, [&](RowIndex, RowIndex dense) {
            const TimeNs time = part.data->ints.at(dense);
            runs.add(time, 0, [time](std::string& text) {
                text = formatRfc3339(time);
                return true;
            });
        });
        return {part.count, kindBit(ValueKind::Time)};
    }
    const auto add = [&](std::int64_t value, std::uint64_t count) {
        if (rows.row == FieldPlace::Row::OfSeverity)
            out.add(severityName(static_cast<Severity>(value)), count);
        else
            out.add(std::string_view(scan.sourceName(SourceId{static_cast<std::uint32_t>(value)})), count);
    };
    if (worthCounting(part)) {
        forEachStored(scan, part, add);
    } else {
        forEachDense(scan, part, [&](RowIndex, RowIndex dense) { add(part.data->ints.at(dense), 1); });
    }
    return {part.count, kindBit(ValueKind::Text)};
}

/// All values of the rows. What was given is of no use when the scan has stopped.
template <class Out>
ValueCount walkValues(SegmentScan& scan, std::string_view field, const FieldRows& rows, Out& out)
{
    ValueCount found;
    if (rows.row != FieldPlace::Row::None) {
        if (!rows.parts.empty()) found = countRowColumn(scan, rows, out);
        return found;
    }
    for (const Part& part : rows.parts) {
        if (scan.stopped()) return found;
        countPart(scan, part, out);
        found.present += part.count;
        found.kinds |= kindBit(part.kind);
    }
    if (!rows.overflowData) return found;
    std::string object;
    JsonMember member;
    forEachRow(rows.overflow, [&](RowIndex row) {
        if (scan.stopped()) return;
        object.clear();
        if (!rows.overflowData->appendText(row, object) || !findMember(object, field, member)) return;
        out.add(std::string_view(member.text), 1);
        ++found.present;
        found.kinds |= kindBit(member.kind);
    });
    return found;
}

} // namespace faultline::walk
