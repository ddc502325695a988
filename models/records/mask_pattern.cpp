#include "models/records/mask.h"

namespace faultline {

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
    display.reserve(pattern.size());
    for (const char c : pattern) {
        if (c == kVariableMark)
            display += "<*>";
        else
            display += c;
    }
    return display;
}

} // namespace faultline
