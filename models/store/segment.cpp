#include "models/store/segment.h"

#include "models/records/json_escapes.h"
#include "models/store/blob_io.h"
#include "models/store/codecs.h"

namespace faultline {
namespace {

constexpr std::size_t kMaxSlots = std::size_t{1} << 20; ///< of all shapes of a segment together
constexpr std::size_t kMaxRollup = 7 * 64;

void putShape(BlobWriter& out, const Shape& shape)
{
    out.byte(shape.raw ? 1 : 0);
    out.varint(shape.slots.size());
    out.varint(shape.literals.size());
    for (const std::string& literal : shape.literals) out.text(literal);
    for (const Shape::Slot& slot : shape.slots) {
        out.varint(slot.column);
        out.byte(static_cast<std::uint8_t>(slot.style));
        if (slot.style == SlotStyle::Time) out.varint(slot.layout.code());
    }
    out.varint(shape.derived.size());
    for (const ColumnIndex column : shape.derived) out.varint(column);
    for (const ColumnIndex column : shape.canonical) out.varint(column == kNoColumn ? 0 : column + 1u);
    out.varint(shape.severityColumn == kNoColumn ? 0 : shape.severityColumn + 1u);
}

/// A slot is written in the one way that its column's kind allows; who rebuilds documents relies on it.
bool styleFits(SlotStyle style, ValueKind kind)
{
    switch (style) {
    case SlotStyle::Raw:
        return kind == ValueKind::Text || kind == ValueKind::Number || kind == ValueKind::Json;
    case SlotStyle::JsonString: return kind == ValueKind::Text;
    case SlotStyle::Digits: return kind == ValueKind::Int || kind == ValueKind::Decimal;
    case SlotStyle::Bool: return kind == ValueKind::Bool;
    case SlotStyle::Null: return kind == ValueKind::Null;
    case SlotStyle::Time: return kind == ValueKind::Time;
    }
    return kind == ValueKind::Text && JsonEscapes::ofStyle(style);
}

ColumnIndex getOptionalColumn(BlobReader& in, std::size_t columns)
{
    const std::uint64_t plusOne = in.varint();
    if (plusOne > columns) in.fail();
    return plusOne == 0 || in.failed() ? kNoColumn : static_cast<ColumnIndex>(plusOne - 1);
}

Shape getShape(BlobReader& in, const std::vector<ColumnInfo>& columns, std::size_t& slotsLeft)
{
    Shape shape;
    const std::uint8_t raw = in.byte();
    shape.raw = raw == 1;
    const std::uint64_t slots = in.varint();
    const std::uint64_t literals = in.varint();
    if (raw > 1 || slots > slotsLeft ||
        (literals != slots + 1 && !(shape.raw && slots == 0 && literals == 0)))
        in.fail();
    if (in.failed()) return shape;
    slotsLeft -= slots;
    for (std::uint64_t i = 0; i < literals && !in.failed(); ++i) shape.literals.emplace_back(in.text());
    for (std::uint64_t i = 0; i < slots && !in.failed(); ++i) {
        Shape::Slot slot;
        const std::uint64_t column = in.varint();
        slot.style = static_cast<SlotStyle>(in.byte());
        if (column >= columns.size() || !styleFits(slot.style, columns[column].kind)) {
            in.fail();
            return shape;
        }
        slot.column = static_cast<ColumnIndex>(column);
        if (slot.style == SlotStyle::Time) {
            const auto layout = TimeLayout::fromCode(in.varint());
            if (!layout || layout->form == TimeLayout::Form::None) in.fail();
            if (in.failed()) return shape;
            slot.layout = *layout;
        }
        shape.slots.push_back(slot);
    }
    const std::uint64_t derived = in.varint();
    if (derived > slotsLeft) in.fail();
    if (in.failed()) return shape;
    slotsLeft -= derived;
    for (std::uint64_t i = 0; i < derived && !in.failed(); ++i) {
        const std::uint64_t column = in.varint();
        if (column >= columns.size()) in.fail();
        shape.derived.push_back(static_cast<ColumnIndex>(column));
    }
    for (ColumnIndex& column : shape.canonical) column = getOptionalColumn(in, columns.size());
    shape.severityColumn = getOptionalColumn(in, columns.size());
    return shape;
}

ColumnInfo getColumn(BlobReader& in, RowIndex rows)
{
    ColumnInfo info;
    info.path = in.text();
    const std::uint8_t kind = in.byte();
    info.kind = static_cast<ValueKind>(kind);
    info.codec = in.byte();
    const std::uint64_t present = in.varint(), distinct = in.varint();
    info.minInt = in.signedVarint();
    info.maxInt = in.signedVarint();
    info.minText = in.text();
    info.maxText = in.text();
    info.rawBytes = in.varint();
    info.storedBytes = in.varint();
    if (kind < 1 || kind > static_cast<std::uint8_t>(ValueKind::Time) || present > rows ||
        distinct > present || info.path.empty())
        in.fail();
    info.present = static_cast<std::uint32_t>(present);
    info.distinct = static_cast<std::uint32_t>(distinct);
    return info;
}

bool rowColumnsAreRight(const SegmentInfo& info)
{
    if (info.columns.size() < RowColumnCount) return false;
    for (unsigned i = 0; i < RowColumnCount; ++i) {
        const bool text = i == RawColumn || i == OverflowColumn || i == GlueColumn;
        const ColumnInfo& column = info.columns[i];
        if (column.kind != (text ? ValueKind::Text : ValueKind::Int)) return false;
        if (!text && column.present != info.rows) return false;
    }
    if (info.rows == 0) return true;
    const auto inside = [&](RowColumn column, std::int64_t last) {
        return info.columns[column].minInt >= 0 && info.columns[column].maxInt <= last;
    };
    return inside(SeverityColumn, 24) && inside(SourceColumn, 0xffff'ffff) && inside(FlagsColumn, 0xffff) &&
           inside(ShapeColumn, static_cast<std::int64_t>(info.shapes.size()) - 1) &&
           info.columns[TimeColumn].minInt == info.minTime && info.columns[TimeColumn].maxInt == info.maxTime;
}

Error damaged(std::string why)
{
    return makeError(ErrorKind::Damaged, "read a segment's directory", std::move(why),
                     {"`faultline doctor` says which events are affected and keeps the rest."});
}

} // namespace

std::vector<ColumnIndex> SegmentInfo::columnsOf(std::string_view path) const
{
    std::vector<ColumnIndex> found;
    for (std::size_t i = RowColumnCount; i < columns.size(); ++i)
        if (columns[i].path == path) found.push_back(static_cast<ColumnIndex>(i));
    return found;
}

std::string encodeDirectory(const SegmentInfo& info)
{
    Compressor compressor;
    BlobWriter out(compressor);
    out.start(kDirectoryFormat);
    out.varint(info.rows);
    out.signedVarint(info.minTime);
    out.signedVarint(info.maxTime);
    out.varint(info.rawBytes);
    out.varint(info.storedBytes);
    out.varint(info.timeMissing);
    out.varint(info.sources.size());
    for (const SourceId source : info.sources) out.varint(source.value);
    out.varint(info.columns.size());
    for (const ColumnInfo& column : info.columns) {
        out.text(column.path);
        out.byte(static_cast<std::uint8_t>(column.kind));
        out.byte(column.codec);
        out.varint(column.present);
        out.varint(column.distinct);
        out.signedVarint(column.minInt);
        out.signedVarint(column.maxInt);
        out.text(column.minText);
        out.text(column.maxText);
        out.varint(column.rawBytes);
        out.varint(column.storedBytes);
    }
    out.varint(info.shapes.size());
    for (const Shape& shape : info.shapes) putShape(out, shape);
    out.signedVarint(info.rollup.begin);
    out.signedVarint(info.rollup.width);
    out.varint(info.rollup.counts.size());
    for (const std::uint32_t count : info.rollup.counts) out.varint(count);
    return out.finish();
}

Result<SegmentInfo> decodeDirectory(std::string_view bytes)
{
    BlobReader in(bytes, kMaxDirectoryBytes);
    if (in.failed()) return damaged("its check does not match its bytes");
    if (in.format() != kDirectoryFormat)
        return makeError(ErrorKind::Unsupported, "read a segment's directory",
                         "format " + std::to_string(in.format()) + " is not known to this version",
                         {"Open the store with a newer version."});
    SegmentInfo info;
    const std::uint64_t rows = in.varint();
    info.minTime = in.signedVarint();
    info.maxTime = in.signedVarint();
    info.rawBytes = in.varint();
    info.storedBytes = in.varint();
    const std::uint64_t timeMissing = in.varint(), sources = in.varint();
    if (rows > kSegmentRows || timeMissing > rows || sources > rows || info.minTime > info.maxTime)
        return damaged("its counts are impossible");
    info.rows = static_cast<RowIndex>(rows);
    info.timeMissing = static_cast<RowIndex>(timeMissing);
    for (std::uint64_t i = 0; i < sources && !in.failed(); ++i) {
        const std::uint64_t source = in.varint();
        if (source > 0xffff'ffff || (i > 0 && source <= info.sources.back().value)) in.fail();
        info.sources.push_back(SourceId{static_cast<std::uint32_t>(source)});
    }
    const std::uint64_t columns = in.varint();
    if (in.failed() || columns > kSegmentColumns)
        return damaged("its list of sources or columns is impossible");
    for (std::uint64_t i = 0; i < columns && !in.failed(); ++i)
        info.columns.push_back(getColumn(in, info.rows));
    const std::uint64_t shapes = in.varint();
    if (in.failed() || shapes > kSegmentRows) return damaged("its list of columns is impossible");
    std::size_t slotsLeft = kMaxSlots;
    for (std::uint64_t i = 0; i < shapes && !in.failed(); ++i)
        info.shapes.push_back(getShape(in, info.columns, slotsLeft));
    info.rollup.begin = in.signedVarint();
    info.rollup.width = in.signedVarint();
    const std::uint64_t counts = in.varint();
    if (in.failed() || counts > kMaxRollup || counts % 7 != 0 || info.rollup.width < 0 ||
        (counts > 0 && info.rollup.width == 0))
        return damaged("its shapes or its rollup are impossible");
    std::uint64_t counted = 0;
    for (std::uint64_t i = 0; i < counts; ++i) {
        const std::uint64_t count = in.varint();
        counted += count;
        if (counted > rows) in.fail();
        info.rollup.counts.push_back(static_cast<std::uint32_t>(count));
    }
    if (!in.finished() || !rowColumnsAreRight(info)) return damaged("its bytes do not follow the format");
    return info;
}

} // namespace faultline
