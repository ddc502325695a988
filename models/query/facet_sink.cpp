#include "models/query/direct_keys.h"
#include "models/query/field_codes.h"
#include "models/query/json_members.h"
#include "models/query/key_counter.h"
#include "models/query/sink.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <set>

namespace faultline {

namespace {

// Distinct values that all fields together hold at a time, and what each may at least.
constexpr std::size_t kHeldValues = 4'000'000;
constexpr std::size_t kHeldLeast = 65'536;
constexpr std::size_t kHeldMost = 1'000'000;

std::string_view typeOf(ValueKind kind)
{
    switch (kind) {
    case ValueKind::Text: return "text";
    case ValueKind::Int: return "int";
    case ValueKind::Decimal:
    case ValueKind::Number: return "decimal";
    case ValueKind::Bool: return "bool";
    case ValueKind::Null: return "null";
    case ValueKind::Json: return "json";
    case ValueKind::Time: break;
    }
    return "text";
}

/// One name for all kinds that a field has; empty when it has no value.
std::string typeOf(std::uint32_t kinds)
{
    std::string_view type;
    for (unsigned kind = 1; kind <= 8; ++kind) {
        if ((kinds >> kind & 1) == 0) continue;
        const std::string_view each = typeOf(static_cast<ValueKind>(kind));
        if (!type.empty() && type != each) return "mixed";
        type = each;
    }
    return std::string(type);
}

/// Which kinds the selected rows have.
std::uint32_t kindsOf(SegmentScan& scan, const std::string& name, const SelectedRows& selected)
{
    const FieldPlace place = findField(scan, name);
    const auto bit = [](ValueKind kind) { return 1u << static_cast<unsigned>(kind); };
    if (place.row == FieldPlace::Row::OfTime) return bit(ValueKind::Time);
    if (place.row != FieldPlace::Row::None) return bit(ValueKind::Text);
    std::uint32_t kinds = 0;
    for (const auto& part : place.parts) {
        const ColumnInfo& info = scan.info().columns[part.column];
        if ((kinds & bit(info.kind)) != 0) continue;
        if (selected.whole() && !part.only) {
            kinds |= bit(info.kind);
            continue;
        }
        const ColumnPtr data = scan.column(part.column);
        if (!data) break;
        RowSet rows = data->presence.isAll() ? RowSet::all(scan.rows())
                                             : RowSet::of(data->presence.bits(), scan.rows());
        rows &= selected.set;
        if (part.only) rows &= *part.only;
        if (countRows(rows, selected.begin, selected.end) > 0) kinds |= bit(info.kind);
    }
    if (!place.overflow) return kinds;
    const ColumnPtr overflow = scan.column(OverflowColumn);
    if (!overflow) return kinds;
    std::string object;
    JsonMember member;
    forEachRow(selected.set, selected.begin, selected.end, [&](RowIndex row) {
        object.clear();
        if (!scan.stopped() && overflow->appendText(row, object) && findMember(object, name, member)) {
            kinds |= bit(member.kind);
        }
    });
    return kinds;
}

class FacetSink final : public Sink
{
public:
    FacetSink(const FacetQuestion& question, const SinkContext& context)
    {
        std::vector<std::string> names = question.fields;
        if (names.empty()) names = everyField(*context.snapshot);
        const std::size_t limit =
            std::clamp(kHeldValues / std::max<std::size_t>(names.size(), 1), kHeldLeast, kHeldMost);
        for (auto& name : names)
            m_fields.push_back(std::make_unique<Field>(std::move(name), question.top, limit));
        m_everyField = question.fields.empty();
    }

    void scan(SegmentScan& scan, const SelectedRows& selected, std::size_t) override
    {
        const RowIndex count = selected.count();
        if (count == 0) return;
        if (m_firstPass) m_total += count;
        std::vector<std::uint32_t> counts;
        for (auto& field : m_fields) {
            if (scan.stopped()) return;
            if (!field->again) continue;
            scanField(scan, selected, *field, counts);
        }
    }

    bool nextPass() override
    {
        m_firstPass = false;
        bool any = false;
        for (auto& field : m_fields) {
            field->again = field->again && field->counter.nextPass();
            any = any || field->again;
        }
        return any;
    }

    Result<Answer> answer() override
    {
        FacetAnswer answer;
        answer.total = m_total;
        for (const auto& field : m_fields) {
            if (m_everyField && field->present == 0) continue;
            FieldSummary summary;
            summary.field = field->name;
            summary.type = typeOf(field->kinds.load());
            summary.present = field->present;
            summary.distinct = field->counter.distinct();
            for (auto& item : field->counter.top()) summary.top.push_back({std::move(item.key), item.count});
            answer.fields.push_back(std::move(summary));
        }
        std::stable_sort(answer.fields.begin(), answer.fields.end(),
                         [](const auto& a, const auto& b) { return a.field < b.field; });
        return Answer(std::move(answer));
    }

private:
    struct Field
    {
        Field(std::string fieldName, std::size_t top, std::size_t limit)
            : name(std::move(fieldName)), counter(top, limit)
        {}
        std::string name;
        KeyCounter counter;
        std::atomic<std::uint64_t> present{0};
        std::atomic<std::uint32_t> kinds{0};
        bool again = true;
    };

    static std::vector<std::string> everyField(const StoreSnapshot& snapshot)
    {
        std::set<std::string> names{"severity"};
        for (const SegmentEntry& entry : snapshot.segments) {
            const SegmentInfo& info = *entry.info;
            for (std::size_t c = RowColumnCount; c < info.columns.size(); ++c)
                names.insert(info.columns[c].path);
            for (const Shape& shape : info.shapes) {
                for (std::size_t c = 0; c < kCanonicalCount; ++c) {
                    if (shape.canonical[c] != kNoColumn) {
                        names.insert(std::string(canonicalName(static_cast<Canonical>(c))));
                    }
                }
            }
        }
        return {names.begin(), names.end()};
    }

    void scanField(SegmentScan& scan, const SelectedRows& selected, Field& field,
                   std::vector<std::uint32_t>& counts)
    {
        KeyCounter::Batch batch(field.counter);
        std::uint64_t present = 0;
        if (const auto direct = addDirectly(scan, field.name, selected, {}, batch)) {
            present = *direct;
        } else {
            const FieldCodes codes = FieldCodes::of(scan, field.name, selected);
            counts.assign(codes.size(), 0);
            for (RowIndex begin = selected.begin; begin < selected.end && !scan.stopped(); begin += 32'768) {
                countCodes(codes.codes(), selected.set, begin, std::min(selected.end, begin + 32'768),
                           counts.data());
            }
            std::string key;
            for (std::uint32_t code = 0; code < codes.size() && !scan.stopped(); ++code) {
                if (counts[code] == 0) continue;
                key.clear();
                if (!codes.append(code, key)) continue;
                present += counts[code];
                batch.add(key, counts[code]);
            }
        }
        if (scan.stopped()) return;
        if (present == 0) return;
        field.counter.add(batch);
        if (!m_firstPass) return;
        field.present += present;
        field.kinds |= kindsOf(scan, field.name, selected);
    }

    std::vector<std::unique_ptr<Field>> m_fields;
    std::atomic<std::uint64_t> m_total{0};
    bool m_everyField = false;
    bool m_firstPass = true;
};

} // namespace

std::unique_ptr<Sink> makeFacetSink(const FacetQuestion& question, const SinkContext& context)
{
    return std::make_unique<FacetSink>(question, context);
}

} // namespace faultline
