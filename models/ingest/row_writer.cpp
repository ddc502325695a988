#include "models/ingest/row_writer.h"

#include "models/records/json_text.h"

#include <algorithm>
#include <charconv>

namespace faultline {
namespace {

/// Names beyond this many are a flood, not a schema: start over rather than grow.
constexpr std::size_t kMostColumns = 16'384;
constexpr std::size_t kMostShapes = 16'384;
constexpr std::string_view kNameless = "_";

void appendNumber(std::string& key, std::uint64_t number)
{
    char bytes[8];
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(number >> (8 * i));
    key.append(bytes, sizeof bytes);
}

SlotStyle styleOf(ValueKind kind, bool escaped)
{
    switch (kind) {
    case ValueKind::Text: return escaped ? SlotStyle::JsonString : SlotStyle::Raw;
    case ValueKind::Int:
    case ValueKind::Decimal: return SlotStyle::Digits;
    case ValueKind::Bool: return SlotStyle::Bool;
    case ValueKind::Null: return SlotStyle::Null;
    case ValueKind::Time: return SlotStyle::Time;
    case ValueKind::Number:
    case ValueKind::Json: return SlotStyle::Raw;
    }
    return SlotStyle::Raw;
}

} // namespace

bool parseCanonicalInt(std::string_view digits, std::int64_t& value)
{
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size()) return false;
    const std::string_view magnitude = digits.substr(digits.front() == '-' ? 1 : 0);
    return magnitude.size() == 1 ? (value != 0 || digits.size() == 1) : magnitude.front() != '0';
}

bool parseCanonicalDecimal(std::string_view digits, Decimal& value)
{
    const bool negative = !digits.empty() && digits.front() == '-';
    const std::string_view body = digits.substr(negative ? 1 : 0);
    const std::size_t point = body.find('.');
    if (point == std::string_view::npos || point == 0 || point + 1 == body.size() || body.size() > 19)
        return false;
    if (point > 1 && body.front() == '0') return false;
    std::int64_t mantissa = 0;
    for (std::size_t i = 0; i < body.size(); ++i) {
        if (i == point) continue;
        if (body[i] < '0' || body[i] > '9') return false;
        mantissa = mantissa * 10 + (body[i] - '0');
    }
    if (negative && mantissa == 0) return false;
    value.mantissa = negative ? -mantissa : mantissa;
    value.scale = static_cast<std::uint8_t>(body.size() - point - 1);
    return true;
}

ColumnId RowWriter::columnId(std::string_view path, ValueKind kind)
{
    // {"":1} is valid JSON; a column has a name, so that it can be asked for.
    if (path.empty()) path = kNameless;
    // Decoders keep the names that they have met: the same name comes from the same place.
    const auto place =
        reinterpret_cast<std::uintptr_t>(path.data()) + path.size() + static_cast<unsigned>(kind);
    ColumnId& recent = m_recentColumns[(place ^ place >> 8) % m_recentColumns.size()];
    if (recent < m_columns.size() && m_columns[recent].kind == kind && m_columns[recent].path == path)
        return recent;
    m_key.assign(path);
    m_key.push_back(static_cast<char>(kind));
    if (const auto found = m_columnIds.find(m_key); found != m_columnIds.end()) return recent = found->second;
    const auto id = static_cast<ColumnId>(m_columns.size());
    m_columns.push_back({std::string(path), kind, kNoColumn, 0, 0, {}});
    m_columnIds.emplace(m_key, id);
    return recent = id;
}

ColumnIndex RowWriter::place(ColumnId id)
{
    Column& column = m_columns[id];
    column.index = m_builder.column(column.path, column.kind);
    column.segment = m_segment;
    return column.index;
}

void RowWriter::beginSegment()
{
    ++m_segment;
    if (m_columns.size() <= kMostColumns && m_plans.size() <= kMostShapes) return;
    m_columns.clear();
    m_columnIds.clear();
    m_plans.clear();
    m_placed.clear();
    m_shapeIds.clear();
    ++m_generation;
}

ShapeId RowWriter::shapeId(const ShapePlan& plan)
{
    if (m_lastShape < m_plans.size() && m_plans[m_lastShape] == plan) return m_lastShape;
    std::string& key = m_text;
    key.clear();
    key.push_back(plan.raw ? 'r' : 's');
    for (const std::string& literal : plan.literals) {
        appendNumber(key, literal.size());
        key.append(literal);
    }
    for (const auto& slot : plan.slots) {
        appendNumber(key, slot.column);
        key.push_back(static_cast<char>(slot.style));
        if (slot.style == SlotStyle::Time) appendNumber(key, slot.layout.code());
    }
    appendNumber(key, plan.derived.size());
    for (const ColumnId id : plan.derived) appendNumber(key, id);
    for (const ColumnId id : plan.canonical) appendNumber(key, id);
    appendNumber(key, plan.severityColumn);
    if (const auto found = m_shapeIds.find(key); found != m_shapeIds.end())
        return m_lastShape = found->second;
    const auto id = static_cast<ShapeId>(m_plans.size());
    m_plans.push_back(plan);
    m_placed.emplace_back();
    m_shapeIds.emplace(key, id);
    return m_lastShape = id;
}

