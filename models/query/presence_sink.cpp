#include "models/query/field_count.h"
#include "models/query/field_reader.h"
#include "models/query/json_members.h"
#include "models/query/row_kernels.h"
#include "models/query/sink.h"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace faultline {

namespace {

std::uint32_t bit(ValueKind kind)
{
    return 1u << static_cast<unsigned>(kind);
}

/// How many events have each field, and of what kinds: what the directories say where a whole segment is
/// selected, else the presence of columns. Values are not looked at.
class PresenceSink final : public Sink
{
public:
    explicit PresenceSink(std::vector<std::string> fields)
    {
        for (std::string& field : fields) m_fields.push_back(std::make_unique<Field>(std::move(field)));
    }

    void scan(SegmentScan& scan, const SelectedRows& selected, std::size_t) override
    {
        const RowIndex count = selected.count();
        if (count == 0) return;
        std::vector<Found> found(m_fields.size());
        for (std::size_t i = 0; i < m_fields.size(); ++i) {
            found[i] = look(scan, m_fields[i]->name, selected);
            if (scan.stopped()) return;
        }
        m_total += count;
        for (std::size_t i = 0; i < m_fields.size(); ++i) {
            m_fields[i]->present += found[i].present;
            m_fields[i]->kinds |= found[i].kinds;
        }
    }

    Result<Answer> answer() override
    {
        FacetAnswer answer;
        answer.total = m_total;
        for (const auto& field : m_fields) {
            FieldSummary summary;
            summary.field = field->name;
            summary.kinds = field->kinds;
            summary.type = typeOfKinds(summary.kinds);
            summary.present = field->present;
            answer.fields.push_back(std::move(summary));
        }
        std::stable_sort(answer.fields.begin(), answer.fields.end(),
                         [](const auto& a, const auto& b) { return a.field < b.field; });
        return Answer(std::move(answer));
    }

private:
    struct Field
    {
        explicit Field(std::string itsName) : name(std::move(itsName)) {}
        std::string name;
        std::atomic<std::uint64_t> present{0};
        std::atomic<std::uint32_t> kinds{0};
    };
    struct Found
    {
        std::uint64_t present = 0;
        std::uint32_t kinds = 0;
    };
    static Found look(SegmentScan& scan, const std::string& name, const SelectedRows& selected);
    static Found lookOutside(SegmentScan& scan, const std::string& name, RowSet left);

    std::vector<std::unique_ptr<Field>> m_fields;
    std::atomic<std::uint64_t> m_total{0};
};

PresenceSink::Found PresenceSink::look(SegmentScan& scan, const std::string& name,
                                       const SelectedRows& selected)
{
    const FieldPlace place = findField(scan, name);
    const SegmentInfo& info = scan.info();
    RowSet left = selected.set;
    left.keepRange(selected.begin, selected.end);
    switch (place.row) {
    case FieldPlace::Row::None: break;
    case FieldPlace::Row::OfSeverity:
    case FieldPlace::Row::OfSource: return {left.count(), bit(ValueKind::Text)};
    case FieldPlace::Row::OfTime:
        if (info.timeMissing > 0) left.subtract(scan.timeMissing());
        return {left.count(), left.count() == 0 ? 0 : bit(ValueKind::Time)};
    }
    Found found;
    const bool whole = selected.whole();
    for (const FieldPlace::Part& part : place.parts) {
        if (left.isNone() || scan.stopped()) return found;
        const ColumnInfo& column = info.columns[part.column];
        // One column of all rows: its directory has counted.
        if (whole && !part.only && place.parts.size() == 1 && !place.overflow) {
            if (column.present > 0) found = {column.present, bit(column.kind)};
            return found;
        }
        RowSet rows = left;
        if (part.only) rows &= *part.only;
        if (!rows.isNone()) rows &= presentIn(scan, part.column);
        const RowIndex count = rows.count();
        if (count == 0) continue;
        found.present += count;
        found.kinds |= bit(column.kind);
        left.subtract(rows);
    }
    if (!place.overflow || left.isNone()) return found;
    const Found more = lookOutside(scan, name, std::move(left));
    return {found.present + more.present, found.kinds | more.kinds};
}

/// Fields that are in no column.
PresenceSink::Found PresenceSink::lookOutside(SegmentScan& scan, const std::string& name, RowSet left)
{
    Found found;
    const ColumnPtr overflow = scan.column(OverflowColumn);
    if (!overflow) return found;
    left &= presentRows(overflow->presence);
    std::string object;
    JsonMember member;
    forEachRow(left, [&](RowIndex row) {
        if (scan.stopped()) return;
        object.clear();
        if (!overflow->appendText(row, object) || !findMember(object, name, member)) return;
        ++found.present;
        found.kinds |= bit(member.kind);
    });
    return found;
}

} // namespace

std::unique_ptr<Sink> makePresenceSink(const FacetQuestion& question, const SinkContext&)
{
    return std::make_unique<PresenceSink>(question.fields);
}

} // namespace faultline
