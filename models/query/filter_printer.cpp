#include "models/query/filter.h"
#include "models/query/filter_lexer.h"
#include "models/query/filter_text.h"
#include "models/records/utf8.h"

#include <algorithm>

namespace faultline {

namespace {

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// Code points that a bare word may hold: not those that look like a space, a quote or nothing at all.
bool isVisible(char32_t point)
{
    if (point < 0xa1 || point == 0xab || point == 0xad || point == 0xbb) return false;
    return !(point >= 0x2000 && point <= 0x206f) && !(point >= 0x3000 && point <= 0x300f) &&
           point != 0x061c && !(point >= 0xe000 && point <= 0xf8ff) && point < 0xfe00;
}

/// Can the text be written bare, with the same meaning in every place a bare word can stand?
bool isBare(std::string_view text, bool field)
{
    if (text.empty() || text == "AND" || text == "OR" || text == "NOT") return false;
    if (text.size() <= 3 && !field) {
        std::string lower(text);
        for (char& c : lower) c = static_cast<char>(c | 0x20);
        if (lower == "and" || lower == "or" || lower == "not") return false;
    }
    const auto allowed = [&](char c) {
        if (isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
        return std::string_view(field ? "_.-/@$#" : "_.-/@$#,%;&+|").find(c) != std::string_view::npos;
    };
    if (text[0] == '-' && (field || text.size() < 2 || !isDigit(text[1]))) return false;
    if (text[0] == '+' || text[0] == '&' || text[0] == '|') return false;
    for (std::size_t i = 0; i < text.size();) {
        if (static_cast<unsigned char>(text[i]) < 0x80) {
            if (!allowed(text[i])) return false;
            ++i;
            continue;
        }
        const Utf8Step step = decodeUtf8(text.substr(i));
        if (!step.valid || !isVisible(step.codePoint)) return false;
        i += step.length;
    }
    return true;
}

void appendEscape(unsigned char byte, std::string& out)
{
    constexpr std::string_view digits = "0123456789abcdef";
    out += "\\x";
    out += digits[byte >> 4];
    out += digits[byte & 15];
}

void appendQuoted(std::string_view text, std::string& out)
{
    out += '"';
    for (std::size_t i = 0; i < text.size();) {
        const char c = text[i];
        if (static_cast<unsigned char>(c) >= 0x80) {
            const Utf8Step step = decodeUtf8(text.substr(i));
            for (std::size_t k = 0; k < step.length; ++k) {
                // bidi and invisible characters are escaped too: a query says what it shows
                if (step.valid && (isVisible(step.codePoint) || step.codePoint > 0xffff))
                    out += text[i + k];
                else
                    appendEscape(static_cast<unsigned char>(text[i + k]), out);
            }
            i += step.length;
            continue;
        }
        ++i;
        switch (c) {
        case '"':
        case '\\': out += '\\', out += c; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default:
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
                appendEscape(static_cast<unsigned char>(c), out);
            else
                out += c;
        }
    }
    out += '"';
}

void appendText(std::string_view text, bool term, std::string& out)
{
    if (isBare(text, false) && !(term && text[0] == '-'))
        out += text;
    else
        appendQuoted(text, out);
}

void appendField(std::string_view field, std::string& out)
{
    if (isBare(field, true))
        out += field;
    else
        appendQuoted(field, out);
}

/// A pattern stands bare, since quotes have no wildcards; everything odd gets a backslash.
void appendPattern(std::string_view pattern, std::string& out)
{
    for (std::size_t i = 0; i < pattern.size();) {
        char c = pattern[i];
        bool escaped = false;
        if (c == '*') {
            out += '*';
            ++i;
            continue;
        }
        if (c == '\\' && i + 1 < pattern.size()) {
            c = pattern[++i];
            escaped = true;
        }
        if (static_cast<unsigned char>(c) >= 0x80) {
            const Utf8Step step = decodeUtf8(pattern.substr(i));
            if (spaceAtStart(pattern.substr(i)) + curlyQuoteAtStart(pattern.substr(i)) > 0) out += '\\';
            out.append(pattern.substr(i, step.length));
            i += step.length;
            continue;
        }
        const bool alnum = isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!alnum && (escaped || std::string_view("_./@$#,%;").find(c) == std::string_view::npos))
            out += '\\';
        out += c;
        ++i;
    }
}

void appendRegex(std::string_view expression, std::string& out)
{
    const bool raw = std::all_of(expression.begin(), expression.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f && c != '`';
    });
    if (raw && expression.find('\\') != std::string_view::npos) {
        out += '`';
        out += expression;
        out += '`';
    } else {
        appendQuoted(expression, out);
    }
}

bool isFieldValue(const Filter& filter)
{
    return filter.kind == Filter::Kind::Equals || filter.kind == Filter::Kind::Phrase;
}

/// field:(a OR b) instead of field:a OR field:b.
bool isValueList(const Filter& filter)
{
    return filter.kind == Filter::Kind::Or &&
           std::all_of(filter.children.begin(), filter.children.end(), [&](const FilterPtr& child) {
               return isFieldValue(*child) && child->field == filter.children.front()->field;
           });
}

void appendValue(const Filter& filter, std::string& out)
{
    if (filter.wildcard)
        appendPattern(filter.text, out);
    else
        appendText(filter.text, false, out);
}

std::string_view operatorText(Filter::Op op)
{
    switch (op) {
    case Filter::Op::Less: return "<";
    case Filter::Op::LessEqual: return "<=";
    case Filter::Op::Greater: return ">";
    case Filter::Op::GreaterEqual: break;
    }
    return ">=";
}

void append(const Filter& filter, bool top, std::string& out);

void appendChild(const Filter& child, std::string& out)
{
    const bool group =
        child.kind == Filter::Kind::And || (child.kind == Filter::Kind::Or && !isValueList(child));
    if (group) out += '(';
    append(child, false, out);
    if (group) out += ')';
}

void appendMatches(const Filter& filter, std::string_view op, std::string& out)
{
    if (!filter.field.empty()) appendField(filter.field, out);
    out += op;
    appendRegex(filter.text, out);
}

void appendNot(const Filter& child, std::string& out)
{
    switch (child.kind) {
    case Filter::Kind::Matches: appendMatches(child, "!~", out); return;
    case Filter::Kind::Not:
    case Filter::Kind::And: out += "NOT "; break;
    case Filter::Kind::Or: out += isValueList(child) ? "-" : "NOT "; break;
    default: out += '-';
    }
    appendChild(child, out);
}

bool isAnyFieldRegex(const Filter& filter)
{
    if (filter.kind == Filter::Kind::Not) return isAnyFieldRegex(*filter.children.front());
    return filter.kind == Filter::Kind::Matches && filter.field.empty();
}

void appendJoined(const Filter& filter, std::string& out)
{
    if (isValueList(filter)) {
        appendField(filter.children.front()->field, out);
        out += ":(";
        for (std::size_t i = 0; i < filter.children.size(); ++i) {
            if (i > 0) out += " OR ";
            appendValue(*filter.children[i], out);
        }
        out += ')';
        return;
    }
    const bool isOr = filter.kind == Filter::Kind::Or;
    for (std::size_t i = 0; i < filter.children.size(); ++i) {
        const Filter& child = *filter.children[i];
        // a word before =~ would be taken for its field
        if (i > 0) out += isOr ? " OR " : isAnyFieldRegex(child) ? " AND " : " ";
        if (isOr && child.kind == Filter::Kind::And)
            append(child, false, out);
        else
            appendChild(child, out);
    }
}

void appendRange(const Filter& filter, std::string& out)
{
    appendField(filter.field, out);
    out += filter.lowExclusive ? ":{" : ":[";
    if (filter.lowOpen)
        out += '*';
    else
        appendText(filter.low, false, out);
    out += " TO ";
    if (filter.highOpen)
        out += '*';
    else
        appendText(filter.high, false, out);
    out += filter.highExclusive ? '}' : ']';
}

void append(const Filter& filter, bool top, std::string& out)
{
    switch (filter.kind) {
    case Filter::Kind::All:
        if (!top) out += '*';
        break;
    case Filter::Kind::And:
    case Filter::Kind::Or: appendJoined(filter, out); break;
    case Filter::Kind::Not: appendNot(*filter.children.front(), out); break;
    case Filter::Kind::Word:
        if (filter.wildcard)
            appendPattern(filter.text, out);
        else
            appendText(filter.text, true, out);
        break;
    case Filter::Kind::Equals:
    case Filter::Kind::Phrase:
        appendField(filter.field, out);
        out += ':';
        appendValue(filter, out);
        break;
    case Filter::Kind::Compare:
        appendField(filter.field, out);
        out += operatorText(filter.op);
        appendText(filter.text, false, out);
        break;
    case Filter::Kind::Range: appendRange(filter, out); break;
    case Filter::Kind::Exists:
        appendField(filter.field, out);
        out += ":*";
        break;
    case Filter::Kind::Matches: appendMatches(filter, "=~", out); break;
    }
}

} // namespace

std::string printFilter(const Filter& filter)
{
    std::string out;
    append(filter, true, out);
    return out;
}

std::string quotedText(std::string_view text)
{
    while (const std::size_t space = spaceAtStart(text)) text.remove_prefix(space);
    std::size_t end = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t space = spaceAtStart(text.substr(at));
        at += space > 0 ? space : 1;
        if (space == 0) end = at;
    }
    std::string out;
    if (end > 0) appendQuoted(text.substr(0, end), out);
    return out;
}

std::string_view offeredQuery(std::string_view hint)
{
    for (const std::string_view start : {kAsTextHint, kWithOperatorHint})
        if (hint.starts_with(start)) return hint.substr(start.size());
    return {};
}

} // namespace faultline
