#pragma once
#include "models/store/text_parts.h"
#include "tests/unit/one_column.h"

#include <string>
#include <vector>

namespace faultline {

/// All texts of a column that is unpacked part by part; false when a part could not be.
inline bool textsOf(TextParts& parts, Texts& out)
{
    const ColumnData& data = parts.data();
    const bool coded = data.form == ColumnData::Form::Dictionary || data.form == ColumnData::Form::Templates;
    if (coded && !parts.needCodes()) return false;
    if (data.form == ColumnData::Form::Heap && !parts.needTable()) return false;
    if (data.form == ColumnData::Form::Fixed && !parts.needFixed()) return false;
    if (data.form == ColumnData::Form::Templates && !parts.needTemplates()) return false;
    std::vector<RowIndex> next(data.templates.size());
    if (data.form == ColumnData::Form::Templates) {
        // The last first: what stands before it has to be passed over.
        for (std::size_t i = data.templates.size(); i-- > 0;)
            for (std::size_t v = data.templates[i].kinds.size(); v-- > 0;)
                if (!parts.needTexts(i, v) || !parts.needValues(i, v)) return false;
    }
    for (RowIndex row = 0; row < data.presence.rows(); ++row) {
        out.emplace_back();
        if (!data.presence.has(row)) continue;
        std::string& text = out.back().emplace();
        if (data.form != ColumnData::Form::Templates) {
            data.appendText(row, text);
            continue;
        }
        const auto code = static_cast<std::size_t>(data.ints.at(row) - 1);
        const TextTemplate& used = data.templates[code];
        for (std::size_t v = 0; v < used.kinds.size(); ++v) {
            text += used.constants[v];
            const std::size_t before = text.size();
            used.values[v].append(next[code], text);
            const bool hex = text.find_first_not_of("0123456789abcdefABCDEF-", before) == std::string::npos;
            if (!hex && parts.onlyHex(code, v)) return false;
        }
        text += used.constants.back();
        ++next[code];
    }
    return true;
}

inline std::string differencesInParts(const OneColumn& column, const Texts& expected)
{
    auto parts = TextParts::open(column.info, column.rows, column.blob);
    if (!parts) return parts.error().line();
    Texts texts;
    if (!textsOf(**parts, texts)) return "a part cannot be unpacked: " + (*parts)->error().line();
    return texts == expected ? std::string() : "unpacked part by part the texts differ";
}

} // namespace faultline
