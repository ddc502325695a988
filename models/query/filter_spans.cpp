#include "models/query/filter_spans.h"

#include "models/query/filter_build.h"
#include "models/query/filter_lexer.h"

#include <algorithm>
#include <array>

namespace faultline {
namespace {

using Kind = FilterSpan::Kind;

class SpanReader
{
public:
    explicit SpanReader(std::string_view text) : m_lexer(text) {}

    std::vector<FilterSpan> read()
    {
        for (;;) {
            m_lexer.skipSpace();
            if (m_lexer.atEnd()) return std::move(m_spans);
            const char c = m_lexer.peek();
            if (c == '(' || c == ')') {
                // Inside field:( ) every word is a value.
                if (m_group > 0) m_group += c == '(' ? 1 : -1;
                take(1, Kind::Bracket);
            } else if (c == '-' && startsTerm(m_lexer.peek(1))) {
                take(1, Kind::Operator);
            } else if (!keyword() && !term()) {
                return std::move(m_spans);
            }
        }
    }

private:
    static bool startsTerm(char c) { return c != '\0' && c != ' ' && c != ')' && c != '\t'; }

    void take(std::size_t bytes, Kind kind)
    {
        m_spans.push_back({m_lexer.offset(), m_lexer.offset() + bytes, kind});
        m_lexer.advance(bytes);
    }
    bool keyword()
    {
        for (const std::string_view word : {"AND", "OR", "NOT"}) {
            if (!m_lexer.atKeywordInAnyCase(word)) continue;
            take(word.size(), Kind::Keyword);
            return true;
        }
        return false;
    }
    /// A word, or a field with what is asked of it. False when the rest cannot be read: it is one span.
    bool term()
    {
        if (m_group > 0) return word(FilterLexer::Place::Value, Kind::Value);
        if (const std::size_t length = operatorHere(); length > 0) return test(length); // any field
        if (!word(FilterLexer::Place::Term, Kind::Word)) return false;
        const std::size_t behind = m_lexer.offset();
        m_lexer.skipSpace();
        const std::size_t length = m_lexer.atEnd() ? 0 : operatorHere();
        if (length == 0) {
            m_lexer.moveTo(behind);
            return true;
        }
        m_spans.back().kind = Kind::Field;
        return test(length);
    }
    std::size_t operatorHere() const
    {
        constexpr std::array<std::string_view, 12> kOperators = {":>=", ":<=", ":>", ":<", "=~", "!~",
                                                                 "!=",  ">=",  "<=", ":",  "<",  ">"};
        for (const std::string_view each : kOperators)
            if (m_lexer.startsWith(each)) return each.size();
        return m_lexer.startsWith("=") ? 1 : 0;
    }
    bool test(std::size_t length)
    {
        const bool regex = m_lexer.startsWith("=~") || m_lexer.startsWith("!~");
        const bool colon = m_lexer.startsWith(":") && length == 1;
        take(length, Kind::Operator);
        const std::size_t behind = m_lexer.offset();
        m_lexer.skipSpace();
        const char c = m_lexer.peek();
        if (m_lexer.atEnd() || (c == ')' && !regex)) {
            m_lexer.moveTo(behind);
            return true;
        }
        if (colon && (c == '[' || c == '{')) return range();
        if (colon && c == '(') {
            take(1, Kind::Bracket);
            m_group = 1;
            return true;
        }
        return word(regex ? FilterLexer::Place::Pattern : FilterLexer::Place::Value, Kind::Value);
    }
    bool range()
    {
        take(1, Kind::Bracket);
        for (;;) {
            m_lexer.skipSpace();
            const char c = m_lexer.peek();
            if (m_lexer.atEnd()) return true;
            if (c == ']' || c == '}') {
                take(1, Kind::Bracket);
                return true;
            }
            if (m_lexer.atKeyword("TO"))
                take(2, Kind::Keyword);
            else if (!word(FilterLexer::Place::Bound, Kind::Value))
                return false;
        }
    }
    bool word(FilterLexer::Place place, Kind kind)
    {
        const std::size_t begin = m_lexer.offset();
        const bool quoted = m_lexer.peek() == '"' || m_lexer.peek() == '`';
        const auto token = m_lexer.read(place);
        if (!token) {
            m_spans.push_back(
                {begin, m_lexer.text().size(), quoted && kind == Kind::Word ? Kind::Phrase : kind});
            return false;
        }
        if (token->end == begin) { // a character that begins nothing
            m_lexer.moveTo(begin);
            take(1, Kind::Operator);
            return true;
        }
        m_spans.push_back({begin, token->end, quoted && kind == Kind::Word ? Kind::Phrase : kind});
        return true;
    }

