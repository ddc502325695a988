#pragma once
#include "models/query/field_rows.h"
#include "models/query/json_members.h"
#include "models/query/value_key.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// Calls key(row, const ValueKey&) or text(row, std::string_view) for each of the rows with its id, ids as
/// FieldReader gives them. A value has always the same one of the two (ValueKey::of()). Rows are ascending
/// within a part of `rows` alone. What was given is of no use when the scan has stopped.
template <class Key, class Text>
void forEachId(SegmentScan& scan, std::string_view field, const FieldRows& rows, Key&& key, Text&& text)
{
    std::string made;
    const auto give = [&](RowIndex row, std::string_view value) {
        if (const auto known = ValueKey::of(value))
            key(row, *known);
        else
            text(row, value);
    };
    const bool byReader = rows.row != FieldPlace::Row::None ||
                          std::any_of(rows.parts.begin(), rows.parts.end(),
                                      [](const auto& part) { return part.kind == ValueKind::Time; });
    if (byReader) {
        const FieldReader reader(scan, field);
        for (const FieldRows::Part& part : rows.parts)
            forEachDense(scan, part, [&](RowIndex row, RowIndex) {
                made.clear();
                if (reader.append(row, made)) give(row, made);
            });
    }
    for (const FieldRows::Part& part : rows.parts) {
        if (byReader) break;
        const ColumnData& data = *part.data;
        if (data.form == ColumnData::Form::Fixed && data.fixedBytes == 16 && !data.upper) {
            forEachDense(scan, part, [&](RowIndex row, RowIndex dense) {
                key(row, ValueKey::ofBytes16(data.fixed.data() + std::size_t{dense} * 16, data.uuid));
            });
        } else if (data.form == ColumnData::Form::Fixed && data.fixedBytes == 8 && !data.upper &&
                   !data.uuid) {
            forEachDense(scan, part, [&](RowIndex row, RowIndex dense) {
                key(row, ValueKey::ofHex8(data.fixed.data() + std::size_t{dense} * 8));
            });
        } else if (data.form == ColumnData::Form::Dictionary) {
            std::vector<std::optional<ValueKey>> keys(data.table.size());
            for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = ValueKey::of(data.table.at(i));
            forEachDense(scan, part, [&](RowIndex row, RowIndex) {
                const auto code = static_cast<std::uint64_t>(data.ints.at(row));
                if (code == 0 || code > keys.size()) return;
                if (keys[code - 1])
                    key(row, *keys[code - 1]);
                else
                    text(row, data.table.at(code - 1));
            });
        } else if (part.kind == ValueKind::Null) {
            forEachDense(scan, part, [&](RowIndex row, RowIndex) { give(row, "null"); });
        } else {
            forEachDense(scan, part, [&](RowIndex row, RowIndex) {
                made.clear();
                if (data.appendText(row, made)) give(row, made);
            });
        }
    }
    if (!rows.overflowData) return;
    JsonMember member;
    forEachRow(rows.overflow, [&](RowIndex row) {
        if (scan.stopped()) return;
        made.clear();
        if (rows.overflowData->appendText(row, made) && findMember(made, field, member))
            give(row, member.text);
    });
}

} // namespace faultline
