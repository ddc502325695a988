#pragma once
#include "models/base/result.h"
#include "models/base/time.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace faultline {

/// A view as a link that a colleague opens: `faultline://open?q=..&from=..&to=..&tz=..&sel=..&at=..`.
///
///   q     the whole filter in the search language, percent-encoded (RFC 3986)
///   from, to  absolute, RFC 3339 in UTC; left out where the range has no end there
///   tz    how times are shown: utc, local or source
///   sel   the selected event: XXH3-128 of its bytes, 32 hex digits; `at` its time, where to look for it
///
/// Relative times are frozen by whoever makes the link. A link never names a file or a store: it opens in
/// the store at hand, and is told when that one does not hold the selected line.
struct ViewLink
{
    std::string query;
    TimeRange range;
    std::string zone;      ///< "utc", "local", "source" or empty
    std::string selection; ///< empty: none
    std::optional<TimeNs> at;
    bool operator==(const ViewLink&) const = default;
};

/// What parseLink() takes: a longer link cannot be opened, and is not to be given away.
inline constexpr std::size_t kMostLinkBytes = 64 * 1024;

std::string printLink(const ViewLink& link);
/// Error: Usage, with what is wrong. Strict: an unknown action, a member twice, a broken escape, text that is
/// not UTF-8 or holds control characters are errors; unknown members are ignored. At most 64 KiB.
Result<ViewLink> parseLink(std::string_view text);
/// Whether a text is meant to be such a link.
bool isLink(std::string_view text);

/// The `sel` of an event with these bytes.
std::string contentHash(std::string_view document);

} // namespace faultline
