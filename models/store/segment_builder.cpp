#include "models/store/segment_builder.h"

#include "models/base/hash.h"
#include "models/store/column_encoder.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <numeric>
#include <unordered_map>

namespace faultline {
namespace {

constexpr std::array<const char*, RowColumnCount> kRowNames{
    "_time", "_severity", "_source", "_ordinal", "_flags", "_shape", "_raw", "_overflow", "_glue"};
constexpr std::uint64_t kShapeBytes = 8u << 20; // of the shapes of a segment, before it counts as full
constexpr std::uint64_t kTextBytes = 64u << 20; // of the values (derived ones are not in the documents)
constexpr std::size_t kSeverityClasses = 7;
constexpr std::uint64_t kRollupBuckets = 64;

constexpr TimeNs kDay = 86'400 * kSecondNs;
constexpr std::array<TimeNs, 10> kRollupWidths{
    kSecondNs, 10 * kSecondNs, 60 * kSecondNs, 600 * kSecondNs, 3'600 * kSecondNs,
    kDay,      10 * kDay,      100 * kDay,     1'000 * kDay,    10'000 * kDay};

TimeNs floorTo(TimeNs time, TimeNs width)
{
    TimeNs rest = time % width;
    if (rest < 0) rest += width;
    return time < kTimeMin + rest ? time + (width - rest) : time - rest; // the very first bucket begins late
}

std::uint64_t shapeBytes(const Shape& shape)
{
    std::uint64_t bytes = 64 + shape.slots.size() * 24 + shape.derived.size() * 2;
    for (const std::string& literal : shape.literals) bytes += literal.size() + 8;
    return bytes;
}

std::uint64_t shapeHash(const Shape& shape)
{
    std::uint64_t hash = shape.raw ? 1 : 2;
    const auto mix = [&hash](std::uint64_t value) {
        hash = (hash ^ value) * 0x9e3779b97f4a7c15u + (hash >> 29);
    };
    for (const std::string& literal : shape.literals) mix(hash64(literal));
    for (const Shape::Slot& slot : shape.slots)
        mix(slot.column + 65'536u * static_cast<unsigned>(slot.style) + slot.layout.digits);
    for (const ColumnIndex column : shape.canonical) mix(column);
    return hash;
}

} // namespace

struct SegmentBuilder::State
{
    std::vector<ColumnBuffer> columns; ///< kept from segment to segment
    std::size_t used = 0;
    std::unordered_map<std::string, ColumnIndex> byName; ///< kind, then path
    std::vector<Shape> shapes;
    std::unordered_multimap<std::uint64_t, std::uint32_t> byHash;
    std::uint64_t shapesSize = 0;

    std::vector<std::int64_t> times, ordinals, sources, severities, flags, shapeOf;
    std::uint64_t documentBytes = 0, textBytes = 0;
    std::optional<TimeNs> lastOwnTime;
    bool headTimeNeeded = false;

    ColumnEncoder encoder;
    std::vector<RowIndex> order;
    std::vector<std::int64_t> scratch;

