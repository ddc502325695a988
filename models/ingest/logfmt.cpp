#include "models/ingest/line_parsers.h"

namespace faultline {

namespace {

bool isKeyByte(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return byte > ' ' && byte != '=' && byte != '"' && byte != '{' && byte != '}' && byte != '[' &&
           byte != ']' && byte != ',' && byte != '|' && byte != '(' && byte != ')';
}

ValueKind bareKind(std::string_view text)
{
    if (text == "true" || text == "false") return ValueKind::Bool;
    if (text.empty() || text.find_first_not_of("-.0123456789") != std::string_view::npos)
        return ValueKind::Text;
    // Only what JSON would call a number: 007 and 1.2.3 are texts.
    std::string_view digits = text;
    if (digits[0] == '-') digits.remove_prefix(1);
    if (digits.empty() || digits[0] == '.' || digits.back() == '.' ||
        digits.find('-') != std::string_view::npos ||
        (digits.size() > 1 && digits[0] == '0' && digits[1] != '.') || digits.find('.') != digits.rfind('.'))
        return ValueKind::Text;
    const ValueKind kind = FieldFlattener::numberKind(text);
    return kind == ValueKind::Int || kind == ValueKind::Decimal ? kind : ValueKind::Text;
}

/// One step through the pairs; false where the line is no logfmt.
bool nextPair(std::string_view line, std::size_t& at, std::string_view& key, std::size_t& begin,
              std::size_t& end, bool& quoted)
{
    const std::size_t keyBegin = at;
    while (at < line.size() && isKeyByte(line[at])) ++at;
    if (at == keyBegin || at >= line.size() || line[at] != '=') return false;
    key = line.substr(keyBegin, at - keyBegin);
    ++at;
    quoted = at < line.size() && line[at] == '"';
    if (!quoted) {
        begin = at;
        while (at < line.size() && line[at] != ' ' && line[at] != '\t') ++at;
        end = at;
        return true;
    }
    begin = ++at;
    while (at < line.size() && line[at] != '"') at += line[at] == '\\' ? 2 : 1;
    if (at >= line.size()) return false;
    end = at++;
    return at >= line.size() || line[at] == ' ' || line[at] == '\t';
}

/// A word between the pairs (a flag without a value).
bool skipWord(std::string_view line, std::size_t& at)
{
    const std::size_t begin = at;
    while (at < line.size() && isKeyByte(line[at])) ++at;
    return at > begin && (at >= line.size() || line[at] == ' ' || line[at] == '\t');
}

} // namespace

bool readLogfmt(RecordBuilder& builder, std::string_view line)
{
    if (line.empty() || !isKeyByte(line[0])) return false;
    // Decide first, then make fields: most lines that are not logfmt fail at their first word.
    std::size_t at = 0, pairs = 0, words = 0;
    std::string_view key;
    std::size_t begin = 0, end = 0;
    bool quoted = false;
    while (at < line.size()) {
        const std::size_t before = at;
        if (nextPair(line, at, key, begin, end, quoted))
            ++pairs;
        else {
            at = before;
            if (pairs == 0 || !skipWord(line, at) || ++words > pairs) return false;
        }
        while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
    }
    if (pairs < 2) return false;
    builder.beginEvent(line);
    at = 0;
    while (at < line.size()) {
        const std::size_t before = at;
        if (nextPair(line, at, key, begin, end, quoted)) {
            const std::string_view value = line.substr(begin, end - begin);
            const std::string_view path = key.substr(0, FieldFlattener::kNameBytes);
            if (quoted)
                builder.fields().quotedSlot(path, value, begin);
            else
                builder.fields().slot(path, bareKind(value), value, begin);
            // Linux's audit log: msg=audit(1364481363.243:24287):
            if (path == "msg" && value.starts_with("audit(") && value.find(':') != std::string_view::npos)
                builder.fields().derived("time", ValueKind::Text, value.substr(6, value.find(':') - 6));
        } else {
            at = before;
            skipWord(line, at);
        }
        while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
    }
    builder.endEvent();
    return true;
}

} // namespace faultline
