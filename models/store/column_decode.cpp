#include "models/store/column_decode.h"

#include "models/store/codecs.h"
#include "models/store/template_codec.h"

#include <bit>

namespace faultline {
namespace {

Presence getPresence(BlobReader& in, RowIndex rows)
{
    const auto form = static_cast<PresenceForm>(in.byte());
    if (in.failed() || form == PresenceForm::All) return Presence::all(rows);
    std::vector<std::uint64_t> bits((std::size_t{rows} + 63) / 64);
    if (form == PresenceForm::Bitmap) {
        if (!in.array(bits.data(), (std::size_t{rows} + 7) / 8)) return {};
        if constexpr (std::endian::native == std::endian::big)
            for (std::uint64_t& word : bits) word = __builtin_bswap64(word);
        return Presence::of(std::move(bits), rows);
    }
    if (form != PresenceForm::PresentRows && form != PresenceForm::AbsentRows) in.fail();
    const std::uint64_t listed = in.varint();
    if (listed > rows) in.fail();
    std::uint64_t next = 0;
    for (std::uint64_t i = 0; i < listed && !in.failed(); ++i) {
        const std::uint64_t gap = in.varint();
        if (gap >= rows - next) {
            in.fail();
            break;
        }
        next += gap;
        bits[next / 64] |= std::uint64_t{1} << (next % 64);
        ++next;
    }
    if (form == PresenceForm::AbsentRows)
        for (std::uint64_t& word : bits) word = ~word;
    return Presence::of(std::move(bits), rows);
}

bool textual(ValueKind kind)
{
    return kind == ValueKind::Text || kind == ValueKind::Number || kind == ValueKind::Json;
}

bool fits(Codec codec, ValueKind kind)
{
    switch (codec) {
    case Codec::Ints: return kind == ValueKind::Int || kind == ValueKind::Bool;
    case Codec::Decimals: return kind == ValueKind::Decimal;
    case Codec::Presence: return kind == ValueKind::Null || kind == ValueKind::Time;
    case Codec::Dictionary:
    case Codec::Heap:
    case Codec::Fixed:
    case Codec::Templates:
    case Codec::Patterns: return textual(kind);
    case Codec::None: break;
    }
    return false;
}

void getDictionary(BlobReader& in, ColumnData& column)
{
    const std::uint64_t distinct = in.varint();
    if (distinct == 0 || distinct > column.presence.count()) in.fail();
    if (in.failed()) return;
    column.table = getTexts(in, distinct);
    PackedInts codes = getCodes(in, column.presence.count(), distinct);
    if (in.failed()) return;
    for (std::size_t i = 1; i < distinct; ++i)
        if (column.table.at(i - 1) >= column.table.at(i)) return in.fail();
    if (smallestCode(codes) == 0) return in.fail();
    column.ints = spreadCodes(std::move(codes), column.presence);
}

void getBody(BlobReader& in, const ColumnInfo& info, ColumnData& column)
{
    const std::size_t count = column.presence.count();
    switch (static_cast<Codec>(info.codec)) {
    case Codec::Ints:
        column.form = ColumnData::Form::Ints;
        column.ints = getInts(in, count);
        // Who sizes tables by the bounds of the directory may rely on them.
        if (!within(column.ints, info.minInt, info.maxInt)) in.fail();
        return;
    case Codec::Decimals:
        column.form = ColumnData::Form::Decimals;
        column.ints = getInts(in, count);
        column.scales = getInts(in, count);
        if (info.minInt <= info.maxInt && !within(column.ints, info.minInt, info.maxInt)) in.fail();
        if (!within(column.scales, 0, 255)) in.fail();
        return;
    case Codec::Dictionary: column.form = ColumnData::Form::Dictionary; return getDictionary(in, column);
    case Codec::Heap:
        column.form = ColumnData::Form::Heap;
        column.table = getPlainTexts(in, count);
        return;
    case Codec::Fixed: {
        column.form = ColumnData::Form::Fixed;
        HexTexts hex = getHex(in, count);
        column.fixed = std::move(hex.bytes);
        column.fixedBytes = hex.fixedBytes;
        column.uuid = hex.uuid;
        column.upper = hex.upper;
        return;
    }
    case Codec::Templates:
        column.form = ColumnData::Form::Templates;
        getTemplates(in, column);
        // Not what patternOf() would say: who asks for patterns looks at the texts.
        for (TextTemplate& made : column.templates) made.id = 0;
        return;
    case Codec::Patterns: column.form = ColumnData::Form::Templates; return getTemplates(in, column);
    case Codec::Presence: return;
    case Codec::None: break;
    }
    in.fail();
}

} // namespace

Error damagedColumn(const ColumnInfo& info, std::string why)
{
    return makeError(ErrorKind::Damaged, "read column " + info.path, std::move(why),
                     {"`faultline doctor` says which events are affected and keeps the rest."});
}

Status checkColumnEntry(const ColumnInfo& info, RowIndex rows)
{
    const auto codec = static_cast<Codec>(info.codec);
    if (rows > kSegmentRows || info.present > rows) return damagedColumn(info, "its row count is impossible");
    if (codec > Codec::Patterns)
        return makeError(ErrorKind::Unsupported, "read column " + info.path,
                         "codec " + std::to_string(info.codec) + " is not known to this version",
                         {"Open the store with a newer version."});
    if (codec != Codec::None && (info.present == 0 || !fits(codec, info.kind)))
        return damagedColumn(info, "its codec does not fit its kind");
    return {};
}

Result<Presence> beginColumn(BlobReader& in, const ColumnInfo& info, RowIndex rows)
{
    if (in.failed()) return damagedColumn(info, "its check does not match its bytes");
    if (in.format() != info.codec) return damagedColumn(info, "its codec is not the one of the directory");
    Presence presence = getPresence(in, rows);
    if (!in.failed() && presence.count() != info.present)
        return damagedColumn(info, "its rows are not those of the directory");
    return presence;
}

Result<ColumnPtr> decodeColumn(const ColumnInfo& info, RowIndex rows, std::string_view blob)
{
    if (auto status = checkColumnEntry(info, rows); !status) return status.error();
    auto column = std::make_shared<ColumnData>();
    column->kind = info.kind;
    if (static_cast<Codec>(info.codec) == Codec::None) {
        const bool bare = info.kind == ValueKind::Null || info.kind == ValueKind::Time;
        if (!blob.empty() || (info.present != 0 && !(bare && info.present == rows)))
            return damagedColumn(info, "it has values but no codec");
        column->presence = info.present == 0 ? Presence::of({}, rows) : Presence::all(rows);
        return ColumnPtr(std::move(column));
    }
    BlobReader in(blob, kColumnMetaBytes);
    auto presence = beginColumn(in, info, rows);
    if (!presence) return std::move(presence).error();
    column->presence = std::move(*presence);
    if (!in.failed()) getBody(in, info, *column);
    if (!in.finished()) return damagedColumn(info, "its bytes do not follow the format");
    return ColumnPtr(std::move(column));
}

} // namespace faultline
