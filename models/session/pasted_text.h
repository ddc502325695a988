#pragma once
#include "models/base/result.h"
#include "models/base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace faultline {

/// Text from the clipboard becomes a file of its own, which is read as any other.
inline constexpr std::uint64_t kMostPastedBytes = 256u << 20;

/// Writes `text` to DATA/pasted/2026-11-23T01-42-31.log (the time in UTC; a second one within that second
/// gets
/// "-2" behind it), readable by the user alone; a line's end is put behind the last line that has none. Gives
/// its path. Errors   Input for an empty text, Limit, Store, DiskFull. Threads  Any; blocks on disk.
Result<std::string> savePasted(const std::string& dataDirectory, std::string_view text, TimeNs now);

/// The error for a text that is too large, for who knows that before.
Error tooMuchPasted(std::uint64_t bytes);

/// What people call the source of a pasted file, "pasted 2026-11-23T01:42:31Z"; nothing for other paths.
std::optional<std::string> pastedName(const std::string& dataDirectory, const std::string& path);

} // namespace faultline
