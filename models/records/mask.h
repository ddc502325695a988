#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// What a variable part of a message is made of; a codec and the search kernels lean on it. Stored.
enum class VariableKind : std::uint8_t {
    Digits = 1, ///< [0-9]{1,18} without a leading zero (or "0")
    Hex = 2,    ///< [0-9a-f]+ , at least one digit, lower case
    Text = 3,   ///< any bytes
};

/// One variable part of a message: bytes [begin, end).
struct Variable
{
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    VariableKind kind = VariableKind::Text;
};

/// Finds the variable parts of a message: numbers, hex strings, UUIDs, addresses, ids that mix letters and
/// digits, quoted parts, paths, and what the field's loggers print as values. A function of the text alone
/// (never of what came before), so that patterns are the same in any order of ingest. The parts are in
/// order, not empty and do not touch each other... unless a constant of length 0 stands between (allowed).
/// A pattern stays small whatever the message: after 250 variables or 4,096 words and marks the rest of the
/// message is one variable, and so is a word without digits longer than 128 bytes. Time is linear in the
/// text. `out` is cleared first. Any thread; no allocation beyond `out`.
void maskMessage(std::string_view message, std::vector<Variable>& out);

/// The byte that stands for a variable in a pattern's text.
inline constexpr char kVariableMark = '\x1f';

/// Stored templates of messages are by these rules (Codec::Patterns); other rules need a new codec, so that
/// templates by the old ones are masked anew when somebody asks. tests/unit/tst_mask.cpp pins the ids.
/// The pattern of a message: its constant parts with one kVariableMark for each variable (a literal 0x1f in
/// the message is itself masked as a variable). Its id is hash64() of this text.
std::string patternOf(std::string_view message);
/// For people: variables shown as <*>.
std::string patternForDisplay(std::string_view pattern);

} // namespace faultline
