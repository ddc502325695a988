#include "models/query/field_rows.h"

#include "models/query/field_codes.h"
#include "models/query/packed_view.h"
#include "models/query/row_kernels.h"

namespace faultline {

namespace {

/// Codes that fewer rows have than the segment: a damaged column that slipped through.
bool tooShort(const ColumnData& data, RowIndex rows)
{
    const bool everyRow =
        data.form == ColumnData::Form::Dictionary || data.form == ColumnData::Form::Templates;
    return everyRow && data.ints.count < rows;
}

} // namespace

FieldRows findRows(SegmentScan& scan, std::string_view field, const SelectedRows& selected, bool withOverflow)
{
    FieldRows found;
    const FieldPlace place = findField(scan, field);
    found.row = place.row;
    RowSet left = selected.set;
    left.keepRange(selected.begin, selected.end);
    const auto add = [&](ColumnIndex column, RowSet rows) {
        FieldRows::Part part{column, scan.info().columns[column].kind, scan.column(column), std::move(rows),
                             0};
        if (!part.data || tooShort(*part.data, scan.rows())) return;
        if (!part.data->presence.isAll()) part.rows &= presentRows(part.data->presence);
        part.count = part.rows.count();
        if (part.count == 0) return;
        left.subtract(part.rows);
        found.parts.push_back(std::move(part));
    };
    switch (place.row) {
    case FieldPlace::Row::None: break;
    case FieldPlace::Row::OfSeverity: add(SeverityColumn, left); return found;
    case FieldPlace::Row::OfSource: add(SourceColumn, left); return found;
    case FieldPlace::Row::OfTime:
        left.subtract(scan.timeMissing());
        add(TimeColumn, left);
        return found;
    }
    for (const auto& part : place.parts) {
        if (left.isNone() || scan.stopped()) break;
        RowSet rows = left;
        if (part.only) rows &= *part.only;
        if (!rows.isNone()) add(part.column, std::move(rows));
    }
    if (!withOverflow || !place.overflow || left.isNone()) return found;
    found.overflowData = scan.column(OverflowColumn);
    if (!found.overflowData) return found;
    left &= presentRows(found.overflowData->presence);
    if (left.isNone()) found.overflowData = nullptr;
    found.overflow = std::move(left);
    return found;
}

std::vector<std::uint32_t> countStored(SegmentScan& scan, const FieldRows::Part& part)
{
    const PackedInts& ints = part.data->ints;
    std::vector<std::uint32_t> counts(ints.width == 0 ? 1 : ints.width == 1 ? 256 : 65'536, 0);
    const bool everyRow =
        part.data->form == ColumnData::Form::Dictionary || part.data->form == ColumnData::Form::Templates;
    if (ints.width == 0) {
        counts[0] = part.count;
    } else if (everyRow || part.data->presence.isAll()) {
        countCodes(ints, part.rows, 0, scan.rows(), counts.data());
    } else if (part.whole()) {
        countCodes(ints, RowSet::all(part.count), 0, part.count, counts.data());
    } else {
        withStored(ints, [&](auto view) {
            forEachDense(scan, part, [&](RowIndex, RowIndex dense) { ++counts[view[dense]]; });
        });
    }
    return counts;
}

} // namespace faultline
