#pragma once
#include "models/store/blob_io.h"
#include "models/store/codecs.h"
#include "models/store/segment.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace faultline {

/// A column of texts (Dictionary, Heap, Fixed or Templates) that is unpacked part by part, as a search asks
/// for them: the distinct values before the rows that have them, the constants of messages before their
/// variables. What cannot hold the text that is looked for is never unpacked. One thread.
class TextParts
{
public:
    /// A column that is decoded already: every part is there.
    explicit TextParts(ColumnPtr column);
    /// Checks the blob and reads its small parts. `info` lives as long as this. Columns of other forms are
    /// decoded as a whole. Hostile input gives an Error.
    static Result<std::shared_ptr<TextParts>> open(const ColumnInfo& info, RowIndex rows, std::string blob);
    TextParts(const TextParts&) = delete;
    TextParts& operator=(const TextParts&) = delete;

    /// What is there so far. Always: form, kind, presence; fixedBytes, uuid and upper; pattern, constants and
    /// kinds of the templates. The rest, after the need...() below said true; `nth` only where the column was
    /// decoded.
    const ColumnData& data() const { return m_whole ? *m_whole : m_data; }

    // Each unpacks a part, unless it is there. False: its bytes do not follow the format.

    /// Dictionary, Heap: `table`.
    [[nodiscard]] bool needTable();
    /// Dictionary, Templates: `ints`.
    [[nodiscard]] bool needCodes();
    /// Templates: the `rows` of each.
    [[nodiscard]] bool needTemplates();
    /// Fixed: `fixed`.
    [[nodiscard]] bool needFixed();
    /// Templates, after needTemplates(): one variable's `ints` or `texts`, and which of them it is.
    [[nodiscard]] bool needTexts(std::size_t index, std::size_t variable);
    /// Its `codes` too.
    [[nodiscard]] bool needValues(std::size_t index, std::size_t variable);
    /// After needTemplates(): the variable holds nothing but hex digits and dashes. May say false where it
    /// does.
    bool onlyHex(std::size_t index, std::size_t variable) const;

    /// Why a part is not to be had.
    Error error() const;
    /// Memory held, of what has been unpacked and of what has not.
    std::size_t bytes() const;

private:
    struct Variable
    {
        BlobReader::Place texts, codes;
        VariableForm form = VariableForm::Numbers;
        bool hex = false;
        bool hasTexts = false, hasCodes = false;
    };
    TextParts(const ColumnInfo& info, std::string blob);
    bool fail();
    bool openBody();

    ColumnPtr m_whole;
    const ColumnInfo* m_info = nullptr;
    std::string m_blob;
    std::optional<BlobReader> m_in;
    ColumnData m_data;
    std::uint64_t m_distinct = 0;
    BlobReader::Place m_body, m_codes;
    PackedInts m_dense; ///< codes of the present rows, from needTemplates() to needCodes()
    bool m_hasTable = false, m_hasCodes = false, m_hasFixed = false, m_hasTemplates = false;
    bool m_failed = false;
    std::vector<std::size_t> m_firstVariable; ///< of each template
    std::vector<Variable> m_variables;
    std::size_t m_unpacked = 0; ///< bytes, of the variables
};

} // namespace faultline
