#pragma once
#include <string>
#include <string_view>

namespace faultline {

/// Appends `text` with JSON escapes in the one canonical form: \" \\ \b \f \n \r \t, other bytes below 0x20 as
/// \u00xx in lower case, everything else as it is (also / and 0x7f).
void appendJsonEscaped(std::string_view text, std::string& out);

/// Unescapes the inside of a JSON string. False when an escape is malformed or names a lone surrogate.
bool unescapeJson(std::string_view inside, std::string& out);

/// Appends the text with control bytes, bidi controls and invalid UTF-8 made visible (\x1b, \u202e), for
/// terminals. Never emits a byte that a terminal would act on. `keepNewlines` leaves \n as it is.
void appendTerminalSafe(std::string_view text, std::string& out, bool keepNewlines = false);

} // namespace faultline
