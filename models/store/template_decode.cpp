#include "models/base/hash.h"
#include "models/store/template_codec.h"

#include <algorithm>

namespace faultline {
namespace {

bool getTemplate(BlobReader& in, TextTemplate& made)
{
    made.pattern = in.text();
    made.id = hash64(made.pattern);
    std::size_t at = 0;
    for (std::size_t mark; (mark = made.pattern.find(kVariableMark, at)) != std::string::npos;
         at = mark + 1) {
        made.constants.push_back(made.pattern.substr(at, mark - at));
        const std::uint8_t kind = in.byte();
        if (kind < static_cast<std::uint8_t>(VariableKind::Digits) ||
            kind > static_cast<std::uint8_t>(VariableKind::Text))
            in.fail();
        if (made.kinds.size() >= kMaxTemplateVariables) in.fail();
        if (in.failed()) return false;
        made.kinds.push_back(static_cast<VariableKind>(kind));
    }
    made.constants.push_back(made.pattern.substr(at));
    return !in.failed();
}

template <class T> void countRows(const PackedInts& codes, std::vector<RowIndex>& counts)
{
    // Four counters each: rows of one template often follow each other, and would wait for each other.
    const T* const from = codes.as<T>();
    const std::size_t known = counts.size();
    std::vector<RowIndex> more(4 * known, 0);
    std::size_t row = 0;
    for (; row + 4 <= codes.count; row += 4)
        for (std::size_t k = 0; k < 4; ++k) ++more[k * known + from[row + k]];
    for (; row < codes.count; ++row) ++more[from[row]];
    for (std::size_t k = 0; k < 4; ++k)
        for (std::size_t code = 0; code < known; ++code) counts[code] += more[k * known + code];
}

/// Numbers each row among those of its template.
template <class T, class N>
void numberRows(const PackedInts& codes, std::vector<RowIndex>& next, std::vector<std::uint8_t>& data)
{
    const T* const from = codes.as<T>();
    N* const to = reinterpret_cast<N*>(data.data());
    for (std::size_t row = 0; row < codes.count; ++row) to[row] = static_cast<N>(next[from[row]]++);
}

template <class N> void numberRows(const PackedInts& codes, std::size_t templates, PackedInts& nth)
{
    std::vector<RowIndex> next(templates + 1, 0);
    switch (codes.width) {
    case 1: next.resize(256); return numberRows<std::uint8_t, N>(codes, next, nth.data);
    case 2: return numberRows<std::uint16_t, N>(codes, next, nth.data);
    case 4: return numberRows<std::uint32_t, N>(codes, next, nth.data);
    default: break;
    }
    N* const to = reinterpret_cast<N*>(nth.data.data());
    for (std::size_t row = 0; row < codes.count; ++row) to[row] = static_cast<N>(row);
}

} // namespace

void getTemplateList(BlobReader& in, ColumnData& column)
{
    const std::uint64_t count = in.varint();
    if (count == 0 || count > kMaxTemplates || count > column.presence.count()) in.fail();
    if (in.failed()) return;
    column.templates.resize(count);
    std::size_t variables = 0;
    for (TextTemplate& made : column.templates) {
        if (!getTemplate(in, made)) return;
        variables += made.kinds.size();
        if (variables > kMaxTemplateVariables) return in.fail(); // before memory is taken for them
        made.values.resize(made.kinds.size());
    }
}

PackedInts getTemplateCodes(BlobReader& in, ColumnData& column)
{
    PackedInts codes = getCodes(in, column.presence.count(), column.templates.size());
    if (!in.failed() && smallestCode(codes) == 0) in.fail();
    if (in.failed()) return {};
    std::vector<RowIndex> counts(column.templates.size() + 1, 0);
    switch (codes.width) {
    case 1: countRows<std::uint8_t>(codes, counts); break;
    case 2: countRows<std::uint16_t>(codes, counts); break;
    case 4: countRows<std::uint32_t>(codes, counts); break;
    default: counts[static_cast<std::size_t>(codes.base)] = static_cast<RowIndex>(codes.count); break;
    }
    for (std::size_t i = 0; i < column.templates.size(); ++i) {
        column.templates[i].rows = counts[i + 1];
        if (counts[i + 1] == 0) in.fail();
    }
    return codes;
}

VariableForm getVariableForm(BlobReader& in)
{
    const auto form = static_cast<VariableForm>(in.byte());
    if (form > VariableForm::Coded) in.fail();
    return form;
}

void getVariableTexts(BlobReader& in, VariableForm form, std::size_t rows, TextTemplate::Values& values)
{
    if (in.failed()) return;
    if (form == VariableForm::Numbers) {
        values.numeric = true;
        values.ints = getInts(in, rows);
        return;
    }
    std::uint64_t texts = rows;
    if (form == VariableForm::Coded) {
        texts = in.varint();
        if (texts == 0 || texts > rows) in.fail();
        if (in.failed()) return;
    }
    values.texts = getTexts(in, texts);
}

void getVariableCodes(BlobReader& in, VariableForm form, std::size_t rows, TextTemplate::Values& values)
{
    if (in.failed() || form != VariableForm::Coded) return;
    values.codes = getCodes(in, rows, values.texts.size() - 1);
}

void skipVariable(BlobReader& in, VariableForm form, std::size_t rows)
{
    if (in.failed()) return;
    if (form == VariableForm::Numbers) return skipInts(in, rows);
    std::uint64_t texts = rows;
    if (form == VariableForm::Coded) {
        texts = in.varint();
        if (texts == 0 || texts > rows) in.fail();
        if (in.failed()) return;
    }
    skipTexts(in, texts);
    if (form == VariableForm::Coded) skipInts(in, rows);
}

std::size_t bytesOf(const TextTemplate::Values& values)
{
    return values.ints.data.size() + values.codes.data.size() + values.texts.bytes.size() +
           values.texts.offsets.size() * 4;
}

void getTemplates(BlobReader& in, ColumnData& column)
{
    getTemplateList(in, column);
    if (in.failed()) return;
    PackedInts codes = getTemplateCodes(in, column);
    if (in.failed()) return;
    column.ints = spreadCodes(std::move(codes), column.presence);

    std::uint32_t most = 0;
    for (const TextTemplate& made : column.templates) most = std::max(most, made.rows);
    if (column.ints.width == 0) most = column.presence.rows();
    column.nth.count = column.presence.rows();
    column.nth.width = std::max<std::uint8_t>(1, widthFor(most));
    column.nth.data.resize(column.nth.count * column.nth.width);
    switch (column.nth.width) {
    case 1: numberRows<std::uint8_t>(column.ints, column.templates.size(), column.nth); break;
    case 2: numberRows<std::uint16_t>(column.ints, column.templates.size(), column.nth); break;
    default: numberRows<std::uint32_t>(column.ints, column.templates.size(), column.nth); break;
    }

    std::size_t bytes = 0;
    for (TextTemplate& made : column.templates) {
        for (TextTemplate::Values& values : made.values) {
            const VariableForm form = getVariableForm(in);
            getVariableTexts(in, form, made.rows, values);
            getVariableCodes(in, form, made.rows, values);
            bytes += bytesOf(values);
            if (bytes > kMaxDecodedBytes) in.fail();
            if (in.failed()) return;
        }
    }
}

} // namespace faultline
