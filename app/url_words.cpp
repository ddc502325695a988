#include "app/url_words.h"

#include "models/base/percent_code.h"
#include "models/records/time_text.h"

namespace faultline {
namespace {

constexpr std::string_view kFile = "file:";

Error badUrl(const std::string& url, std::string why)
{
    return makeError(ErrorKind::Usage, "open " + url, std::move(why));
}

/// file:/PATH, file:///PATH or file://localhost/PATH.
Result<std::string> localPath(const std::string& url)
{
    std::string_view rest = std::string_view(url).substr(kFile.size());
    if (rest.starts_with("//localhost/"))
        rest.remove_prefix(std::string_view("//localhost").size());
    else if (rest.starts_with("///"))
        rest.remove_prefix(2);
    if (!rest.starts_with('/') || rest.starts_with("//"))
        return badUrl(url, "this is no file of this machine");
    auto path = percentDecoded(rest);
    if (!path || path->find('\0') != std::string::npos)
        return badUrl(url, "a percent code in it stands for nothing");
    return std::move(*path);
}

} // namespace

bool isUrl(std::string_view word)
{
    return isLink(word) || word.starts_with(kFile);
}

Result<UrlWords> withoutUrls(const std::vector<std::string>& words)
{
    UrlWords plain;
    for (const std::string& word : words) {
        if (isLink(word)) {
            auto link = parseLink(word);
            if (!link) return std::move(link).error();
            if (plain.link) return badUrl(word, "it is a second link; the window shows one");
            plain.link = std::move(*link);
        } else if (word.starts_with(kFile)) {
            auto path = localPath(word);
            if (!path) return std::move(path).error();
            plain.words.push_back(std::move(*path));
        } else {
            plain.words.push_back(word);
        }
    }
    return plain;
}

std::vector<std::string> searchWords(const ViewLink& link)
{
    std::vector<std::string> words{"search"};
    if (link.range.begin != kTimeMin) words.insert(words.end(), {"--from", formatRfc3339(link.range.begin)});
    if (link.range.end != kTimeMax) words.insert(words.end(), {"--to", formatRfc3339(link.range.end)});
    if (!link.query.empty()) words.insert(words.end(), {"--", link.query});
    return words;
}

} // namespace faultline
