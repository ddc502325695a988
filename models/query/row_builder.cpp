#include "models/query/row_builder.h"

#include "models/base/hash.h"
#include "models/query/json_members.h"
#include "models/records/mask.h"

namespace faultline {

RowBuilder::RowBuilder(const SegmentEntry& entry, const PageQuestion& question, const SinkContext& context)
    : m_scan(entry, *context.source, context.stop, context.names)
    , m_withDocument(question.withDocument)
    , m_withFields(question.withFields)
{
    for (std::size_t c = 0; c < kCanonicalCount; ++c) {
        m_canonical.emplace_back(m_scan, canonicalName(static_cast<Canonical>(c)));
    }
    for (const auto& field : question.fields) m_fields.emplace_back(m_scan, field);
    m_severity = m_scan.column(SeverityColumn);
    m_flags = m_scan.column(FlagsColumn);
    m_shapes = m_scan.column(ShapeColumn);
    readZones();
    if (m_withDocument) m_documents.emplace(entry.info, *context.source);
}

void RowBuilder::readZones()
{
    using Form = TimeLayout::Form;
    for (const Shape& shape : m_scan.info().shapes) {
        std::optional<std::int16_t> zone;
        for (const auto& slot : shape.slots) {
            const Form form = slot.layout.form;
            // An epoch is of no zone.
            if (slot.style == SlotStyle::Time && form != Form::None && form != Form::EpochInt &&
                form != Form::EpochDecimal)
                zone = slot.layout.offsetMinutes;
        }
        m_zones.push_back(zone);
    }
}

Status RowBuilder::build(RowIndex from, const EventKey& key, EventRow& row)
{
    if (m_scan.stopped()) return m_scan.status();
    row.key = key;
    row.severity = static_cast<Severity>(m_severity->ints.at(from));
    row.flags = static_cast<std::uint16_t>(m_flags->ints.at(from));
    const auto shape = static_cast<std::size_t>(m_shapes->ints.at(from));
    if (shape < m_zones.size()) row.zoneMinutes = m_zones[shape];
    std::string* const texts[kCanonicalCount] = {&row.message, &row.service, &row.host,
                                                 &row.logger,  &row.traceId, &row.spanId};
    for (std::size_t c = 0; c < kCanonicalCount; ++c) {
        const bool has = m_canonical[c].append(from, *texts[c]);
        if (has && static_cast<Canonical>(c) == Canonical::Message)
            row.patternId = hash64(patternOf(row.message));
    }
    for (const auto& field : m_fields) {
        std::string text;
        if (field.append(from, text))
            row.columns.emplace_back(std::move(text));
        else
            row.columns.emplace_back();
    }
    if (m_withFields) addFields(from, row);
    if (m_scan.stopped()) return m_scan.status();
    if (!m_withDocument) return {};
    return m_documents->append(from, row.document);
}

const ColumnReader& RowBuilder::reader(ColumnIndex column)
{
    const auto found = m_readers.find(column);
    return found != m_readers.end() ? found->second
                                    : m_readers.try_emplace(column, m_scan, column).first->second;
}

void RowBuilder::addFields(RowIndex from, EventRow& row)
{
    const SegmentInfo& info = m_scan.info();
    const auto number = static_cast<std::size_t>(m_shapes->ints.at(from));
    if (number >= info.shapes.size()) return;
    const Shape& shape = info.shapes[number];
    const auto add = [&](ColumnIndex column) {
        if (column < RowColumnCount || column >= info.columns.size() || m_scan.stopped()) return;
        EventRow::Field field{info.columns[column].path, info.columns[column].kind, {}};
        if (reader(column).append(from, field.text)) row.fields.push_back(std::move(field));
    };
    for (const auto& slot : shape.slots) add(slot.column);
    for (const ColumnIndex column : shape.derived) add(column);
    if (shape.raw && shape.slots.empty() && shape.derived.empty()) {
        for (std::size_t c = RowColumnCount; c < info.columns.size(); ++c) add(static_cast<ColumnIndex>(c));
    }
    if (info.columns[OverflowColumn].present == 0) return;
    std::string object;
    if (!reader(OverflowColumn).append(from, object)) return;
    JsonMembers members(object);
    EventRow::Field field;
    JsonMember member;
    while (members.next(field.path, member)) {
        field.kind = member.kind;
        field.text = member.text;
        row.fields.push_back(field);
    }
}

} // namespace faultline
