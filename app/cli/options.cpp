#include "app/cli/options.h"

#include "models/base/near_words.h"

#include <algorithm>
#include <charconv>

namespace faultline::cli {
namespace {

Error unknown(std::string_view name, std::span<const OptionSpec> specs)
{
    Error error =
        makeError(ErrorKind::Usage, "read the option --" + std::string(name), "there is no such option");
    std::vector<std::string> known;
    for (const OptionSpec& spec : specs) known.emplace_back(spec.name);
    for (const std::string& near : nearWords(name, known, 1))
        error.hints.push_back("Did you mean --" + near + "?");
    error.hints.push_back("A query that begins with -- goes behind a -- of its own.");
    return error;
}

} // namespace

Result<Arguments> Arguments::parse(std::span<const std::string> words, std::span<const OptionSpec> specs)
{
    Arguments arguments;
    bool all = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (all || !word.starts_with("--")) {
            arguments.m_values.push_back(word);
            continue;
        }
        if (word == "--") {
            all = true;
            continue;
        }
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(2, equals == word.npos ? equals : equals - 2);
        const auto spec =
            std::find_if(specs.begin(), specs.end(), [&](const OptionSpec& s) { return s.name == name; });
        if (spec == specs.end()) return unknown(name, specs);
        std::string value;
        if (spec->value.empty()) {
            if (equals != word.npos)
                return makeError(ErrorKind::Usage, "read the option --" + name, "it takes no value");
        } else if (equals != word.npos) {
            value = word.substr(equals + 1);
        } else if (i + 1 < words.size()) {
            value = words[++i];
        } else {
            return makeError(ErrorKind::Usage, "read the option --" + name,
                             "its value is missing (" + std::string(spec->value) + ")");
        }
        arguments.m_options[name] = value;
    }
    return arguments;
}

std::string Arguments::value(std::string_view name, std::string fallback) const
{
    const auto found = m_options.find(name);
    return found == m_options.end() ? fallback : found->second;
}

Result<std::uint64_t> Arguments::number(std::string_view name, std::uint64_t fallback, std::uint64_t low,
                                        std::uint64_t high) const
{
    const auto found = m_options.find(name);
    if (found == m_options.end()) return fallback;
    const std::string& text = found->second;
    std::uint64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc() || end != text.data() + text.size() || value < low || value > high)
        return makeError(ErrorKind::Usage, "read the option --" + std::string(name),
                         "\"" + text + "\" is not a whole number from " + std::to_string(low) + " to " +
                             std::to_string(high));
    return value;
}

Status Arguments::optionsOnly(std::string_view command) const
{
    if (m_values.empty()) return {};
    return makeError(ErrorKind::Usage, std::string(command),
                     "it takes options only, not \"" + m_values.front() + "\"",
                     {"A store is named with --store."});
}

std::vector<std::string> splitList(std::string_view text)
{
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        std::string_view word = text.substr(0, comma);
        while (word.starts_with(' ')) word.remove_prefix(1);
        while (word.ends_with(' ')) word.remove_suffix(1);
        if (!word.empty()) words.emplace_back(word);
        text = comma == text.npos ? std::string_view() : text.substr(comma + 1);
    }
    return words;
}

} // namespace faultline::cli