    FilterLexer m_lexer;
    std::vector<FilterSpan> m_spans;
    int m_group = 0; ///< parentheses open since field:(
};

/// A token without its quotes, as far as it is typed.
std::string unquoted(std::string_view text)
{
    FilterLexer lexer(text);
    const auto token = lexer.read(FilterLexer::Place::Value);
    if (token && token->end == text.size() && !token->wildcard) return token->text;
    if (!text.empty() && (text[0] == '"' || text[0] == '`')) text.remove_prefix(1);
    return std::string(text);
}

} // namespace

std::vector<FilterSpan> filterSpans(std::string_view text)
{
    return SpanReader(text).read();
}

std::optional<CompletionPlace> completionPlace(std::string_view text, std::size_t cursor)
{
    const std::vector<FilterSpan> spans = filterSpans(text);
    CompletionPlace place;
    place.begin = place.end = cursor;
    // The last part that begins before the cursor.
    const auto behind = std::find_if(spans.begin(), spans.end(),
                                     [cursor](const FilterSpan& span) { return span.begin >= cursor; });
    // A word that goes on behind the cursor is being edited, not typed.
    if (behind != spans.end() && behind->begin == cursor && behind->kind != Kind::Bracket)
        return std::nullopt;
    const std::size_t count = static_cast<std::size_t>(behind - spans.begin());
    if (count == 0) return place;
    const FilterSpan& last = spans[count - 1];
    if (last.end > cursor) return std::nullopt;
    const bool touches = last.end == cursor;
    const auto textOf = [&](const FilterSpan& span) {
        return text.substr(span.begin, span.end - span.begin);
    };
    const auto isColon = [&](const FilterSpan& span) {
        return span.kind == Kind::Operator && textOf(span) == ":";
    };
    const auto negatedBefore = [&](std::size_t index) {
        return index > 0 && spans[index - 1].kind == Kind::Operator && textOf(spans[index - 1]) == "-";
    };
    // Of the field whose values stand here: behind its colon, or within its parentheses.
    const auto valueOf = [&](std::size_t from) -> std::optional<std::string> {
        int depth = 0;
        for (std::size_t i = from; i-- > 0;) {
            const FilterSpan& span = spans[i];
            if (span.kind == Kind::Bracket) {
                const char bracket = text[span.begin];
                if (bracket == '[' || bracket == '{') return std::nullopt;
                depth += bracket == ')' ? 1 : -1;
                continue;
            }
            if (span.kind == Kind::Field) {
                const bool inside = depth < 0 || i + 2 >= from;
                if (!inside || i + 1 >= spans.size() || !isColon(spans[i + 1])) return std::nullopt;
                return unquoted(textOf(span));
            }
        }
        return std::nullopt;
    };
    const auto asValue = [&](std::size_t from) {
        const auto field = valueOf(from);
        if (!field) return false;
        place.what = CompletionPlace::What::Value;
        place.field = *field;
        return true;
    };
    if (isColon(last)) return asValue(count) ? std::optional(place) : std::nullopt;
    if (touches && textOf(last) == "-") { // what it excludes is still to come
        place.negated = true;
        return place;
    }
    if (touches && (last.kind == Kind::Word || last.kind == Kind::Value)) {
        place.begin = last.begin;
        place.prefix = unquoted(textOf(last));
        if (last.kind == Kind::Value) {
            if (count < 2 || !asValue(count - 1)) return std::nullopt;
        } else {
            place.negated = negatedBefore(count - 1);
        }
        return place;
    }
    if (touches && last.kind != Kind::Bracket) return std::nullopt;
    // Between words: a value within field:( ), else a name.
    const bool closed = last.kind == Kind::Bracket && text[last.begin] == ')';
    const bool operand = last.kind == Kind::Operator; // "field> |"
    if (operand) return std::nullopt;
    if (!closed) asValue(count);
    return place;
}

std::string complete(std::string_view text, const CompletionPlace& place, std::string_view chosen,
                     std::size_t& cursor)
{
    std::string written;
    if (place.what == CompletionPlace::What::Field) {
        const std::string exists = printFilter(*filters::exists(std::string(chosen)));
        written = exists.substr(0, exists.size() - 1); // without the '*'
    } else {
        written = filterWord(chosen) + " ";
    }
    std::string_view rest = text.substr(std::min(place.end, text.size()));
    if (written.ends_with(' ') && rest.starts_with(' ')) rest.remove_prefix(1);
    cursor = place.begin + written.size();
    return std::string(text.substr(0, place.begin)) + written + std::string(rest);
}

std::string filterWord(std::string_view text)
{
    constexpr std::string_view kField = "f";
    const std::string printed = printFilter(*filters::equals(std::string(kField), std::string(text)));
    return printed.substr(kField.size() + 1);
}

} // namespace faultline
