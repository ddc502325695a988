#include "tests/support/memory_events.h"

#include "models/query/packed_view.h"
#include "models/records/json_text.h"
#include "models/records/time_text.h"
#include "models/store/segment_builder.h"
#include "models/store/text_parts.h"

#include <algorithm>
#include <random>
#include <stdexcept>

namespace faultline::test {

namespace {

Decimal decimalOf(const std::string& text)
{
    const auto point = text.find('.');
    std::string digits = text;
    digits.erase(point, 1);
    return {std::stoll(digits), static_cast<std::uint8_t>(text.size() - point - 1)};
}

/// Adds events to a builder, making a shape for each way that documents look.
class Packer
{
public:
    explicit Packer(SegmentBuilder& builder) : m_builder(builder) {}

    void add(TruthEvent& event, bool raw, bool overflow)
    {
        Shape shape;
        std::string literal = "{", object;
        TruthEvent& made = event;
        made.document.clear();
        for (std::size_t i = 0; i < made.values.size(); ++i) {
            const TruthValue& value = made.values[i];
            std::string name = "\"";
            appendJsonEscaped(value.path, name);
            literal += (i == 0 ? "" : ",") + name + "\":";
            if (overflow && (value.path == "mixed" || value.path == "path")) {
                object += (object.empty() ? "{" : ",") + name + "\":" + jsonOf(value);
                raw = true; // what is in the overflow column is in no slot
                literal += jsonOf(value);
                continue;
            }
            Shape::Slot slot;
            slot.column = m_builder.column(value.path, value.kind);
            slot.style = addValue(slot, value);
            const bool quotes = slot.style == SlotStyle::JsonString || slot.style == SlotStyle::Time;
            if (quotes) literal += '"';
            shape.literals.push_back(literal);
            shape.slots.push_back(slot);
            literal = quotes ? "\"" : "";
        }
        shape.literals.push_back(literal + "}");
        for (std::size_t c = 0; c < kCanonicalCount; ++c) {
            for (const TruthValue& value : made.values) {
                if (value.path == made.canonical[c] && !made.canonical[c].empty()) {
                    shape.canonical[c] = m_builder.column(value.path, value.kind);
                }
            }
        }
        for (std::size_t i = 0; i < shape.slots.size(); ++i)
            made.document += shape.literals[i] + valueText(made, shape, i);
        made.document += shape.literals.back();
        if (raw) {
            for (const auto& slot : shape.slots) shape.derived.push_back(slot.column);
            shape.slots.clear();
            shape.literals.clear();
            shape.raw = true;
            m_builder.addText(RawColumn, made.document);
        }
        if (!object.empty()) m_builder.addText(OverflowColumn, object + "}");
        RowHeader header;
        header.time = made.key.time;
        header.ordinal = made.key.ordinal;
        header.source = made.key.source;
        header.shape = m_builder.shape(shape);
        header.flags = made.flags;
        header.severity = made.severity;
        header.documentBytes = static_cast<std::uint32_t>(made.document.size());
        m_builder.endRow(header);
    }

private:
    static std::string jsonOf(const TruthValue& value)
    {
        if (value.kind != ValueKind::Text && value.kind != ValueKind::Time) return value.text;
        std::string out = "\"";
        appendJsonEscaped(value.text, out);
        return out + "\"";
    }
    /// The text of slot i between its literals.
    std::string valueText(const TruthEvent& event, const Shape& shape, std::size_t i) const
    {
        std::size_t at = 0;
        for (const TruthValue& value : event.values) {
            if (m_inSlot.count(&value) == 0) continue;
            if (at++ != i) continue;
            if (shape.slots[i].style != SlotStyle::JsonString) return value.text;
            std::string out;
            appendJsonEscaped(value.text, out);
            return out;
        }
        return {};
    }
    SlotStyle addValue(Shape::Slot& slot, const TruthValue& value)
    {
        m_inSlot[&value] = true;
        switch (value.kind) {
        case ValueKind::Text: m_builder.addText(slot.column, value.text); return SlotStyle::JsonString;
        case ValueKind::Int: m_builder.addInt(slot.column, std::stoll(value.text)); return SlotStyle::Digits;
        case ValueKind::Decimal:
            m_builder.addDecimal(slot.column, decimalOf(value.text));
            return SlotStyle::Digits;
        case ValueKind::Bool:
            m_builder.addInt(slot.column, value.text == "true" ? 1 : 0);
            return SlotStyle::Bool;
        case ValueKind::Null: m_builder.addPresent(slot.column); return SlotStyle::Null;
        case ValueKind::Time: {
            const auto time = parseTime(value.text, {});
            if (!time) throw std::logic_error("a time that is none: " + value.text);
            slot.layout = time->layout;
            m_builder.addPresent(slot.column);
            return SlotStyle::Time;
        }
        case ValueKind::Number:
        case ValueKind::Json: m_builder.addText(slot.column, value.text); return SlotStyle::Raw;
        }
        return SlotStyle::Raw;
    }
    SegmentBuilder& m_builder;
    std::map<const TruthValue*, bool> m_inSlot;
};

} // namespace

MemoryEvents::MemoryEvents(std::vector<TruthEvent>& events, const Options& options)
{
    std::mt19937_64 random(options.seed);
    // Two heaps at a time: segments overlap in time, as those of two sources do.
    std::vector<TruthEvent*> open[2];
    const auto seal = [&](std::vector<TruthEvent*>& rows) {
        if (rows.empty()) return;
        std::shuffle(rows.begin(), rows.end(), random); // the builder sorts
        SegmentBuilder builder;
        for (TruthEvent* event : rows) {
            Packer packer(builder);
            packer.add(*event, static_cast<int>(random() % 100) < options.rawPercent,
                       static_cast<int>(random() % 100) < options.overflowPercent);
        }
        add(builder.seal());
        rows.clear();
    };
    for (TruthEvent& event : events) {
        auto& rows = open[random() % 2];
        rows.push_back(&event);
        if (rows.size() >= options.segmentEvents / 2 + random() % options.segmentEvents) seal(rows);
    }
    seal(open[0]);
    seal(open[1]);
}

void MemoryEvents::add(const SealedSegment& sealed)
{
    auto info = decodeDirectory(encodeDirectory(sealed.info));
    if (!info) throw std::logic_error(info.error().line());
    info->id = SegmentId{m_nextId++};
    m_chunks[info->id] = sealed.chunks;
    SegmentEntry entry;
    entry.info = std::make_shared<const SegmentInfo>(std::move(info).value());
    m_state.events += entry.info->rows;
    m_state.segments.push_back(std::move(entry));
    publish();
}

void MemoryEvents::publish()
{
    ++m_state.generation;
    std::stable_sort(m_state.segments.begin(), m_state.segments.end(),
                     [](const auto& a, const auto& b) { return a.info->maxTime > b.info->maxTime; });
    m_state.minTime = m_state.maxTime = 0;
    for (std::size_t i = 0; i < m_state.segments.size(); ++i) {
        const SegmentInfo& info = *m_state.segments[i].info;
        m_state.minTime = i == 0 ? info.minTime : std::min(m_state.minTime, info.minTime);
        m_state.maxTime = i == 0 ? info.maxTime : std::max(m_state.maxTime, info.maxTime);
    }
    m_published = std::make_shared<const StoreSnapshot>(m_state);
}

void MemoryEvents::remove(const std::function<bool(const EventKey&)>& gone)
{
    for (SegmentEntry& entry : m_state.segments) {
        const SegmentInfo& info = *entry.info;
        auto times = column(info, TimeColumn), sources = column(info, SourceColumn),
             ordinals = column(info, OrdinalColumn);
        if (!times || !sources || !ordinals) throw std::logic_error("row columns cannot be read");
        std::vector<std::uint64_t> mask((info.rows + 63) / 64, 0);
        if (entry.deleted) mask = *entry.deleted;
        for (RowIndex row = 0; row < info.rows; ++row) {
            const EventKey key{(*times)->ints.at(row),
                               SourceId{static_cast<std::uint32_t>((*sources)->ints.at(row))},
                               static_cast<Ordinal>((*ordinals)->ints.at(row))};
            if (!gone(key) || (mask[row / 64] >> (row % 64) & 1) != 0) continue;
            mask[row / 64] |= std::uint64_t{1} << (row % 64);
            ++entry.deletedRows;
            --m_state.events;
        }
        entry.deleted = std::make_shared<const std::vector<std::uint64_t>>(std::move(mask));
        ++entry.maskVersion;
    }
    publish();
}

void MemoryEvents::renumber()
{
    std::map<SegmentId, std::vector<std::string>> chunks;
    for (SegmentEntry& entry : m_state.segments) {
        auto info = std::make_shared<SegmentInfo>(*entry.info);
        info->id = SegmentId{m_nextId++};
        chunks[info->id] = m_chunks[entry.info->id];
        entry.info = std::move(info);
    }
    m_chunks = std::move(chunks);
    m_cache.clear();
    publish();
}

Result<SnapshotPtr> MemoryEvents::snapshot()
{
    std::lock_guard lock(m_mutex);
    if (!m_published) m_published = std::make_shared<const StoreSnapshot>();
    return m_published;
}

Result<std::map<SourceId, std::string>> MemoryEvents::sourceNames()
{
    std::map<SourceId, std::string> names;
    for (std::uint32_t i = 1; i <= 9; ++i) names[SourceId{i}] = "/logs/app-" + std::to_string(i) + ".json";
    return names;
}

Result<std::string> MemoryEvents::blobOf(const SegmentInfo& segment, ColumnIndex index)
{
    std::lock_guard lock(m_mutex);
    const auto found = m_chunks.find(segment.id);
    if (found == m_chunks.end() || index >= found->second.size()) {
        return makeError(ErrorKind::NotFound, "read segment " + std::to_string(segment.id.value),
                         "it is gone");
    }
    return found->second[index];
}

Result<ColumnPtr> MemoryEvents::column(const SegmentInfo& segment, ColumnIndex index)
{
    ++reads;
    if (beforeRead) {
        if (auto status = beforeRead(segment, index); !status) return status.error();
    }
    {
        std::lock_guard lock(m_mutex);
        const auto cached = m_cache.find({segment.id.value, index});
        if (cached != m_cache.end()) return cached->second;
    }
    auto blob = blobOf(segment, index);
    if (!blob) return blob.error();
    auto decoded = decodeColumn(segment.columns[index], segment.rows, *blob);
    if (!decoded) return decoded;
    std::lock_guard lock(m_mutex);
    m_cache[{segment.id.value, index}] = *decoded;
    return decoded;
}

Result<std::shared_ptr<TextParts>> MemoryEvents::texts(const SegmentInfo& segment, ColumnIndex index)
{
    ++parts;
    if ((segment.id.value + index) % 3 == 0) return ScanSource::texts(segment, index);
    ++reads;
    if (beforeRead) {
        if (auto status = beforeRead(segment, index); !status) return status.error();
    }
    auto blob = blobOf(segment, index);
    if (!blob) return blob.error();
    return TextParts::open(segment.columns[index], segment.rows, std::move(*blob));
}

} // namespace faultline::test
