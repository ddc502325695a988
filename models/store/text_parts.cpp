#include "models/store/text_parts.h"

#include "models/store/column_decode.h"
#include "models/store/template_codec.h"

#include <utility>

namespace faultline {

TextParts::TextParts(ColumnPtr column) : m_whole(std::move(column)) {}

TextParts::TextParts(const ColumnInfo& info, std::string blob) : m_info(&info), m_blob(std::move(blob))
{
    m_in.emplace(m_blob, kColumnMetaBytes);
}

Result<std::shared_ptr<TextParts>> TextParts::open(const ColumnInfo& info, RowIndex rows, std::string blob)
{
    const auto codec = static_cast<Codec>(info.codec);
    if (codec != Codec::Dictionary && codec != Codec::Heap && codec != Codec::Fixed &&
        codec != Codec::Templates && codec != Codec::Patterns) {
        auto column = decodeColumn(info, rows, blob);
        if (!column) return std::move(column).error();
        return std::make_shared<TextParts>(std::move(*column));
    }
    if (auto status = checkColumnEntry(info, rows); !status) return status.error();
    const std::shared_ptr<TextParts> parts(new TextParts(info, std::move(blob)));
    auto presence = beginColumn(*parts->m_in, info, rows);
    if (!presence) return std::move(presence).error();
    parts->m_data.kind = info.kind;
    parts->m_data.presence = std::move(*presence);
    if (!parts->openBody()) return parts->error();
    return parts;
}

bool TextParts::openBody()
{
    BlobReader& in = *m_in;
    switch (static_cast<Codec>(m_info->codec)) {
    case Codec::Dictionary:
        m_data.form = ColumnData::Form::Dictionary;
        m_distinct = in.varint();
        if (m_distinct == 0 || m_distinct > m_data.presence.count()) in.fail();
        break;
    case Codec::Heap: m_data.form = ColumnData::Form::Heap; break;
    case Codec::Fixed: {
        m_data.form = ColumnData::Form::Fixed;
        const HexTexts hex = getHexForm(in);
        m_data.fixedBytes = hex.fixedBytes;
        m_data.uuid = hex.uuid;
        m_data.upper = hex.upper;
        break;
    }
    default:
        m_data.form = ColumnData::Form::Templates;
        getTemplateList(in, m_data);
        break;
    }
    m_body = in.place();
    return !in.failed() || fail();
}

bool TextParts::fail()
{
    m_failed = true;
    return false;
}

Error TextParts::error() const
{
    return damagedColumn(*m_info, "its bytes do not follow the format");
}

bool TextParts::needTable()
{
    if (m_whole || m_hasTable) return true;
    if (m_failed) return false;
    BlobReader& in = *m_in;
    in.seek(m_body);
    const bool heap = m_data.form == ColumnData::Form::Heap;
    m_data.table = heap ? getPlainTexts(in, m_data.presence.count()) : getTexts(in, m_distinct);
    if (in.failed()) return fail();
    m_codes = in.place();
    m_hasTable = true;
    return true;
}

bool TextParts::needFixed()
{
    if (m_whole || m_hasFixed) return true;
    if (m_failed) return false;
    m_in->seek(m_body);
    m_data.fixed.resize(std::size_t{m_data.presence.count()} * m_data.fixedBytes);
    if (!m_in->array(m_data.fixed.data(), m_data.fixed.size())) return fail();
    m_hasFixed = true;
    return true;
}

bool TextParts::needCodes()
{
    if (m_whole || m_hasCodes) return true;
    if (m_failed) return false;
    if (m_data.form == ColumnData::Form::Dictionary) {
        if (!needTable()) return false;
        m_in->seek(m_codes);
        m_dense = getCodes(*m_in, m_data.presence.count(), m_distinct);
        if (m_in->failed() || smallestCode(m_dense) == 0) return fail();
    } else if (!needTemplates()) {
        return false;
    }
    m_data.ints = spreadCodes(std::move(m_dense), m_data.presence);
    m_hasCodes = true;
    return true;
}

bool TextParts::needTemplates()
{
    if (m_whole || m_hasTemplates) return true;
    if (m_failed) return false;
    BlobReader& in = *m_in;
    in.seek(m_body);
    m_dense = getTemplateCodes(in, m_data);
    if (in.failed()) return fail();
    for (const TextTemplate& made : m_data.templates) {
        m_firstVariable.push_back(m_variables.size());
        for (std::size_t i = 0; i < made.kinds.size(); ++i) {
            Variable& variable = m_variables.emplace_back();
            variable.form = getVariableForm(in);
            variable.texts = in.place();
            if (variable.form == VariableForm::Coded) in.varint();
            variable.hex =
                variable.form == VariableForm::Numbers || static_cast<TextForm>(in.byte()) == TextForm::Hex;
            in.seek(variable.texts);
            skipVariable(in, variable.form, made.rows);
            if (in.failed()) return fail();
        }
    }
    m_hasTemplates = true;
    return true;
}

bool TextParts::onlyHex(std::size_t index, std::size_t variable) const
{
    if (data().templates[index].kinds[variable] != VariableKind::Text) return true;
    return !m_whole && m_hasTemplates && m_variables[m_firstVariable[index] + variable].hex;
}

bool TextParts::needTexts(std::size_t index, std::size_t variable)
{
    if (m_whole) return true;
    if (m_failed || !m_hasTemplates) return false;
    Variable& part = m_variables[m_firstVariable[index] + variable];
    if (part.hasTexts) return true;
    TextTemplate::Values& values = m_data.templates[index].values[variable];
    m_in->seek(part.texts);
    getVariableTexts(*m_in, part.form, m_data.templates[index].rows, values);
    m_unpacked += bytesOf(values);
    if (m_in->failed() || m_unpacked > kMaxDecodedBytes) return fail();
    part.codes = m_in->place();
    part.hasTexts = true;
    return true;
}

bool TextParts::needValues(std::size_t index, std::size_t variable)
{
    if (m_whole) return true;
    if (!needTexts(index, variable)) return false;
    Variable& part = m_variables[m_firstVariable[index] + variable];
    if (part.hasCodes) return true;
    TextTemplate::Values& values = m_data.templates[index].values[variable];
    m_in->seek(part.codes);
    getVariableCodes(*m_in, part.form, m_data.templates[index].rows, values);
    m_unpacked += values.codes.data.size();
    if (m_in->failed()) return fail();
    part.hasCodes = true;
    return true;
}

std::size_t TextParts::bytes() const
{
    return m_whole ? m_whole->bytes() : m_blob.capacity() + m_data.bytes();
}

Result<std::shared_ptr<TextParts>> ColumnSource::texts(const SegmentInfo& segment, ColumnIndex index)
{
    auto whole = column(segment, index);
    if (!whole) return std::move(whole).error();
    return std::make_shared<TextParts>(std::move(*whole));
}

} // namespace faultline
