#include "models/store/event_reader.h"

#include "models/base/hash.h"
#include "models/records/json_tape.h"
#include "models/records/mask.h"

#include <algorithm>
#include <charconv>

namespace faultline {
namespace {

constexpr std::array<std::string_view, kCanonicalCount> kNames = {"message", "service",  "host",
                                                                  "logger",  "trace_id", "span_id"};

SqlValue integerValue(std::int64_t value)
{
    SqlValue result;
    result.type = SqlValue::Type::Integer;
    result.integer = value;
    return result;
}

SqlValue textValue(std::string_view text)
{
    SqlValue result;
    result.type = SqlValue::Type::Text;
    result.text = text;
    return result;
}

} // namespace

SqlValue numberValue(std::string_view text)
{
    const char* const end = text.data() + text.size();
    std::int64_t whole = 0;
    const auto integer = std::from_chars(text.data(), end, whole);
    if (integer.ec == std::errc{} && integer.ptr == end) return integerValue(whole);
    SqlValue value;
    const auto real = std::from_chars(text.data(), end, value.real);
    if (real.ec != std::errc{} || real.ptr != end) return textValue(text);
    value.type = SqlValue::Type::Real;
    return value;
}

std::string_view canonicalColumnName(Canonical field)
{
    return kNames[static_cast<std::size_t>(field)];
}

EventReader::EventReader(SegmentEntry entry, ColumnSource& columns)
    : m_entry(std::move(entry)), m_source(columns), m_columns(m_entry.info->columns.size())
{}

void EventReader::release()
{
    std::fill(m_columns.begin(), m_columns.end(), nullptr);
    m_documents.reset();
    m_holds = false;
}

ColumnPtr EventReader::share(ColumnIndex index)
{
    return column(index) ? m_columns[index] : nullptr;
}

const ColumnData* EventReader::column(ColumnIndex index)
{
    if (index >= m_columns.size()) {
        if (!m_error)
            m_error =
                makeError(ErrorKind::Damaged, "read an event", "it names a column that its segment lacks");
        return nullptr;
    }
    if (m_columns[index]) return m_columns[index].get();
    auto read = m_source.column(*m_entry.info, index);
    if (!read) {
        if (!m_error) m_error = std::move(read).error();
        return nullptr;
    }
    m_holds = true;
    m_columns[index] = std::move(*read);
    return m_columns[index].get();
}

const Shape* EventReader::shapeOf(RowIndex row)
{
    const auto& shapes = m_entry.info->shapes;
    if (shapes.size() == 1) return &shapes.front();
    const ColumnData* numbers = column(ShapeColumn);
    if (!numbers) return nullptr;
    const auto number = static_cast<std::uint64_t>(numbers->ints.at(row));
    if (number < shapes.size()) return &shapes[number];
    if (!m_error) m_error = makeError(ErrorKind::Damaged, "read an event", "its shape does not exist");
    return nullptr;
}

std::span<const ColumnIndex> EventReader::columnsNamed(std::string_view path)
{
    auto known = m_named.find(path);
    if (known == m_named.end()) {
        std::vector<ColumnIndex> columns = m_entry.info->columnsOf(path);
        // Row columns have names of their own, which no field can have.
        std::erase_if(columns, [](ColumnIndex index) { return index < RowColumnCount; });
        known = m_named.emplace(std::string(path), std::move(columns)).first;
    }
    return known->second;
}

bool EventReader::canonical(Canonical field, RowIndex row, std::string& out)
{
    const auto which = static_cast<std::size_t>(field);
    const Shape* shape = shapeOf(row);
    if (!shape) return false;
    const auto append = [&](ColumnIndex index) {
        const ColumnData* data = column(index);
        if (!data || data->kind == ValueKind::Null || !data->presence.has(row)) return false;
        const SqlValue value = valueOf(index, row, m_text);
        if (value.type == SqlValue::Type::Text)
            out.append(value.text);
        else
            data->appendText(row, out);
        return true;
    };
    const ColumnIndex own = shape->canonical[which];
    if (own != kNoColumn && append(own)) return true;
    for (const ColumnIndex index : columnsNamed(kNames[which]))
        if (index != own && append(index)) return true;
    return false;
}

bool EventReader::mayHave(Canonical field, std::string_view text)
{
    const auto which = static_cast<std::size_t>(field);
    auto& candidates = m_candidates[which];
    if (!candidates) {
        candidates.emplace();
        const auto named = columnsNamed(kNames[which]);
        candidates->assign(named.begin(), named.end());
        for (const Shape& shape : m_entry.info->shapes)
            if (shape.canonical[which] < m_columns.size()) candidates->push_back(shape.canonical[which]);
        std::sort(candidates->begin(), candidates->end());
        candidates->erase(std::unique(candidates->begin(), candidates->end()), candidates->end());
    }
    for (const ColumnIndex index : *candidates) {
        const ColumnInfo& info = m_entry.info->columns[index];
        if (info.present == 0) continue;
        if (info.kind != ValueKind::Text) return true;
        if (!info.minText.empty() && text < info.minText) continue;
        if (!info.maxText.empty() && text > info.maxText) continue;
        const ColumnData* data = column(index);
        if (!data) return true; // the error is seen by who reads on
        if (data->form != ColumnData::Form::Dictionary) return true;
        std::size_t low = 0;
        for (std::size_t high = data->table.size(); low < high;) {
            const std::size_t middle = low + (high - low) / 2;
            if (data->table.at(middle) < text)
                low = middle + 1;
            else
                high = middle;
        }
        if (low < data->table.size() && data->table.at(low) == text) return true;
    }
    return false;
}

bool EventReader::document(RowIndex row, std::string& out)
{
    if (!m_documents) m_documents.emplace(m_entry.info, m_source);
    m_holds = true;
    auto done = m_documents->append(row, out);
    if (!done && !m_error) m_error = std::move(done).error();
    return done.ok();
}

std::optional<std::uint64_t> EventReader::pattern(RowIndex row)
{
    std::string message;
    if (!canonical(Canonical::Message, row, message)) return std::nullopt;
    return hash64(patternOf(message));
}

SqlValue EventReader::valueOf(ColumnIndex index, RowIndex row, std::string& scratch)
{
    const ColumnData* data = column(index);
    if (!data || !data->presence.has(row)) return {};
    scratch.clear();
    switch (data->kind) {
    case ValueKind::Null: return {};
    case ValueKind::Int:
    case ValueKind::Bool: return integerValue(data->ints.at(data->presence.rank(row)));
    case ValueKind::Decimal: {
        data->appendText(row, scratch);
        SqlValue value;
        value.type = SqlValue::Type::Real;
        std::from_chars(scratch.data(), scratch.data() + scratch.size(), value.real);
        return value;
    }
    case ValueKind::Number: data->appendText(row, scratch); return numberValue(scratch);
    case ValueKind::Text:
    case ValueKind::Json: data->appendText(row, scratch); return textValue(scratch);
    case ValueKind::Time: {
        const Shape* shape = shapeOf(row);
        if (!shape) return {};
        for (const Shape::Slot& slot : shape->slots) {
            if (slot.column != index || slot.style != SlotStyle::Time) continue;
            formatTime(number(TimeColumn, row), slot.layout, scratch);
            const bool epoch = slot.layout.form == TimeLayout::Form::EpochInt ||
                               slot.layout.form == TimeLayout::Form::EpochDecimal;
            return epoch ? numberValue(scratch) : textValue(scratch);
        }
        return {};
    }
    }
    return {};
}

SqlValue EventReader::field(std::string_view path, RowIndex row, std::string& scratch)
{
    const auto name = std::find(kNames.begin(), kNames.end(), path);
    if (name != kNames.end()) {
        const Shape* shape = shapeOf(row);
        if (!shape) return {};
        const ColumnIndex own = shape->canonical[static_cast<std::size_t>(name - kNames.begin())];
        if (own != kNoColumn) {
            const ColumnData* data = column(own);
            if (!data) return {};
            if (data->presence.has(row)) return valueOf(own, row, scratch);
        }
    }
    for (const ColumnIndex index : columnsNamed(path)) {
        const ColumnData* data = column(index);
        if (!data) return {};
        if (data->presence.has(row)) return valueOf(index, row, scratch);
    }
    if (m_entry.info->columns[OverflowColumn].present == 0) return {};
    return fromOverflow(path, row, scratch);
}

SqlValue EventReader::fromOverflow(std::string_view path, RowIndex row, std::string& scratch)
{
    const ColumnData* data = column(OverflowColumn);
    std::string object;
    if (!data || !data->appendText(row, object)) return {};
    JsonTape tape;
    if (tape.read(object) != JsonTape::Verdict::Value || tape[0].type != JsonToken::Type::Object) return {};
    SqlValue found;
    std::string key;
    for (std::size_t at = 1; at + 1 < tape[0].next;) {
        const JsonToken& value = tape[at + 1];
        key.clear();
        unescapeJsonLenient(tape.text(tape[at]), key);
        if (key == path) { // the last of equal names wins
            scratch.clear();
            switch (value.type) {
            case JsonToken::Type::True: found = integerValue(1); break;
            case JsonToken::Type::False: found = integerValue(0); break;
            case JsonToken::Type::String:
                unescapeJsonLenient(tape.text(value), scratch);
                found = textValue(scratch);
                break;
            case JsonToken::Type::Number:
                scratch = tape.text(value);
                found = numberValue(scratch);
                break;
            case JsonToken::Type::Object:
            case JsonToken::Type::Array:
                scratch = tape.text(value);
                found = textValue(scratch);
                break;
            default: found = {}; break;
            }
        }
        at = value.next;
    }
    return found;
}

} // namespace faultline
