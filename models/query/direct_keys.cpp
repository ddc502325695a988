#include "models/query/direct_keys.h"

#include "models/query/field_reader.h"
#include "models/query/row_kernels.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace faultline {

namespace {

constexpr RowIndex kCheckRows = 8192;

/// Templates without variables, or with few values in all, are better numbered.
bool manyValues(const ColumnData& data)
{
    RowIndex many = 0;
    for (const TextTemplate& text : data.templates) {
        bool wide = false;
        for (const auto& values : text.values) {
            wide = wide || (values.numeric ? values.ints.width > 1
                                           : values.codes.count == 0 || values.codes.width > 1);
        }
        if (wide) many += text.rows;
    }
    return many > data.presence.count() / 2;
}

} // namespace

std::optional<RowIndex> addDirectly(SegmentScan& scan, std::string_view field, const SelectedRows& selected,
                                    std::string_view prefix, KeyCounter::Batch& batch)
{
    const FieldPlace place = findField(scan, field);
    if (place.row != FieldPlace::Row::None || place.overflow || place.parts.size() != 1 ||
        place.parts.front().only) {
        return std::nullopt;
    }
    const ColumnPtr data = scan.column(place.parts.front().column);
    if (!data) return std::nullopt;
    using Form = ColumnData::Form;
    const bool fits = data->form == Form::Heap || data->form == Form::Fixed ||
                      (data->form == Form::Templates && manyValues(*data));
    if (!fits) return std::nullopt;
    RowIndex present = 0;
    std::string key(prefix);
    for (RowIndex begin = selected.begin; begin < selected.end && !scan.stopped(); begin += kCheckRows) {
        const RowIndex end = std::min(selected.end, begin + kCheckRows);
        forEachPresent(data->presence, selected.set, begin, end, [&](RowIndex row, RowIndex dense) {
            key.resize(prefix.size());
            if (data->form == Form::Heap)
                key += data->table.at(dense);
            else
                data->appendText(row, key);
            batch.add(key, 1);
            ++present;
        });
    }
    return present;
}

} // namespace faultline