bool RowWriter::placeShape(ShapeId id, std::uint32_t& shape)
{
    const ShapePlan& plan = m_plans[id];
    Shape placed;
    placed.literals = plan.literals;
    placed.raw = plan.raw;
    bool fits = true;
    for (const auto& slot : plan.slots) {
        const ColumnIndex index = indexOf(slot.column);
        fits = fits && index != kNoColumn;
        placed.slots.push_back({index, slot.style, slot.layout});
    }
    for (const ColumnId derived : plan.derived) {
        const ColumnIndex index = indexOf(derived);
        // A derived column without room is only left out: its value goes to the overflow column.
        if (index != kNoColumn)
            placed.derived.push_back(index);
        else
            fits = fits && plan.raw;
    }
    for (std::size_t i = 0; i < kCanonicalCount; ++i)
        if (plan.canonical[i] != kNoColumnId) placed.canonical[i] = indexOf(plan.canonical[i]);
    if (plan.severityColumn != kNoColumnId) placed.severityColumn = indexOf(plan.severityColumn);
    Placed& state = m_placed[id];
    state.segment = m_segment;
    state.fits = fits;
    if (fits) state.shape = m_builder.shape(placed);
    shape = state.shape;
    return fits;
}

bool RowWriter::rebuilds(const DecodedEvent& event, const CanonicalFields& fields, ShapePlan& plan)
{
    if (!event.rebuilds || !event.overflow.empty()) return false;
    std::size_t at = 0;
    for (std::size_t i = 0; i < event.fields.size(); ++i) {
        const FieldValue& field = event.fields[i];
        if (field.length == FieldValue::npos) {
            plan.derived.push_back(m_ids[i]);
            continue;
        }
        if (field.offset < at || field.offset + field.length > event.document.size()) return false;
        const std::string_view written = event.document.substr(field.offset, field.length);
        const ValueKind kind = m_columns[m_ids[i]].kind;
        ShapePlan::Slot slot{m_ids[i], styleOf(kind, field.escaped), {}};
        m_text.clear();
        switch (slot.style) {
        case SlotStyle::JsonString: {
            JsonEscapes& habit = m_columns[m_ids[i]].escapes;
            const auto escapes = escapesFor(field.text, written, habit, m_text);
            if (!escapes) return false;
            habit = *escapes;
            slot.style = habit.style();
            break;
        }
        case SlotStyle::Time:
            slot.layout = fields.time->layout;
            formatTime(fields.time->ns, slot.layout, m_text);
            if (m_text != written) return false;
            break;
        case SlotStyle::Null:
            if (written != "null") return false;
            break;
        case SlotStyle::Bool:
            if (written != "true" && written != "false") return false;
            break;
        case SlotStyle::Raw:
        case SlotStyle::Digits:
            if (written != field.text) return false;
            break;
        }
        plan.literals.emplace_back(event.document.substr(at, field.offset - at));
        plan.slots.push_back(slot);
        at = field.offset + field.length;
    }
    plan.literals.emplace_back(event.document.substr(at));
    return true;
}

void RowWriter::addValue(ColumnIndex index, ValueKind kind, std::string_view text)
{
    switch (kind) {
    case ValueKind::Int: {
        std::int64_t value = 0;
        parseCanonicalInt(text, value);
        m_builder.addInt(index, value);
        return;
    }
    case ValueKind::Decimal: {
        Decimal value;
        parseCanonicalDecimal(text, value);
        m_builder.addDecimal(index, value);
        return;
    }
    case ValueKind::Bool: m_builder.addInt(index, text == "true" ? 1 : 0); return;
    case ValueKind::Null:
    case ValueKind::Time: m_builder.addPresent(index); return;
    case ValueKind::Text:
    case ValueKind::Number:
    case ValueKind::Json: m_builder.addText(index, text); return;
    }
}

