#pragma once
#include "models/base/result.h"
#include "models/session/view_link.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// Words of a command line without their URLs: desktops hand files over as file: URLs, and links as
/// faultline:.
struct UrlWords
{
    std::vector<std::string> words; ///< file: URLs have become paths
    std::optional<ViewLink> link;   ///< the link, taken out
};

/// Whether the window is meant by a word that stands in front of all others.
bool isUrl(std::string_view word);

/// Error: Usage, when a URL is none of a file of this machine (file:///PATH with percent codes, RFC 8089), a
/// link cannot be read, or there is more than one.
Result<UrlWords> withoutUrls(const std::vector<std::string>& words);

/// What a link shows, as the words of a command for the terminal: search, its range and its query.
std::vector<std::string> searchWords(const ViewLink& link);

} // namespace faultline
