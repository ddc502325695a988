#include "models/store/template_codec.h"

#include "models/base/hash.h"
#include "models/store/codecs.h"
#include "models/store/column_buffer.h"

#include <algorithm>
#include <bit>
#include <cstring>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace faultline {
namespace {

constexpr std::size_t kSample = 192;         // texts that are looked at before a column is split
constexpr std::size_t kFewRows = 32;         // a variable of fewer rows is not worth a dictionary
constexpr std::size_t kMaxVariables = 1'024; // of one template

std::int64_t numberOf(std::string_view digits)
{
    std::int64_t number = 0;
    for (const char digit : digits) number = number * 10 + (digit - '0');
    return number;
}

struct BlockMasks
{
    std::uint32_t digits = 0, marks = 0; ///< a bit a byte
};

/// Which of up to 16 bytes are digits, and which are variable marks.
BlockMasks masksOf(const char* from, std::size_t size)
{
    BlockMasks masks;
#ifdef __SSE2__
    std::array<char, 16> copy{};
    if (size < 16) {
        std::memcpy(copy.data(), from, size);
        from = copy.data();
    }
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const __m128i digits = _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8('0' - 1)),
                                         _mm_cmplt_epi8(bytes, _mm_set1_epi8('9' + 1)));
    masks.digits = static_cast<std::uint32_t>(_mm_movemask_epi8(digits));
    masks.marks =
        static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(kVariableMark))));
#else
    for (std::size_t i = 0; i < size; ++i) {
        masks.digits |= (from[i] >= '0' && from[i] <= '9' ? 1u : 0u) << i;
        masks.marks |= (from[i] == kVariableMark ? 1u : 0u) << i;
    }
#endif
    return masks;
}

std::uint32_t& slotOf(std::vector<std::uint32_t>& table, std::uint64_t hash, auto&& same)
{
    const std::size_t mask = table.size() - 1;
    std::size_t at = hash & mask;
    while (table[at] != 0 && !same(table[at] - 1)) at = (at + 1) & mask;
    return table[at];
}

} // namespace

void TemplateEncoder::clear()
{
    m_used = m_variables = 0;
    m_table.assign(1'024, 0);
    m_guesses.fill(0);
    m_pieces.clear();
    m_firstPiece.assign(1, 0);
    m_templateOf.clear();
}

/// Runs of digits as variables; a literal mark is one too.
void TemplateEncoder::maskDigits(std::string_view text)
{
    m_mask.clear();
    std::size_t begin = text.size(); // of the open run; text.size(): none
    const auto close = [&](std::size_t end) {
        const bool number = end - begin <= 18 && (text[begin] != '0' || end - begin == 1);
        m_mask.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end),
                          number ? VariableKind::Digits : VariableKind::Text});
        begin = text.size();
    };
    for (std::size_t at = 0; at < text.size(); at += 16) {
        const std::size_t size = std::min<std::size_t>(16, text.size() - at);
        BlockMasks block = masksOf(text.data() + at, size);
        if (block.marks != 0) return maskDigitsAndMarks(text);
        // The bits where a run begins or ends
        std::uint32_t edges =
            (block.digits ^ (block.digits << 1 | (begin < text.size() ? 1u : 0u))) & ((1u << size) - 1);
        for (; edges != 0; edges &= edges - 1) {
            const std::size_t edge = at + static_cast<unsigned>(std::countr_zero(edges));
            if (begin < text.size())
                close(edge);
            else
                begin = edge;
        }
    }
    if (begin < text.size()) close(text.size());
}

void TemplateEncoder::maskDigitsAndMarks(std::string_view text)
{
    m_mask.clear();
    const auto isDigit = [&](std::size_t at) { return static_cast<unsigned char>(text[at] - '0') < 10; };
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        while (at < text.size() && isDigit(at)) ++at;
        auto kind = VariableKind::Text;
        if (at == begin) {
            if (text[at++] != kVariableMark) continue;
        } else if (at - begin <= 18 && (text[begin] != '0' || at - begin == 1)) {
            kind = VariableKind::Digits;
        }
        m_mask.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at), kind});
    }
}

/// Whether the text that was just split has this template's constants.
bool TemplateEncoder::matches(const Template& known, std::string_view text) const
{
    const std::string_view pattern = known.pattern;
    if (known.kinds.size() != m_mask.size()) return false;
    std::size_t at = 0, inPattern = 0;
    for (const Variable& variable : m_mask) {
        const std::size_t size = variable.begin - at;
        if (inPattern + size >= pattern.size() || pattern[inPattern + size] != kVariableMark ||
            !sameText(pattern.substr(inPattern, size), text.substr(at, size)))
            return false;
        inPattern += size + 1;
        at = variable.end;
    }
    return sameText(pattern.substr(inPattern), text.substr(at));
}