    RowIndex rows() const { return static_cast<RowIndex>(times.size()); }
    ColumnIndex addColumn(std::string_view path, ValueKind kind)
    {
        if (used == columns.size()) columns.emplace_back();
        columns[used].clear(path, kind);
        return static_cast<ColumnIndex>(used++);
    }
    void reset();
    void sortRows();
    Rollup rollup() const;
    void sealRows(SealedSegment& sealed);
};

void SegmentBuilder::State::reset()
{
    used = 0;
    byName.clear();
    shapes.clear();
    byHash.clear();
    shapesSize = documentBytes = textBytes = 0;
    for (auto* rowValues : {&times, &ordinals, &sources, &severities, &flags, &shapeOf}) rowValues->clear();
    lastOwnTime.reset();
    headTimeNeeded = false;
    for (unsigned i = 0; i < RowColumnCount; ++i) {
        const bool text = i == RawColumn || i == OverflowColumn || i == GlueColumn;
        addColumn(kRowNames[i], text ? ValueKind::Text : ValueKind::Int);
    }
}

void SegmentBuilder::State::sortRows()
{
    order.clear();
    const auto before = [this](RowIndex a, RowIndex b) {
        if (times[a] != times[b]) return times[a] < times[b];
        if (sources[a] != sources[b]) return sources[a] < sources[b];
        return static_cast<std::uint64_t>(ordinals[a]) < static_cast<std::uint64_t>(ordinals[b]);
    };
    RowIndex row = 1;
    while (row < rows() && !before(row, row - 1)) ++row;
    if (row >= rows()) return;
    order.resize(rows());
    std::iota(order.begin(), order.end(), RowIndex{0});
    std::stable_sort(order.begin(), order.end(), before);
    for (auto* values : {&times, &ordinals, &sources, &severities, &flags, &shapeOf}) {
        scratch.resize(values->size());
        for (std::size_t i = 0; i < order.size(); ++i) scratch[i] = (*values)[order[i]];
        std::swap(*values, scratch);
    }
}

Rollup SegmentBuilder::State::rollup() const
{
    Rollup rollup;
    TimeNs first = kTimeMax, last = kTimeMin;
    for (RowIndex row = 0; row < rows(); ++row) { // in order of time
        if (flags[row] & FlagTimeMissing) continue;
        first = std::min(first, times[row]);
        last = std::max(last, times[row]);
    }
    if (first > last) return rollup;
    std::uint64_t buckets = 0;
    for (const TimeNs width : kRollupWidths) {
        rollup.width = width;
        rollup.begin = floorTo(first, width);
        const std::uint64_t span =
            last < rollup.begin ? 0
                                : static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(rollup.begin);
        buckets = span / static_cast<std::uint64_t>(width) + 1;
        if (buckets <= kRollupBuckets) break;
    }
    rollup.counts.resize(buckets * kSeverityClasses);
    std::array<std::uint8_t, 256> classes{};
    for (unsigned severity = 0; severity < classes.size();
         ++severity) // as severityClass(), without a call a row
        classes[severity] =
            static_cast<std::uint8_t>(severity == 0 || severity > 24 ? 0 : (severity + 3) / 4);
    std::size_t bucket = 0;
    TimeNs bucketEnd = kTimeMin; // found again when passed
    for (RowIndex row = 0; row < rows(); ++row) {
        if (flags[row] & FlagTimeMissing) continue;
        if (times[row] >= bucketEnd) {
            const std::uint64_t since =
                times[row] < rollup.begin
                    ? 0
                    : static_cast<std::uint64_t>(times[row]) - static_cast<std::uint64_t>(rollup.begin);
            bucket = since / static_cast<std::uint64_t>(rollup.width);
            const std::uint64_t left =
                static_cast<std::uint64_t>(kTimeMax) - static_cast<std::uint64_t>(rollup.begin);
            const auto width = static_cast<std::uint64_t>(rollup.width);
            bucketEnd =
                bucket + 1 > left / width
                    ? kTimeMax
                    : static_cast<TimeNs>(static_cast<std::uint64_t>(rollup.begin) + (bucket + 1) * width);
        }
        ++rollup.counts[bucket * kSeverityClasses + classes[static_cast<std::uint8_t>(severities[row])]];
    }
    return rollup;
}

void SegmentBuilder::State::sealRows(SealedSegment& sealed)
{
    SegmentInfo& info = sealed.info;
    for (std::int64_t& rowFlags : flags) rowFlags &= ~std::int64_t{FlagInheritsHead};
    sortRows();
    const std::array<const std::vector<std::int64_t>*, RawColumn> values{&times,    &severities, &sources,
                                                                         &ordinals, &flags,      &shapeOf};
    for (std::size_t i = 0; i < values.size(); ++i)
        sealed.chunks[i] = encoder.encodeInts(*values[i], info.columns[i]);
    info.minTime = times.front();
    info.maxTime = times.back();
    for (const std::int64_t rowFlags : flags) info.timeMissing += (rowFlags & FlagTimeMissing) != 0;
    std::int64_t lastSource = -1;
    for (const std::int64_t source : sources) {
        if (source == lastSource) continue;
        lastSource = source;
        const SourceId id{static_cast<std::uint32_t>(source)};
        const auto at = std::lower_bound(info.sources.begin(), info.sources.end(), id);
        if (at == info.sources.end() || *at != id) info.sources.insert(at, id);
    }
    info.rollup = rollup();
}

SegmentBuilder::SegmentBuilder() : m_state(std::make_unique<State>())
{
    m_state->reset();
}
SegmentBuilder::~SegmentBuilder() = default;
SegmentBuilder::SegmentBuilder(SegmentBuilder&&) noexcept = default;
SegmentBuilder& SegmentBuilder::operator=(SegmentBuilder&&) noexcept = default;

ColumnIndex SegmentBuilder::column(std::string_view path, ValueKind kind)
{
    std::string name(1, static_cast<char>(kind));
    name.append(path);
    const auto known = m_state->byName.find(name);
    if (known != m_state->byName.end()) return known->second;
    if (m_state->used >= kSegmentColumns) return kNoColumn;
    const ColumnIndex index = m_state->addColumn(path, kind);
    m_state->byName.emplace(std::move(name), index);
    return index;
}

std::uint32_t SegmentBuilder::shape(const Shape& shape)
{
    const std::uint64_t hash = shapeHash(shape);
    const auto [first, last] = m_state->byHash.equal_range(hash);
    for (auto at = first; at != last; ++at)
        if (m_state->shapes[at->second] == shape) return at->second;
    const auto index = static_cast<std::uint32_t>(m_state->shapes.size());
    m_state->shapes.push_back(shape);
    m_state->byHash.emplace(hash, index);
    m_state->shapesSize += shapeBytes(shape);
    return index;
}

std::size_t SegmentBuilder::shapeCount() const
{
    return m_state->shapes.size();
}

void SegmentBuilder::addText(ColumnIndex column, std::string_view text)
{
    assert(column < m_state->used);
    m_state->textBytes += text.size();
    m_state->columns[column].addText(m_state->rows(), text);
}

void SegmentBuilder::addInt(ColumnIndex column, std::int64_t value)
{
    assert(column < m_state->used);
    m_state->columns[column].addInt(m_state->rows(), value);
}

void SegmentBuilder::addDecimal(ColumnIndex column, Decimal value)
{
    assert(column < m_state->used);
    m_state->columns[column].addDecimal(m_state->rows(), value);
}

void SegmentBuilder::addPresent(ColumnIndex column)
{
    assert(column < m_state->used);
    m_state->columns[column].addPresent(m_state->rows());
}

void SegmentBuilder::endRow(const RowHeader& row)
{
    State& state = *m_state;
    assert(state.rows() < kSegmentRows);
    assert(row.shape < state.shapes.size());
    state.times.push_back(row.time);
    state.ordinals.push_back(static_cast<std::int64_t>(row.ordinal));
    state.sources.push_back(row.source.value);
    state.severities.push_back(row.severity);
    state.flags.push_back(row.flags);
    state.shapeOf.push_back(row.shape);
    state.documentBytes += row.documentBytes;
    if (row.flags & FlagInheritsHead) state.headTimeNeeded = true;
    if (!(row.flags & FlagTimeMissing)) state.lastOwnTime = row.time;
}

RowIndex SegmentBuilder::rows() const
{
    return m_state->rows();
}
std::uint64_t SegmentBuilder::rawBytes() const
{
    return m_state->documentBytes;
}

bool SegmentBuilder::full() const
{
    return m_state->rows() >= kSegmentRows || m_state->documentBytes >= kSegmentRawBytes ||
           m_state->textBytes >= kTextBytes || m_state->shapesSize >= kShapeBytes ||
           m_state->shapes.size() >= kSegmentRows;
}

void SegmentBuilder::setHeadTime(TimeNs time)
{
    State& state = *m_state;
    if (!state.headTimeNeeded) return;
    for (RowIndex row = 0; row < state.rows(); ++row) {
        if (!(state.flags[row] & FlagInheritsHead)) continue;
        state.times[row] = time;
        state.flags[row] &= ~std::int64_t{FlagInheritsHead};
    }
    state.headTimeNeeded = false;
}

bool SegmentBuilder::needsHeadTime() const
{
    return m_state->headTimeNeeded;
}
std::optional<TimeNs> SegmentBuilder::lastOwnTime() const
{
    return m_state->lastOwnTime;
}

void SegmentBuilder::shiftOrdinals(SourceId source, Ordinal base)
{
    State& state = *m_state;
    for (RowIndex row = 0; row < state.rows(); ++row)
        if (state.sources[row] == source.value)
            state.ordinals[row] =
                static_cast<std::int64_t>(static_cast<std::uint64_t>(state.ordinals[row]) + base);
}

SealedSegment SegmentBuilder::seal(int zstdLevel)
{
    State& state = *m_state;
    SealedSegment sealed;
    SegmentInfo& info = sealed.info;
    info.rows = state.rows();
    info.rawBytes = state.documentBytes;
    info.columns.resize(state.used);
    sealed.chunks.resize(state.used);
    state.encoder.setLevel(zstdLevel);
    for (unsigned i = 0; i < RowColumnCount; ++i) {
        info.columns[i].path = kRowNames[i];
        info.columns[i].kind = ValueKind::Int;
    }
    if (state.rows() > 0) state.sealRows(sealed);
    std::vector<bool> message(state.used, false);
    for (const Shape& shape : state.shapes) {
        const ColumnIndex column = shape.canonical[static_cast<std::size_t>(Canonical::Message)];
        if (column < state.used) message[column] = true;
    }
    state.encoder.setOrder(state.order);
    for (std::size_t i = RawColumn; i < state.used; ++i)
        sealed.chunks[i] = state.encoder.encode(state.columns[i], state.rows(), message[i], info.columns[i]);
    for (const std::string& chunk : sealed.chunks) info.storedBytes += chunk.size();
    info.shapes = std::move(state.shapes);
    state.reset();
    return sealed;
}

void SegmentBuilder::reset()
{
    m_state->reset();
}

} // namespace faultline
