#include "models/query/filter.h"
#include "models/query/filter_build.h"
#include "models/query/filter_lexer.h"
#include "models/query/filter_text.h"
#include "models/query/operand.h"
#include "models/query/regex.h"
#include "models/records/time_text.h"
#include "models/records/user_time.h"

#include <algorithm>

namespace faultline {

namespace {

/// Recursive descent, its depth counted: a text can nest kFilterDepthLimit parentheses and NOTs, no more.
class Parser
{
public:
    Parser(std::string_view text, TimeNs now) : m_lexer(text), m_now(now) {}

    Result<FilterPtr> parse()
    {
        m_lexer.skipSpace();
        if (m_lexer.atEnd()) return filters::all();
        auto filter = parseOr();
        if (filter && m_lexer.peek() == ')')
            filter = filterError(m_lexer.offset(), 1, "this parenthesis closes nothing",
                                 "remove it, or quote it to search for it");
        // The first thing that is wrong is said.
        const bool later = filter || (filter.error().place && !m_small.empty() &&
                                      filter.error().place->offset > m_small.front().offset);
        if (!m_small.empty() && m_prose && later) return ambiguousKeyword();
        return filter;
    }

private:
    Error ambiguousKeyword() const;
    bool takeOperator(std::string_view keyword);
    Result<FilterPtr> parseOr();
    Result<FilterPtr> parseAnd();
    Result<FilterPtr> parseNot();
    Result<FilterPtr> parseGroup();
    Result<FilterPtr> parseTerm();
    Result<FilterPtr> parseTest(const FilterToken& name);
    Result<FilterPtr> parseValue(const std::string& field);
    Result<FilterPtr> parseComparison(const std::string& field);
    Result<FilterPtr> parseRange(const std::string& field);
    Result<FilterPtr> parseRegex(const std::string& field);
    Result<FilterPtr> wordFilter(FilterToken&& token);
    Result<std::string> operand(const std::string& field, FilterLexer::Place place, Operand* read);
    std::optional<Error> strayStart();
    std::optional<Error> nested(std::size_t begin, std::size_t length);
    std::optional<Error> anotherTerm();
    bool atTest();
    /// Behind a phrase: what may follow it without a space.
    std::optional<Error> checkEnd(const FilterToken& token) const;
    /// A `-` that excludes, and is not the sign of a value in field:(-5 OR 5).
    bool atMinus() const;
    std::string quoteForHint(std::string_view text) const;

