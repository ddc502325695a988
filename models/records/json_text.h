#pragma once
#include <string>
#include <string_view>

namespace faultline {

/// Appends `text` with JSON escapes in the one canonical form: \" \\ \b \f \n \r \t, other bytes below 0x20
/// as \u00xx in lower case, everything else as it is (also / and 0x7f).
void appendJsonEscaped(std::string_view text, std::string& out);

/// Unescapes the inside of a JSON string into `out`, which it replaces (capacity is kept). False when an
/// escape is malformed or names a lone surrogate; `out` is then of no use.
bool unescapeJson(std::string_view inside, std::string& out);

/// Appends the text with control bytes (C0, DEL, C1), bidi controls, line separators, tag characters and
/// invalid UTF-8 made visible (\x1b, \n, \u202e, \xff), for terminals. Never emits a byte that a terminal
/// would act on; what it appends is valid UTF-8. `keepNewlines` leaves \n as it is. A backslash stays one:
/// this is for reading, not for parsing back.
void appendTerminalSafe(std::string_view text, std::string& out, bool keepNewlines = false);

} // namespace faultline
