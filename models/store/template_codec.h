#pragma once
#include "models/records/mask.h"
#include "models/store/codecs.h"
#include "models/store/text_codec.h"

#include <array>
#include <string>
#include <vector>

namespace faultline {

/// Splits texts into the constants of a few templates and the values of their variables, and writes both.
/// The templates are in the order of their first text; a message's template has the pattern that patternOf()
/// gives it. One thread; memory is kept from column to column.
class TemplateEncoder
{
public:
    /// True when a sample of the texts has few templates once its numbers are taken out, and numbers make up
    /// enough of it.
    bool worthIt(const TextSpan& texts);
    /// `texts`: the rows' texts, or, with `codes`, the distinct ones that rows point into. `message`:
    /// variables are those of maskMessage(); else runs of digits. False when there are too many templates for
    /// the form to be of use; what was written then is of no use either.
    bool encode(const TextSpan& texts, const std::vector<std::uint32_t>* codes, bool message, BlobWriter& out,
                TextScratch& scratch);

private:
    struct Piece
    {
        std::uint32_t begin = 0;
        std::uint32_t length = 0;
    };
    struct Template
    {
        std::uint64_t id = 0;
        std::string pattern;
        std::vector<VariableKind> kinds; ///< the widest of each
        std::uint32_t rows = 0;
        std::size_t firstPiece = 0; ///< in m_sorted: variable by variable, each dense over the rows
        std::uint32_t filled = 0;
    };
    std::uint32_t templateOf(std::string_view text);
    void maskDigits(std::string_view text);
    void maskDigitsAndMarks(std::string_view text);
    bool matches(const Template& known, std::string_view text) const;
    void makePattern(std::string_view text);
    void clear();
    void putVariable(const TextSpan& texts, const Piece* pieces, std::size_t count, VariableKind kind,
                     BlobWriter& out, TextScratch& scratch);

    std::vector<Template> m_templates;
    std::size_t m_used = 0;             ///< of m_templates
    std::size_t m_variables = 0;        ///< of all templates
    std::vector<std::uint32_t> m_table; ///< template + 1 by id
    static constexpr unsigned kGuessBits = 9;
    std::array<std::uint32_t, 1u << kGuessBits> m_guesses{}; ///< template + 1 by the lengths of its constants
    std::vector<Variable> m_mask;
    std::string m_pattern;
    std::vector<Piece> m_pieces;             ///< in order of the texts
    std::vector<std::size_t> m_firstPiece;   ///< of each text
    std::vector<std::uint32_t> m_templateOf; ///< each text
    std::vector<std::uint32_t> m_codes;
    std::vector<Piece> m_sorted;
    std::vector<std::int64_t> m_numbers;
    std::vector<std::uint32_t> m_offsets, m_variableCodes, m_variableTable;
    std::string m_bytes;
};

/// Most memory that the values of a column's variables may take once unpacked.
inline constexpr std::size_t kMaxDecodedBytes = 2 * kMaxColumnBytes;

// Reading what the encoder wrote, for the rows of `presence`; on failure `in` has failed. The parts stand in
// the blob in this order.

/// The templates, without their rows and values.
void getTemplateList(BlobReader& in, ColumnData& column);
/// The template of each present row as its number + 1; fills in how many rows each template has.
PackedInts getTemplateCodes(BlobReader& in, ColumnData& column);
/// One variable of a template of so many rows, behind the byte that tells its form. The texts only: `form`
/// Coded has its codes behind them.
void getVariableTexts(BlobReader& in, VariableForm form, std::size_t rows, TextTemplate::Values& values);
void getVariableCodes(BlobReader& in, VariableForm form, std::size_t rows, TextTemplate::Values& values);
void skipVariable(BlobReader& in, VariableForm form, std::size_t rows);
VariableForm getVariableForm(BlobReader& in);
/// Memory that they take.
std::size_t bytesOf(const TextTemplate::Values& values);
/// All of it, into `column`.
void getTemplates(BlobReader& in, ColumnData& column);

} // namespace faultline
