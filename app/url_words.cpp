#include "app/url_words.h"

#include "models/records/time_text.h"

namespace faultline {
namespace {

constexpr std::string_view kFile = "file:";

int hexDigit(char digit)
{
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

/// The bytes behind the percent codes; nothing when a code is cut or stands for a zero byte.
std::optional<std::string> decoded(std::string_view text)
{
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            bytes.push_back(text[i]);
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const int high = hexDigit(text[i + 1]), low = hexDigit(text[i + 2]);
        if (high < 0 || low < 0 || high + low == 0) return std::nullopt;
        bytes.push_back(static_cast<char>(high * 16 + low));
        i += 2;
    }
    return bytes;
}

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
    auto path = decoded(rest);
    if (!path) return badUrl(url, "a percent code in it stands for nothing");
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