    FilterLexer m_lexer;
    TimeNs m_now;
    std::size_t m_depth = 0;
    std::size_t m_terms = 0;
    const std::string* m_group = nullptr; ///< the field, inside field:( )
    /// Operators that are not in capitals. Between fields and phrases they are what Kibana takes them for;
    /// where a bare word stands in the query, which may be pasted prose then, nobody knows.
    std::vector<Error::Place> m_small;
    bool m_prose = false; ///< a bare word, or a value that a space divides from its field
};

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

std::string Parser::quoteForHint(std::string_view text) const
{
    return "\"" + std::string(text.substr(0, 40)) + (text.size() > 40 ? "...\"" : "\"");
}

std::optional<Error> Parser::nested(std::size_t begin, std::size_t length)
{
    if (m_depth < kFilterDepthLimit) return std::nullopt;
    Error error = filterError(begin, length, "more than 128 parentheses and NOTs within each other");
    error.kind = ErrorKind::Limit;
    return error;
}

std::optional<Error> Parser::anotherTerm()
{
    if (++m_terms <= kFilterTermLimit) return std::nullopt;
    Error error = filterError(m_lexer.offset(), 1, "more than 8192 terms in one query",
                              "a list of values is shorter as a regular expression: field=~\"^(a|b|c)$\"");
    error.kind = ErrorKind::Limit;
    return error;
}

/// What would be valid in the place of `text`.
std::string validOperands(std::string_view field, std::string_view text)
{
    const std::string missing = field == "timestamp" ? userTimeHint(text) : std::string();
    return missing.empty() ? "valid: " + std::string(operandsOf(field)) : missing;
}

Result<FilterPtr> Parser::parseOr()
{
    std::vector<FilterPtr> children;
    do {
        auto child = parseAnd();
        if (!child) return child;
        children.push_back(std::move(*child));
        m_lexer.skipSpace();
    } while (takeOperator("OR"));
    return filters::anyOf(std::move(children));
}

Result<FilterPtr> Parser::parseAnd()
{
    std::vector<FilterPtr> children;
    for (;;) {
        auto child = parseNot();
        if (!child) return child;
        children.push_back(std::move(*child));
        m_lexer.skipSpace();
        if (m_lexer.atEnd() || m_lexer.peek() == ')' || m_lexer.atKeywordInAnyCase("OR")) break;
        takeOperator("AND");
    }
    if (children.size() == 1) return std::move(children.front());
    auto filter = std::make_shared<Filter>();
    filter->kind = Filter::Kind::And;
    filter->children = std::move(children);
    return FilterPtr(std::move(filter));
}

bool Parser::atMinus() const
{
    if (m_lexer.peek() != '-') return false;
    if (!m_group) return true;
    return !isDigit(m_lexer.peek(1)) && !(m_lexer.peek(1) == '.' && isDigit(m_lexer.peek(2)));
}

Result<FilterPtr> Parser::parseNot()
{
    m_lexer.skipSpace();
    const std::size_t begin = m_lexer.offset();
    const bool minus = atMinus();
    if (!minus && !takeOperator("NOT")) return parseTerm();
    const std::size_t length = minus ? 1 : 3;
    if (minus) {
        m_lexer.advance(1);
        if (m_lexer.atBoundary())
            return filterError(begin, 1, "a '-' excludes the term right behind it, and there is none",
                               "write -term, or \"-\" to search for the character");
    }
    if (const auto error = nested(begin, length)) return *error;
    ++m_depth;
    auto child = parseNot();
    --m_depth;
    if (!child) return child;
    return filters::negate(std::move(*child));
}

Result<FilterPtr> Parser::parseGroup()
{
    const std::size_t begin = m_lexer.offset();
    if (const auto error = nested(begin, 1)) return *error;
    m_lexer.advance(1);
    m_lexer.skipSpace();
    if (m_lexer.peek() == ')' && !m_lexer.atEnd())
        return filterError(begin, m_lexer.offset() + 1 - begin, "nothing stands between these parentheses",
                           "write a term between them, or quote them to search for them");
    ++m_depth;
    auto filter = parseOr();
    --m_depth;
    if (!filter) return filter;
    m_lexer.skipSpace();
    if (m_lexer.peek() != ')' || m_lexer.atEnd())
        return filterError(begin, 1, "this parenthesis is not closed", "add a ) where its group ends");
    m_lexer.advance(1);
    return filter;
}

/// Characters that cannot begin a term, with what was most likely meant.
std::optional<Error> Parser::strayStart()
{
    const std::size_t at = m_lexer.offset();
    const auto error = [at](std::size_t length, std::string why, std::string hint) {
        return filterError(at, length, std::move(why), std::move(hint));
    };
    if (m_lexer.atEnd())
        return error(1, "the query ends where a term is missing",
                     "write a word, \"a phrase\" or field:value here");
    for (const std::string_view keyword : {"AND", "OR"}) {
        if (!m_lexer.atKeywordInAnyCase(keyword)) continue;
        const std::string shown(m_lexer.text().substr(at, keyword.size()));
        return error(keyword.size(), shown + " stands between two terms, and one is missing",
                     "write a term on both sides, or \"" + shown + "\" to search for the word");
    }
    if (m_lexer.startsWith("&&")) return error(2, "'&&' is no operator here", "write AND, or just a space");
    if (m_lexer.startsWith("||")) return error(2, "'||' is no operator here", "write OR");
    if (m_lexer.startsWith("=~") || m_lexer.startsWith("!~")) return std::nullopt; // any field
    switch (m_lexer.peek()) {
    case ')':
        return error(1, "a term is missing before this parenthesis",
                     "write a word, \"a phrase\" or field:value");
    case '!': return error(1, "'!' is no operator here", "write NOT or - before what you want to exclude");
    case ':': return error(1, "a field name is missing before ':'", "write field:value");
    case '=': return error(1, "a field name is missing before '='", "write field:value");
    case '<':
    case '>':
        if (m_group) return std::nullopt;
        return error(1, "a comparison needs a field before it",
                     "write field>500, or quote the text to search for it");
    case '\'':
        return error(1, "single quotes do not make a phrase", "use double quotes: \"connection reset\"");
    case '+':
        if (isDigit(m_lexer.peek(1)) || m_lexer.peek(1) == '\0' || m_lexer.peek(1) == ' ') break;
        return error(1, "'+' is not needed: every term must match",
                     "leave it out, or quote the text to search for it");
    default: break;
    }
    if (const std::size_t length = curlyQuoteAtStart(m_lexer.text().substr(at)))
        return error(length, "typographic quotes do not make a phrase",
                     "use straight double quotes: \"connection reset\"");
    return std::nullopt;
}

bool Parser::takeOperator(std::string_view keyword)
{
    if (!m_lexer.atKeywordInAnyCase(keyword)) return false;
    // Between the values of a field nothing else can be meant.
    if (!m_lexer.atKeyword(keyword) && m_group == nullptr)
        m_small.push_back({m_lexer.offset(), keyword.size()});
    m_lexer.advance(keyword.size());
    return true;
}

/// With what both readings would be.
Error Parser::ambiguousKeyword() const
{
    std::string capitals(m_lexer.text());
    for (const Error::Place& place : m_small)
        for (std::size_t i = place.offset; i < place.offset + place.length; ++i)
            capitals[i] = static_cast<char>(capitals[i] & ~0x20);
    const Error::Place first = m_small.front();
    const std::string word(m_lexer.text().substr(first.offset, first.length));
    std::string hint = std::string(kWithOperatorHint) + capitals;
    if (capitals.size() > kOfferedLimit || !Parser(capitals, m_now).parse())
        hint = "write " + capitals.substr(first.offset, first.length) + " for the operator, or \"" + word +
               "\" to search for the word";
    return filterError(first.offset, first.length,
                       "'" + word + "' can be the operator here, or a word of the text", std::move(hint));
}

/// Is an operator next, maybe behind spaces? Then the lexer stands on it.
bool Parser::atTest()
{
    const std::size_t before = m_lexer.offset();
    m_lexer.skipSpace();
    const char c = m_lexer.peek();
    if (!m_lexer.atEnd()) {
        if (c == ':' || c == '<' || c == '>' || c == '=') return true;
        if (c == '!' && (m_lexer.peek(1) == '=' || m_lexer.peek(1) == '~')) {
            // a word and then !~"any field"
            return true;
        }
    }
    m_lexer.moveTo(before);
    return false;
}

std::optional<Error> Parser::checkEnd(const FilterToken& token) const
{
    if (!token.quoted || m_lexer.atBoundary() || m_lexer.peek() == '(') return std::nullopt;
    return filterError(m_lexer.offset(), 1, "a space is missing behind the closing quote",
                       "a quote inside a phrase is written \\\"");
}

Result<FilterPtr> Parser::parseTerm()
{
    m_lexer.skipSpace();
    if (auto stray = strayStart()) return std::move(*stray);
    if (m_lexer.peek() == '(') return parseGroup();
    if (auto error = anotherTerm()) return std::move(*error);
    if (m_group) return parseValue(*m_group);
    if (m_lexer.startsWith("=~") || m_lexer.startsWith("!~")) return parseRegex({});
    auto token = m_lexer.read(FilterLexer::Place::Term);
    if (!token) return std::move(token).error();
    if (token->begin == token->end)
        return filterError(token->begin, 1, "a term is missing here",
                           "write a word, \"a phrase\" or field:value");
    if (atTest()) return parseTest(*token);
    if (auto error = checkEnd(*token)) return std::move(*error);
    return wordFilter(std::move(*token));
}

Result<FilterPtr> Parser::wordFilter(FilterToken&& token)
{
    if (token.text.empty())
        return filterError(token.begin, token.end - token.begin, "an empty phrase has nothing to look for",
                           "remove it; for fields that are there and empty write field:\"\"");
    if (token.wildcard && token.text == "*") return filters::all();
    m_prose = m_prose || !token.quoted;
    auto filter = std::make_shared<Filter>();
    filter->kind = Filter::Kind::Word;
    filter->text = std::move(token.text);
    filter->wildcard = token.wildcard;
    return FilterPtr(std::move(filter));
}

/// A field name was read; the lexer stands on its operator.
Result<FilterPtr> Parser::parseTest(const FilterToken& name)
{
    const std::size_t at = m_lexer.offset();
    if (name.wildcard)
        return filterError(name.begin, name.end - name.begin, "a field name has no wildcards",
                           name.text == "*"
                               ? "leave the field out to search every text field; an empty query matches all"
                               : "name one field, or join several by OR");
    if (name.text.empty())
        return filterError(name.begin, name.end - name.begin, "a field name is missing", "write field:value");
    if (name.text.size() > kFilterFieldLimit)
        return filterError(name.begin, name.end - name.begin, "a field name has at most 1024 bytes");
    if (m_lexer.startsWith("=~") || m_lexer.startsWith("!~")) return parseRegex(name.text);
    const std::string_view written = m_lexer.text().substr(name.begin, name.end - name.begin);
    const auto valueBehind = [&](std::size_t length) {
        m_lexer.advance(length);
        m_lexer.skipSpace();
        auto value =
            m_lexer.atEnd() ? Result<FilterToken>(FilterToken{}) : m_lexer.read(FilterLexer::Place::Value);
        if (!value || value->end == value->begin || value->end - value->begin > 60)
            return std::string("value");
        return std::string(m_lexer.text().substr(value->begin, value->end - value->begin));
    };
    if (m_lexer.startsWith("=>") || m_lexer.startsWith("=<")) {
        const std::string right = m_lexer.peek(1) == '>' ? ">=" : "<=";
        return filterError(at, 2, "this operator is written " + right,
                           "try " + std::string(written) + right + valueBehind(2));
    }
    if (m_lexer.peek() == '=') {
        const std::size_t length = m_lexer.startsWith("===") ? 3 : m_lexer.startsWith("==") ? 2 : 1;
        const std::string shown(m_lexer.text().substr(at, length));
        const std::string value = valueBehind(length);
        return filterError(
            at, length, "'" + shown + "' is no operator here; a field and its value are joined by ':'",
            "try " + std::string(written) + ":" + value + ", or put the text in quotes to search for it");
    }
    if (m_lexer.startsWith("!=")) {
        const std::string value = valueBehind(2);
        return filterError(at, 2, "'!=' is no operator here",
                           "try -" + std::string(written) + ":" + value +
                               ", which also matches where the field is absent");
    }
    if (m_lexer.peek() != ':') return parseComparison(name.text);
    m_lexer.advance(1);
    return parseValue(name.text);
}

Result<FilterPtr> Parser::parseValue(const std::string& field)
{
    const std::size_t behind = m_lexer.offset();
    m_lexer.skipSpace();
    const std::size_t at = m_lexer.offset();
    m_prose = m_prose || (m_group == nullptr && at != behind);
    const char c = m_lexer.peek();
    if (m_lexer.atEnd() || c == ')')
        return filterError(at, 1, "a value is missing behind " + field + ":",
                           "write a value, \"a phrase\", >500, [1 TO 5], or * for any value");
    if (c == '(') {
        const std::string* const outer = m_group;
        m_group = &field;
        auto group = parseGroup();
        m_group = outer;
        return group;
    }
    if (c == '[' || c == '{') return parseRange(field);
    if (c == '<' || c == '>') return parseComparison(field);
    if (c == '=' && m_group == nullptr)
        return filterError(at, m_lexer.peek(1) == '=' ? 2 : 1, "'=' is not needed behind ':'",
                           "write " + field + ":value, or quote a value that begins with =");
    if (c == '~' && (m_lexer.peek(1) == '"' || m_lexer.peek(1) == '`'))
        return filterError(at, 1, "a regular expression is written with =~", "write " + field + "=~\"...\"");
    if (c == '!' && m_lexer.peek(1) != '\0' && m_lexer.peek(1) != ' ')
        return filterError(at, 1, "'!' is no operator here",
                           "write NOT " + field + ":value, or quote a value that begins with !");
    if (c == '\'')
        return filterError(at, 1, "single quotes do not make a phrase",
                           "use double quotes: \"connection reset\"");
    auto token = m_lexer.read(FilterLexer::Place::Value);
    if (!token) return std::move(token).error();
    if (auto error = checkEnd(*token)) return std::move(*error);
    if (!token->quoted && (token->text == "AND" || token->text == "OR" || token->text == "NOT"))
        return filterError(at, token->text.size(), "a value is missing before " + token->text,
                           "write one, or quote \"" + token->text + "\" when it is the value");
    if (token->wildcard) return filters::wildcard(field, std::move(token->text));
    if ((field == "timestamp" || field == "severity") && !readOperand(field, token->text, m_now))
        return filterError(at, token->end - at, quoteForHint(token->text) + " is no value of " + field,
                           validOperands(field, token->text));
    if (field == "timestamp" && token->text.starts_with("now"))
        if (const auto time = parseUserTime(token->text, m_now)) token->text = formatRfc3339(*time);
    return filters::equals(field, std::move(token->text));
}

/// The operand of a comparison or the bound of a range: no wildcards, and something that has an order.
Result<std::string> Parser::operand(const std::string& field, FilterLexer::Place place, Operand* read)
{
    m_lexer.skipSpace();
    const std::size_t at = m_lexer.offset();
    if (m_lexer.atEnd() || m_lexer.peek() == ')')
        return filterError(at, 1, "a value to compare with is missing",
                           "valid: " + std::string(operandsOf(field)));
    if (m_lexer.peek() == '=')
        return filterError(at, 1, "this operator is not known", "there are : < <= > >= =~ and !~");
    auto token = m_lexer.read(place);
    if (!token) return std::move(token).error();
    if (place == FilterLexer::Place::Value)
        if (auto error = checkEnd(*token)) return std::move(*error);
    if (token->wildcard)
        return filterError(at, token->end - at, "a comparison has no wildcards",
                           "for any value write " + field + ":*");
    const auto value = readOperand(field, token->text, m_now);
    if (!value)
        return filterError(at, std::max<std::size_t>(token->end - at, 1),
                           token->text.empty() ? "a value to compare with is missing"
                                               : quoteForHint(token->text) + " has no order to compare by",
                           validOperands(field, token->text));
    if (read) *read = *value;
    if (value->kind == Operand::Kind::Time && token->text.find("now") != std::string::npos)
        return formatRfc3339(value->first);
    return std::move(token->text);
}

Result<FilterPtr> Parser::parseComparison(const std::string& field)
{
    const bool less = m_lexer.peek() == '<';
    const bool equal = m_lexer.peek(1) == '=';
    if (less && m_lexer.peek(1) == '>')
        return filterError(m_lexer.offset(), 2, "'<>' is no operator here", "write NOT " + field + ":value");
    m_lexer.advance(equal ? 2 : 1);
    auto text = operand(field, FilterLexer::Place::Value, nullptr);
    if (!text) return std::move(text).error();
    const auto op = less ? (equal ? Filter::Op::LessEqual : Filter::Op::Less)
                         : (equal ? Filter::Op::GreaterEqual : Filter::Op::Greater);
    return filters::compare(field, op, std::move(*text));
}

Result<FilterPtr> Parser::parseRange(const std::string& field)
{
    const std::size_t begin = m_lexer.offset();
    auto filter = std::make_shared<Filter>();
    filter->kind = Filter::Kind::Range;
    filter->field = field;
    filter->lowExclusive = m_lexer.peek() == '{';
    m_lexer.advance(1);
    const auto shape = [&](std::size_t at, std::size_t length, std::string why) {
        return filterError(
            at, length, std::move(why),
            "a range is [500 TO 599]; { } leave the bound out, * is an open bound; quote a value that "
            "begins with [ or {");
    };
    Operand low, high;
    const auto bound = [&](std::string& text, bool& open, Operand& value) -> std::optional<Error> {
        m_lexer.skipSpace();
        const char next = m_lexer.peek(1);
        if (m_lexer.peek() == '*' &&
            (next == ' ' || next == ']' || next == '}' || next == '\t' || next == '\n')) {
            m_lexer.advance(1);
            open = true;
            return std::nullopt;
        }
        if (m_lexer.atEnd() || m_lexer.peek() == ']' || m_lexer.peek() == '}')
            return shape(m_lexer.offset(), 1, "a bound of the range is missing");
        auto read = operand(field, FilterLexer::Place::Bound, &value);
        if (!read) {
            Error error = std::move(read).error();
            if (error.hints.empty() || !error.hints[0].starts_with("there are"))
                error.hints.push_back("a range is [500 TO 599]");
            return error;
        }
        text = std::move(*read);
        return std::nullopt;
    };
    if (auto error = bound(filter->low, filter->lowOpen, low)) return std::move(*error);
    m_lexer.skipSpace();
    const std::size_t between = m_lexer.offset();
    if (m_lexer.startsWith("to ")) return shape(between, 2, "TO is written in capitals");
    if (!m_lexer.takeKeyword("TO"))
        return shape(m_lexer.atEnd() ? begin : between, 1,
                     m_lexer.atEnd() ? "this range is not closed" : "TO is missing");
    if (auto error = bound(filter->high, filter->highOpen, high)) return std::move(*error);
    m_lexer.skipSpace();
    const char close = m_lexer.peek();
    if (close != ']' && close != '}') return shape(begin, 1, "this range is not closed by ] or }");
    filter->highExclusive = close == '}';
    m_lexer.advance(1);
    if (!m_lexer.atBoundary())
        return filterError(m_lexer.offset(), 1, "a space is missing behind the range", {});
    if (filter->lowOpen) filter->lowExclusive = false;
    if (filter->highOpen) filter->highExclusive = false;
    if (filter->lowOpen && filter->highOpen) return filters::exists(field);
    if (!filter->lowOpen && !filter->highOpen) {
        const std::size_t length = m_lexer.offset() - begin;
        if (low.kind != high.kind)
            return filterError(begin, length, "the bounds of this range are of two kinds",
                               "write both as numbers, or both with a unit");
        bool backwards = false;
        switch (low.kind) {
        case Operand::Kind::Level: backwards = low.severity.first > high.severity.last; break;
        case Operand::Kind::Time: backwards = low.first > high.last; break;
        default: backwards = low.number > high.number; break;
        }
        if (backwards)
            return filterError(begin, length, "nothing lies in this range", "write the smaller bound first");
    }
    return FilterPtr(std::move(filter));
}

/// The lexer stands on =~ or !~.
Result<FilterPtr> Parser::parseRegex(const std::string& field)
{
    const std::size_t begin = m_lexer.offset();
    const bool negative = m_lexer.peek() == '!';
    m_lexer.advance(2);
    m_lexer.skipSpace();
    if (m_lexer.atEnd() || m_lexer.peek() == ')')
        return filterError(begin, 2, "a regular expression is missing behind this",
                           "write it in \"quotes\" with \\\\ for a backslash, or in `backticks` as it is");
    auto token = m_lexer.read(FilterLexer::Place::Pattern);
    if (!token) return std::move(token).error();
    if (auto error = checkEnd(*token)) return std::move(*error);
    if (const auto regex = Regex::compile(token->text); !regex) {
        Error error = regex.error();
        error.what = "read the query";
        const std::size_t from = m_lexer.sourceOffset(*token, error.place->offset);
        const std::size_t to = m_lexer.sourceOffset(*token, error.place->offset + error.place->length);
        error.place = Error::Place{from, std::max<std::size_t>(to - from, 1)};
        return error;
    }
    auto filter = filters::matches(field, std::move(token->text));
    return negative ? filters::negate(std::move(filter)) : filter;
}

} // namespace

Result<FilterPtr> parseFilter(std::string_view text, TimeNs now)
{
    if (text.size() > kFilterTextLimit) {
        Error error =
            filterError(kFilterTextLimit, 1, "the query is longer than 64 KiB",
                        "a list of values is shorter as a regular expression: field=~\"^(a|b|c)$\"");
        error.kind = ErrorKind::Limit;
        return error;
    }
    auto filter = Parser(text, now).parse();
    if (filter) return filter;
    Error error = std::move(filter).error();
    // Most texts that do not parse are pasted ones.
    if (const std::string quoted = quotedText(text); !quoted.empty() && quoted.size() <= kOfferedLimit)
        error.hints.push_back(std::string(kAsTextHint) + quoted);
    return error;
}

} // namespace faultline
