#include "models/analysis/field_plan.h"

#include "models/query/field_reader.h"

#include <algorithm>
#include <map>
#include <set>

namespace faultline {

namespace {

constexpr std::uint8_t kCanonical = 1, kPlain = 2;

/// Which columns are a canonical field, or what severity is read from, in all of their events, or in some.
std::vector<std::uint8_t> usesOf(const SegmentInfo& info)
{
    std::vector<std::uint8_t> uses(info.columns.size(), 0);
    const auto note = [&](const Shape& shape, ColumnIndex column) {
        if (column >= uses.size()) return;
        const bool canonical =
            column == shape.severityColumn ||
            std::find(shape.canonical.begin(), shape.canonical.end(), column) != shape.canonical.end();
        uses[column] |= canonical ? kCanonical : kPlain;
    };
    for (const Shape& shape : info.shapes) {
        for (const Shape::Slot& slot : shape.slots) note(shape, slot.column);
        for (const ColumnIndex column : shape.derived) note(shape, column);
        // Of a raw row that names no columns nothing is known.
        if (shape.raw && shape.derived.empty())
            for (auto& use : uses) use |= kPlain;
    }
    return uses;
}

} // namespace

std::vector<PlannedField> planFields(const CompareRows& rows)
{
    std::map<std::string, PlannedField, std::less<>> fields;
    std::set<std::string, std::less<>> plain; // worth a look under their own name somewhere
    const auto& segments = rows.segments();
    for (std::uint32_t s = 0; s < segments.size(); ++s) {
        const SegmentInfo& info = *segments[s].entry->info;
        const auto note = [&](std::string_view name, std::uint64_t cost) {
            auto found = fields.find(name);
            if (found == fields.end()) {
                found = fields.emplace(std::string(name), PlannedField()).first;
                found->second.name = name;
            }
            auto& list = found->second.segments;
            if (list.empty() || list.back() != s) list.push_back(s);
            found->second.cost += cost;
        };
        const auto uses = usesOf(info);
        for (std::size_t c = RowColumnCount; c < info.columns.size(); ++c) {
            const ColumnInfo& column = info.columns[c];
            if (column.present == 0) continue;
            note(column.path, column.present + 4 * column.storedBytes);
            if (column.kind != ValueKind::Time && uses[c] != kCanonical) plain.insert(column.path);
        }
        for (std::size_t c = 0; c < kCanonicalCount; ++c) {
            const auto field = static_cast<Canonical>(c);
            if (field == Canonical::Message) continue;
            const bool any = std::any_of(info.shapes.begin(), info.shapes.end(), [&](const Shape& shape) {
                return shape.canonical[c] < info.columns.size();
            });
            if (!any) continue;
            std::uint64_t cost = 0;
            for (const Shape& shape : info.shapes)
                if (shape.canonical[c] < info.columns.size())
                    cost = std::max<std::uint64_t>(cost, info.columns[shape.canonical[c]].present);
            note(canonicalName(field), cost);
            plain.insert(std::string(canonicalName(field)));
        }
        for (const char* name : {"severity", "source"}) {
            note(name, info.rows);
            plain.insert(name);
        }
    }
    std::vector<PlannedField> list;
    for (auto& [name, field] : fields) {
        if (name == "message" || name == "timestamp" || !plain.contains(name)) continue;
        // In overflow columns it may be anywhere.
        list.push_back(std::move(field));
    }
    // A field's values may also stand in overflow columns of segments that have no column of the name.
    std::vector<std::uint32_t> overflow;
    for (std::uint32_t s = 0; s < segments.size(); ++s)
        if (segments[s].entry->info->columns[OverflowColumn].present > 0) overflow.push_back(s);
    if (!overflow.empty()) {
        for (PlannedField& field : list) {
            std::vector<std::uint32_t> all;
            std::set_union(field.segments.begin(), field.segments.end(), overflow.begin(), overflow.end(),
                           std::back_inserter(all));
            field.segments = std::move(all);
        }
    }
    std::stable_sort(list.begin(), list.end(),
                     [](const PlannedField& a, const PlannedField& b) { return a.cost > b.cost; });
    return list;
}

} // namespace faultline
