#include "models/records/mask.h"

#include <array>

namespace faultline {
namespace {

enum Class : std::uint8_t {
    Digit = 1,
    HexLetter = 2,
    Lower = 4,
    Upper = 8,
    Inner = 16,
    Other = 32,
    Break = 64
};

constexpr std::array<std::uint8_t, 256> kClass = [] {
    std::array<std::uint8_t, 256> table{};
    for (std::size_t c = 0; c < 256; ++c) {
        if (c >= '0' && c <= '9')
            table[c] = Digit;
        else if (c >= 'a' && c <= 'f')
            table[c] = HexLetter | Lower;
        else if (c >= 'a' && c <= 'z')
            table[c] = Lower;
        else if (c >= 'A' && c <= 'Z')
            table[c] = Upper;
        else if (c == '.' || c == '-' || c == ':' || c == '/' || c == '_' || c == '@' || c == '+' || c == '%')
            table[c] = Inner;
        else if (c >= 0x80)
            table[c] = Other;
        else
            table[c] = Break;
    }
    table[static_cast<unsigned char>(kVariableMark)] = Digit | Other;
    return table;
}();

constexpr std::uint8_t classOf(char c)
{
    return kClass[static_cast<unsigned char>(c)];
}

VariableKind kindOf(std::string_view text, unsigned classes)
{
    if (classes == Digit && text.size() <= 18 && (text.front() != '0' || text.size() == 1))
        return VariableKind::Digits;
    if ((classes & Digit) != 0 && (classes & ~unsigned{Digit | HexLetter | Lower}) == 0) {
        for (const char c : text)
            if ((classOf(c) & (Digit | HexLetter)) == 0) return VariableKind::Text;
        return VariableKind::Hex;
    }
    return VariableKind::Text;
}

} // namespace

void maskMessage(std::string_view message, std::vector<Variable>& out)
{
    out.clear();
    std::size_t at = 0;
    const std::size_t size = message.size();
    while (at < size) {
        if (classOf(message[at]) == Break) {
            ++at;
            continue;
        }
        const std::size_t begin = at;
        unsigned classes = 0;
        for (; at < size && classOf(message[at]) != Break; ++at) classes |= classOf(message[at]);
        if ((classes & Digit) == 0) continue;
        std::size_t end = at;
        while (end > begin && (message[end - 1] == '.' || message[end - 1] == ':')) --end;
        const std::string_view text = message.substr(begin, end - begin);
        unsigned kept = 0;
        for (const char c : text) kept |= classOf(c);
        out.push_back(
            {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), kindOf(text, kept)});
    }
}

std::string patternOf(std::string_view message)
{
    std::vector<Variable> variables;
    maskMessage(message, variables);
    std::string pattern;
    pattern.reserve(message.size());
    std::size_t at = 0;
    for (const Variable& variable : variables) {
        pattern.append(message, at, variable.begin - at);
        pattern += kVariableMark;
        at = variable.end;
    }
    pattern.append(message, at);
    return pattern;
}

std::string patternForDisplay(std::string_view pattern)
{
    std::string display;
    for (const char c : pattern) {
        if (c == kVariableMark)
            display += "<*>";
        else
            display += c;
    }
    return display;
}

} // namespace faultline