RowWriter::Written RowWriter::addEvent(const DecodedEvent& event, const CanonicalFields& fields)
{
    m_ids.clear();
    for (std::size_t i = 0; i < event.fields.size(); ++i) {
        const FieldValue& field = event.fields[i];
        ValueKind kind = field.kind;
        // A decoder may call a number Int or Decimal that is not written canonically: then its text is kept.
        if (kind == ValueKind::Int) {
            std::int64_t value = 0;
            if (field.text.empty() || !parseCanonicalInt(field.text, value)) kind = ValueKind::Number;
        } else if (kind == ValueKind::Decimal) {
            Decimal value;
            if (!parseCanonicalDecimal(field.text, value)) kind = ValueKind::Number;
        }
        if (i == fields.timeField && fields.time && fields.time->layout.form != TimeLayout::Form::None &&
            field.length != FieldValue::npos)
            kind = ValueKind::Time;
        m_ids.push_back(columnId(field.path, kind));
    }
    // One column can take one value a row: of two fields with one name and kind, the last wins.
    bool twice = false;
    ++m_event;
    for (const ColumnId id : m_ids) {
        twice = twice || m_columns[id].event == m_event;
        m_columns[id].event = m_event;
    }

    ShapePlan plan;
    plan.canonical.fill(kNoColumnId);
    if (twice || !rebuilds(event, fields, plan)) return addRaw(event, fields);
    for (std::size_t i = 0; i < kCanonicalCount; ++i)
        if (fields.field[i] != CanonicalFields::npos) plan.canonical[i] = m_ids[fields.field[i]];
    if (fields.severityField != CanonicalFields::npos) plan.severityColumn = m_ids[fields.severityField];
    const ShapeId id = shapeId(plan);
    std::uint32_t shape = 0;
    if (!shapeOf(id, shape)) return addRaw(event, fields);
    for (std::size_t i = 0; i < event.fields.size(); ++i)
        addValue(indexOf(m_ids[i]), m_columns[m_ids[i]].kind, event.fields[i].text);
    return {id, shape, true};
}

RowWriter::Written RowWriter::addRaw(const DecodedEvent& event, const CanonicalFields& fields)
{
    ShapePlan plan;
    plan.raw = true;
    plan.canonical.fill(kNoColumnId);
    std::string overflow(event.overflow);
    const auto spill = [&overflow](const FieldValue& field) {
        if (overflow.empty())
            overflow = "{";
        else {
            overflow.pop_back();
            if (overflow.size() > 1) overflow.push_back(',');
        }
        overflow.push_back('"');
        appendJsonEscaped(field.path, overflow);
        overflow.append("\":");
        const bool text = field.kind == ValueKind::Text || field.kind == ValueKind::Time;
        if (text) overflow.push_back('"');
        if (text)
            appendJsonEscaped(field.text, overflow);
        else
            overflow.append(field.text);
        if (text) overflow.push_back('"');
        overflow.push_back('}');
    };
    // Time slots have no data of their own: without a slot to rebuild, the text itself is kept.
    for (std::size_t i = 0; i < event.fields.size(); ++i) {
        const FieldValue& field = event.fields[i];
        if (m_columns[m_ids[i]].kind != ValueKind::Time) continue;
        std::int64_t number = 0;
        Decimal decimal;
        ValueKind kind = field.kind;
        if (kind == ValueKind::Int && !parseCanonicalInt(field.text, number)) kind = ValueKind::Number;
        if (kind == ValueKind::Decimal && !parseCanonicalDecimal(field.text, decimal))
            kind = ValueKind::Number;
        m_ids[i] = columnId(field.path, kind);
    }
    const std::uint64_t stamp = m_event + 1;
    m_event += m_ids.size() + 1;
    for (std::size_t i = 0; i < m_ids.size(); ++i) m_columns[m_ids[i]].event = stamp + i;
    std::vector<std::pair<ColumnIndex, std::size_t>> values;
    for (std::size_t i = 0; i < event.fields.size(); ++i) {
        const FieldValue& field = event.fields[i];
        if (m_columns[m_ids[i]].event != stamp + i) continue; // a later field has the column
        const ColumnIndex index = indexOf(m_ids[i]);
        if (index == kNoColumn) {
            spill(field);
            continue;
        }
        plan.derived.push_back(m_ids[i]);
        values.emplace_back(index, i);
    }
    for (std::size_t i = 0; i < kCanonicalCount; ++i)
        if (fields.field[i] != CanonicalFields::npos && indexOf(m_ids[fields.field[i]]) != kNoColumn)
            plan.canonical[i] = m_ids[fields.field[i]];
    if (fields.severityField != CanonicalFields::npos && indexOf(m_ids[fields.severityField]) != kNoColumn)
        plan.severityColumn = m_ids[fields.severityField];
    std::uint32_t shape = 0;
    shapeOf(shapeId(plan), shape);
    for (const auto& [index, i] : values) addValue(index, m_columns[m_ids[i]].kind, event.fields[i].text);
    m_builder.addText(RawColumn, event.document);
    if (!overflow.empty()) m_builder.addText(OverflowColumn, overflow);
    return {0, shape, false};
}

} // namespace faultline
