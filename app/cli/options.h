#pragma once
#include "models/base/result.h"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace faultline::cli {

/// An option that a command takes. All are long (`--limit 20` or `--limit=20`): a word with one dash is a
/// value, so that `-level:debug` can be typed as it is in the search bar.
struct OptionSpec
{
    std::string_view name;  ///< without the dashes
    std::string_view value; ///< what the value is called in the help; empty: a switch
    std::string_view help;
};

/// The words of a command line, sorted out.
class Arguments
{
public:
    /// Everything behind `--` is a value. Usage errors name the nearest option.
    static Result<Arguments> parse(std::span<const std::string> words, std::span<const OptionSpec> specs);

    bool has(std::string_view name) const { return m_options.contains(name); }
    std::string value(std::string_view name, std::string fallback = {}) const;
    /// A whole number from `low` to `high`; the fallback when the option is not given.
    Result<std::uint64_t> number(std::string_view name, std::uint64_t fallback, std::uint64_t low,
                                 std::uint64_t high) const;
    const std::vector<std::string>& values() const { return m_values; }
    /// A Usage error when there is a value, for a command that takes options alone.
    Status optionsOnly(std::string_view command) const;

private:
    std::map<std::string, std::string, std::less<>> m_options;
    std::vector<std::string> m_values;
};

/// "a, b" or "a,b" as two words.
std::vector<std::string> splitList(std::string_view text);

} // namespace faultline::cli