void TemplateEncoder::makePattern(std::string_view text)
{
    m_pattern.clear();
    std::size_t at = 0;
    for (const Variable& variable : m_mask) {
        m_pattern.append(text.substr(at, variable.begin - at));
        m_pattern.push_back(kVariableMark);
        at = variable.end;
    }
    m_pattern.append(text.substr(at));
}

/// The template of a text that maskMessage() has just split; made when new.
std::uint32_t TemplateEncoder::templateOf(std::string_view text)
{
    // Lengths of the constants nearly tell the templates apart: a guess that is then checked.
    std::uint32_t guess = static_cast<std::uint32_t>(m_mask.size());
    std::uint32_t end = 0;
    for (const Variable& variable : m_mask) {
        guess = guess * 0x9e3779b1u + (variable.begin - end);
        end = variable.end;
    }
    guess = guess * 0x9e3779b1u + static_cast<std::uint32_t>(text.size() - end);
    std::uint32_t& guessed = m_guesses[(guess * 0x9e3779b1u) >> (32 - kGuessBits)];
    if (guessed != 0 && matches(m_templates[guessed - 1], text)) {
        Template& known = m_templates[guessed - 1];
        for (std::size_t i = 0; i < m_mask.size(); ++i)
            known.kinds[i] = std::max(known.kinds[i], m_mask[i].kind);
        return guessed - 1;
    }
    makePattern(text);
    const std::uint64_t id = hash64(m_pattern);
    const auto same = [&](std::uint32_t index) {
        return m_templates[index].id == id && m_templates[index].pattern == m_pattern;
    };
    std::uint32_t& slot = slotOf(m_table, id, same);
    if (slot != 0) {
        Template& known = m_templates[slot - 1];
        for (std::size_t i = 0; i < m_mask.size(); ++i)
            known.kinds[i] = std::max(known.kinds[i], m_mask[i].kind);
        guessed = slot;
        return slot - 1;
    }
    if (m_used == m_templates.size()) m_templates.emplace_back();
    Template& made = m_templates[m_used];
    made.id = id;
    made.pattern = m_pattern;
    made.kinds.clear();
    for (const Variable& variable : m_mask) made.kinds.push_back(variable.kind);
    made.rows = made.filled = 0;
    m_variables += m_mask.size();
    slot = guessed = static_cast<std::uint32_t>(++m_used);
    if (m_used * 2 > m_table.size()) {
        m_table.assign(m_table.size() * 4, 0);
        for (std::uint32_t i = 0; i < m_used; ++i)
            slotOf(m_table, m_templates[i].id, [](std::uint32_t) { return false; }) = i + 1;
    }
    return static_cast<std::uint32_t>(m_used - 1);
}

