#include "models/query/field_reader.h"

#include "models/query/json_members.h"
#include "models/query/row_kernels.h"
#include "models/records/severity.h"
#include "models/records/time_text.h"
#include "models/store/text_parts.h"

#include <algorithm>
#include <array>

namespace faultline {

namespace {

constexpr std::array<std::string_view, kCanonicalCount> kCanonicalNames{"message", "service",  "host",
                                                                        "logger",  "trace_id", "span_id"};

std::shared_ptr<const RowSet> noRows(SegmentScan& scan)
{
    return std::make_shared<const RowSet>(RowSet::none(scan.rows()));
}

bool mayHave(const Shape& shape, ColumnIndex column)
{
    if (shape.raw && shape.derived.empty()) return true;
    const auto inSlot = [column](const Shape::Slot& slot) { return slot.column == column; };
    return std::any_of(shape.slots.begin(), shape.slots.end(), inSlot) ||
           std::find(shape.derived.begin(), shape.derived.end(), column) != shape.derived.end();
}

void addCanonical(SegmentScan& scan, Canonical field, FieldPlace& place)
{
    const auto& shapes = scan.info().shapes;
    const auto index = static_cast<std::size_t>(field);
    std::vector<ColumnIndex> columns;
    for (const Shape& shape : shapes) {
        const ColumnIndex column = shape.canonical[index];
        if (column == kNoColumn || column >= scan.info().columns.size()) continue;
        if (std::find(columns.begin(), columns.end(), column) == columns.end()) columns.push_back(column);
    }
    for (const ColumnIndex column : columns) {
        std::vector<bool> marked(shapes.size());
        bool everywhere = true;
        for (std::size_t i = 0; i < shapes.size(); ++i) {
            marked[i] = shapes[i].canonical[index] == column;
            if (!marked[i] && mayHave(shapes[i], column)) everywhere = false;
        }
        FieldPlace::Part part{column, nullptr};
        if (!everywhere) part.only = std::make_shared<const RowSet>(scan.rowsOfShapes(marked));
        place.parts.push_back(std::move(part));
    }
}

} // namespace

Canonical canonicalOf(std::string_view name)
{
    const auto found = std::find(kCanonicalNames.begin(), kCanonicalNames.end(), name);
    return static_cast<Canonical>(found - kCanonicalNames.begin());
}

std::string_view canonicalName(Canonical field)
{
    return kCanonicalNames[static_cast<std::size_t>(field)];
}

FieldPlace findField(SegmentScan& scan, std::string_view name)
{
    FieldPlace place;
    if (name == "severity") place.row = FieldPlace::Row::OfSeverity;
    if (name == "timestamp") place.row = FieldPlace::Row::OfTime;
    if (name == "source") place.row = FieldPlace::Row::OfSource;
    // A field that has the canonical name by accident counts in events without the canonical one.
    std::shared_ptr<const RowSet> others;
    if (const Canonical field = canonicalOf(name); field != Canonical::Count) {
        addCanonical(scan, field, place);
        if (!place.parts.empty()) {
            std::vector<bool> marked;
            for (const Shape& shape : scan.info().shapes) {
                marked.push_back(shape.canonical[static_cast<std::size_t>(field)] == kNoColumn);
            }
            if (std::find(marked.begin(), marked.end(), true) == marked.end())
                others = noRows(scan);
            else
                others = std::make_shared<const RowSet>(scan.rowsOfShapes(marked));
        }
    }
    for (const ColumnIndex column : scan.info().columnsOf(name)) {
        if (column < RowColumnCount || scan.info().columns[column].present == 0) continue;
        const auto known = std::find_if(place.parts.begin(), place.parts.end(),
                                        [column](const auto& part) { return part.column == column; });
        if (known == place.parts.end() || known->only) {
            if (!others || !others->isNone()) place.parts.push_back({column, others});
        }
    }
    place.overflow = scan.info().columns[OverflowColumn].present > 0;
    return place;
}

RowSet presentIn(SegmentScan& scan, ColumnIndex index)
{
    const ColumnInfo& info = scan.info().columns[index];
    if (info.present == scan.rows()) return RowSet::all(scan.rows());
    const bool textual =
        info.kind == ValueKind::Text || info.kind == ValueKind::Number || info.kind == ValueKind::Json;
    if (textual) {
        const auto parts = scan.texts(index);
        return parts ? presentRows(parts->data().presence) : RowSet::none(scan.rows());
    }
    const ColumnPtr column = scan.column(index);
    return column ? presentRows(column->presence) : RowSet::none(scan.rows());
}

ColumnReader::ColumnReader(SegmentScan& scan, ColumnIndex column)
    : m_kind(scan.info().columns[column].kind), m_data(scan.column(column))
{
    if (m_kind != ValueKind::Time) return;
    m_times = scan.column(TimeColumn);
    m_shapes = scan.column(ShapeColumn);
    for (const Shape& shape : scan.info().shapes) {
        TimeLayout layout;
        for (const auto& slot : shape.slots) {
            if (slot.column == column && slot.style == SlotStyle::Time) layout = slot.layout;
        }
        m_layouts.push_back(layout);
    }
}

bool ColumnReader::append(RowIndex row, std::string& out) const
{
    if (!has(row)) return false;
    if (m_kind != ValueKind::Time) return m_data->appendText(row, out);
    if (!m_times || !m_shapes) return false;
    const auto shape = static_cast<std::size_t>(m_shapes->ints.at(row));
    if (shape >= m_layouts.size() || m_layouts[shape].form == TimeLayout::Form::None) {
        out += formatRfc3339(m_times->ints.at(row));
    } else {
        formatTime(m_times->ints.at(row), m_layouts[shape], out);
    }
    return true;
}

FieldReader::FieldReader(SegmentScan& scan, std::string_view name)
    : m_scan(scan), m_name(name), m_place(findField(scan, name))
{
    switch (m_place.row) {
    case FieldPlace::Row::None: break;
    case FieldPlace::Row::OfSeverity: m_row = scan.column(SeverityColumn); return;
    case FieldPlace::Row::OfTime: m_row = scan.column(TimeColumn); return;
    case FieldPlace::Row::OfSource: m_row = scan.column(SourceColumn); return;
    }
    m_readers.reserve(m_place.parts.size());
    for (const auto& part : m_place.parts) m_readers.emplace_back(scan, part.column);
    if (m_place.overflow) m_overflow = scan.column(OverflowColumn);
}

bool FieldReader::append(RowIndex row, std::string& out) const
{
    if (m_place.row != FieldPlace::Row::None) {
        if (!m_row) return false;
        if (m_place.row == FieldPlace::Row::OfTime && m_scan.timeMissing().has(row)) return false;
        const std::int64_t value = m_row->ints.at(row);
        if (m_place.row == FieldPlace::Row::OfSeverity) {
            out += severityName(static_cast<Severity>(value));
        } else if (m_place.row == FieldPlace::Row::OfTime) {
            out += formatRfc3339(value);
        } else {
            out += m_scan.sourceName(SourceId{static_cast<std::uint32_t>(value)});
        }
        return true;
    }
    for (std::size_t i = 0; i < m_readers.size(); ++i) {
        if (m_place.parts[i].only && !m_place.parts[i].only->has(row)) continue;
        if (m_readers[i].append(row, out)) return true;
    }
    if (!m_overflow || !m_overflow->presence.has(row)) return false;
    std::string object;
    JsonMember member;
    if (!m_overflow->appendText(row, object) || !findMember(object, m_name, member)) return false;
    out += member.text;
    return true;
}

} // namespace faultline
