#include "models/query/text_pattern.h"

#include "models/query/filter.h"
#include "models/records/utf8.h"

#include <re2/re2.h>

#include <algorithm>

namespace faultline {

struct TextPattern::Exact
{
    explicit Exact(const std::string& expression) : re(expression, options()) {}
    static RE2::Options options()
    {
        RE2::Options made;
        made.set_log_errors(false);
        return made;
    }
    RE2 re;
};

TextPattern::TextPattern(std::string_view pattern, bool whole)
{
    const std::vector<std::string> pieces = wildcardPieces(pattern);
    m_atStart = whole && !pieces.front().empty();
    m_atEnd = whole && !pieces.back().empty();
    bool valid = true, ascii = true, bytewise = true;
    std::string expression = whole ? "(?is)\\A" : "(?is)";
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (i > 0) expression += "\\C*";
        expression += RE2::QuoteMeta(pieces[i]);
        if (pieces[i].empty()) continue;
        m_pieces.emplace_back(pieces[i]);
        valid = valid && isValidUtf8(pieces[i]);
        ascii = ascii && m_pieces.back().ascii();
        bytewise = bytewise && m_pieces.back().bytewise();
    }
    if (whole) expression += "\\z";
    m_bytes = ascii || !valid;
    if (valid && !bytewise) m_exact = std::make_unique<Exact>(expression);
    // A pattern without a wildcard stands at both ends at once; the byte matcher needs no other case.
    if (m_exact && !m_exact->re.ok()) m_exact.reset(), m_bytes = true;
}

TextPattern::TextPattern(TextPattern&&) noexcept = default;
TextPattern& TextPattern::operator=(TextPattern&&) noexcept = default;
TextPattern::~TextPattern() = default;

bool TextPattern::matchesBytes(std::string_view text) const
{
    std::size_t first = 0, last = m_pieces.size();
    if (m_atStart) {
        const std::string_view piece = m_pieces.front().needle();
        if (text.size() < piece.size() || !equalsAscii(text.substr(0, piece.size()), piece)) return false;
        text.remove_prefix(piece.size());
        ++first;
    }
    if (m_atEnd && last > first) {
        const std::string_view piece = m_pieces.back().needle();
        if (text.size() < piece.size() || !equalsAscii(text.substr(text.size() - piece.size()), piece))
            return false;
        text.remove_suffix(piece.size());
        --last;
    }
    for (std::size_t i = first; i < last; ++i) {
        const std::size_t at = m_pieces[i].findBytes(text);
        if (at == FoldSearch::npos) return false;
        text.remove_prefix(at + m_pieces[i].needle().size());
    }
    return true;
}

bool TextPattern::matches(std::string_view text) const
{
    if (m_bytes) {
        if (matchesBytes(text)) return true;
        if (!m_exact || !hasFoldingCharacter(text)) return false;
    }
    return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), m_exact->re);
}

} // namespace faultline
