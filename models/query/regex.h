#pragma once
#include "models/base/result.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// A regular expression of the search language: RE2 syntax, case-sensitive unless it says (?i), found
/// anywhere in the text, leftmost-first, 8 MiB of memory for its automaton, linear time.
///
/// Bytes   Texts are read as UTF-8; `.` and classes do not match a byte that is not part of valid UTF-8. A
/// text with
///         such bytes is tried again byte by byte (as Latin-1) when the expression is ASCII without \x and
///         octal escapes, so that a torn character does not hide a line from `foo.*bar`.
/// Threads Any thread at once, after compile().
class Regex
{
public:
    /// Usage error with a place inside `expression` when it is not one.
    static Result<Regex> compile(std::string_view expression);
    Regex(Regex&&) noexcept;
    Regex& operator=(Regex&&) noexcept;
    ~Regex();

    bool matches(std::string_view text) const;

    /// When the expression is a plain text: it matches exactly what contains these bytes.
    const std::optional<std::string>& literal() const;
    /// What every matching text contains, and what it contains at least one of; read without case, as a Word
    /// is. Each of three bytes or more; empty when nothing is known. For prefilters.
    const std::vector<std::string>& requiredAll() const;
    const std::vector<std::string>& requiredAny() const;

private:
    struct State;
    explicit Regex(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace faultline