bool TemplateEncoder::worthIt(const TextSpan& texts)
{
    if (texts.size() < kSample / 2) return false;
    clear();
    const std::size_t step = std::max<std::size_t>(1, texts.size() / kSample);
    std::size_t looked = 0, bytes = 0, variableBytes = 0;
    for (std::size_t i = 0; i < texts.size(); i += step, ++looked) {
        const std::string_view text = texts.at(i);
        if (text.size() > 4'096) return false;
        maskDigits(text);
        if (m_mask.size() > 16) return false;
        templateOf(text);
        if (m_used > 4 && m_used * 8 > looked + kSample / 2) return false;
        bytes += text.size();
        for (const Variable& variable : m_mask)
            variableBytes += variable.kind == VariableKind::Digits ? (variable.end - variable.begin) / 2
                                                                   : variable.end - variable.begin;
    }
    return variableBytes * 10 < bytes * 8; // what is left must be clearly smaller
}

void TemplateEncoder::putVariable(const TextSpan& texts, const Piece* pieces, std::size_t count,
                                  VariableKind kind, BlobWriter& out, TextScratch& scratch)
{
    const auto textOf = [&](const Piece& piece) { return texts.bytes.substr(piece.begin, piece.length); };
    if (kind == VariableKind::Digits) {
        m_numbers.resize(count);
        for (std::size_t i = 0; i < count; ++i) m_numbers[i] = numberOf(textOf(pieces[i]));
        out.byte(static_cast<std::uint8_t>(VariableForm::Numbers));
        putInts(out, m_numbers, scratch.ints);
        return;
    }
    m_bytes.clear();
    m_offsets.assign(1, 0);
    const auto add = [&](std::string_view text) {
        m_bytes.append(text);
        m_offsets.push_back(static_cast<std::uint32_t>(m_bytes.size()));
    };
    bool coded = count >= kFewRows;
    if (coded) {
        std::size_t room = 64;
        m_variableTable.assign(room, 0);
        m_variableCodes.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
            const std::string_view text = textOf(pieces[i]);
            const std::uint64_t hash = hash64(text);
            const auto same = [&](std::uint32_t code) {
                return std::string_view(m_bytes).substr(m_offsets[code],
                                                        m_offsets[code + 1] - m_offsets[code]) == text;
            };
            std::uint32_t& slot = slotOf(m_variableTable, hash, same);
            if (slot == 0) {
                const std::size_t distinct = m_offsets.size(); // with this one
                if (distinct > 16 + i / 2) {
                    coded = false;
                    break;
                }
                add(text);
                slot = static_cast<std::uint32_t>(distinct);
                m_variableCodes[i] = static_cast<std::uint32_t>(distinct - 1);
                if (distinct * 2 > room) {
                    room *= 4;
                    m_variableTable.assign(room, 0);
                    for (std::uint32_t code = 0; code < distinct; ++code) {
                        const std::string_view known = std::string_view(m_bytes).substr(
                            m_offsets[code], m_offsets[code + 1] - m_offsets[code]);
                        slotOf(m_variableTable, hash64(known), [](std::uint32_t) { return false; }) =
                            code + 1;
                    }
                }
            } else {
                m_variableCodes[i] = slot - 1;
            }
        }
    }
    if (coded) {
        out.byte(static_cast<std::uint8_t>(VariableForm::Coded));
        out.varint(m_offsets.size() - 1);
        putTexts(out, {m_offsets, m_bytes}, scratch);
        putCodes(out, m_variableCodes, scratch.ints);
        return;
    }
    m_bytes.clear();
    m_offsets.assign(1, 0);
    for (std::size_t i = 0; i < count; ++i) add(textOf(pieces[i]));
    out.byte(static_cast<std::uint8_t>(VariableForm::Texts));
    putTexts(out, {m_offsets, m_bytes}, scratch);
}

bool TemplateEncoder::encode(const TextSpan& texts, const std::vector<std::uint32_t>* codes, bool message,
                             BlobWriter& out, TextScratch& scratch)
{
    clear();
    const std::size_t count = texts.size();
    m_templateOf.resize(count);
    m_firstPiece.resize(count + 1);
    for (std::size_t i = 0; i < count; ++i) {
        const std::string_view text = texts.at(i);
        if (message)
            maskMessage(text, m_mask);
        else
            maskDigits(text);
        if (m_mask.size() > kMaxVariables) return false;
        m_templateOf[i] = templateOf(text);
        if (m_used > kMaxTemplates || m_variables > kMaxTemplateVariables || m_used > 256 + i / 4)
            return false;
        for (const Variable& variable : m_mask)
            m_pieces.push_back({texts.offsets[i] + variable.begin, variable.end - variable.begin});
        m_firstPiece[i + 1] = m_pieces.size();
    }
    const std::size_t rows = codes == nullptr ? count : codes->size();
    m_codes.resize(rows);
    for (std::size_t row = 0; row < rows; ++row) {
        const std::uint32_t used = m_templateOf[codes == nullptr ? row : (*codes)[row]];
        m_codes[row] = used + 1;
        ++m_templates[used].rows;
    }
    std::size_t pieces = 0;
    for (std::size_t i = 0; i < m_used; ++i) {
        m_templates[i].firstPiece = pieces;
        pieces += m_templates[i].kinds.size() * m_templates[i].rows;
    }
    m_sorted.resize(pieces);
    for (std::size_t row = 0; row < rows; ++row) {
        const std::size_t text = codes == nullptr ? row : (*codes)[row];
        Template& used = m_templates[m_codes[row] - 1];
        std::size_t to = used.firstPiece + used.filled++;
        for (std::size_t piece = m_firstPiece[text]; piece < m_firstPiece[text + 1]; ++piece, to += used.rows)
            m_sorted[to] = m_pieces[piece];
    }
    out.varint(m_used);
    for (std::size_t i = 0; i < m_used; ++i) {
        out.text(m_templates[i].pattern);
        for (const VariableKind kind : m_templates[i].kinds) out.byte(static_cast<std::uint8_t>(kind));
    }
    putCodes(out, m_codes, scratch.ints);
    for (std::size_t i = 0; i < m_used; ++i) {
        const Template& used = m_templates[i];
        for (std::size_t variable = 0; variable < used.kinds.size(); ++variable)
            putVariable(texts, m_sorted.data() + used.firstPiece + variable * used.rows, used.rows,
                        used.kinds[variable], out, scratch);
    }
    return true;
}

} // namespace faultline
