#include "models/records/mask_rules.h"

#include <algorithm>
#include <array>

namespace faultline::masking {
namespace {

constexpr std::size_t kLongestHostName = 253; // RFC 1035

/// A word of at most eight bytes as one number; 0 for longer ones and for none.
constexpr std::uint64_t keyOf(std::string_view word)
{
    if (word.size() > 8) return 0;
    std::uint64_t key = 0;
    for (const char c : word) key = key << 8 | static_cast<unsigned char>(c);
    return key;
}

/// A set of short words, compared as numbers.
template <std::size_t N> struct WordSet
{
    std::array<std::uint64_t, N> keys{};

    template <typename... Words> constexpr explicit WordSet(Words... words) : keys{keyOf(words)...} {}
    bool has(std::string_view word) const
    {
        const std::uint64_t key = keyOf(word);
        if (key == 0) return false;
        bool found = false;
        for (const std::uint64_t one : keys) found |= one == key;
        return found;
    }
};
template <typename... Words> WordSet(Words...) -> WordSet<sizeof...(Words)>;

constexpr WordSet kSourceEndings("c", "cc", "cpp", "cxx", "h", "hh", "hpp", "go", "py", "js", "jsx", "ts",
                                 "tsx", "mjs", "rb", "rs", "java", "kt", "scala", "clj", "groovy", "php",
                                 "cs", "fs", "vb", "swift", "m", "mm", "lua", "pl", "pm", "sh", "sql", "ex",
                                 "exs", "erl", "hs", "ml", "dart", "vue", "html", "css", "xml", "yaml", "yml",
                                 "json", "toml", "ini", "cfg", "conf", "txt", "log");
constexpr WordSet kDomains("com", "net", "org", "edu", "gov", "mil", "info", "biz", "local", "internal",
                           "lan");
/// What stands before a country's domain; two letters alone could end a file's name.
constexpr WordSet kSecondLevel("com", "net", "org", "edu", "gov", "ac", "co", "ne", "or", "go");
/// Countries' domains, where they follow two more labels; without those that files end with.
constexpr WordSet kCountries("eu", "de", "fr", "uk", "nl", "be", "it", "es", "pt", "ru", "cn", "jp", "kr",
                             "tw", "hk", "br", "mx", "ar", "in", "se", "no", "fi", "dk", "ch", "at", "cz",
                             "us", "ca", "au", "nz", "ie", "gr", "tr", "ua", "ro", "hu", "za", "sg", "th",
                             "vn");
constexpr WordSet kMonths("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec");
constexpr WordSet kWeekdays("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun");

constexpr WordSet kAccountBefore("for", "For", "by", "By", "as", "invalid", "Invalid", "unknown", "Unknown",
                                 "illegal", "Illegal", "of");
constexpr WordSet kNotAccounts("request", "requests", "login", "session", "sessions", "input", "data", "name",
                               "names", "id", "ids", "agent", "space", "profile", "account", "accounts",
                               "info", "details", "with", "from", "in", "or", "and", "is", "was", "has");
constexpr WordSet kSizeUnits("bytes", "byte", "Bytes", "B", "KB", "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB",
                             "TiB", "kb", "mb", "gb");

/// Digits, count of them between low and high; moves on behind them.
bool skipDigits(std::string_view text, std::size_t& at, std::size_t low, std::size_t high)
{
    std::size_t count = 0;
    while (at + count < text.size() && count < high && isDigit(text[at + count])) ++count;
    if (count < low) return false;
    at += count;
    return at >= text.size() || !isDigit(text[at]);
}

bool skipByte(std::string_view text, std::size_t& at, char c)
{
    if (at >= text.size() || text[at] != c) return false;
    ++at;
    return true;
}

} // namespace

bool isUuid(std::string_view text)
{
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !isHexDigit(text[i])) return false;
    }
    return true;
}

std::size_t tokenLength(std::string_view text)
{
    constexpr std::size_t shortest = 32;
    // {" in base64url, as every header of a token begins.
    if (text.size() < shortest || !text.starts_with("eyJ")) return 0;
    std::size_t length = 0, dots = 0;
    for (; length < text.size(); ++length) {
        const char c = text[length];
        if (c == '.')
            ++dots;
        else if (!isWordByte(c) && c != '-' && c != '_')
            break;
    }
    while (length > 0 && text[length - 1] == '.') --length, --dots;
    return dots == 2 || dots == 4 ? length : 0;
}

bool isHostName(std::string_view text)
{
    if (text.size() < 4 || text.size() > kLongestHostName || !isWordByte(text.front())) return false;
    const std::size_t dot = text.rfind('.');
    if (dot == std::string_view::npos || dot == 0 || dot + 1 >= text.size()) return false;
    for (const char c : text)
        if (!isWordByte(c) && c != '.' && c != '-' && c != '_') return false;
    const std::string_view last = text.substr(dot + 1);
    if (last.size() > 11) return false;
    if (kDomains.has(last)) return true;
    if (last.size() != 2) return false;
    const std::size_t before = text.rfind('.', dot - 1);
    if (before != std::string_view::npos && kCountries.has(last)) return true;
    return before != std::string_view::npos && kSecondLevel.has(text.substr(before + 1, dot - before - 1));
}

bool isDottedQuad(std::string_view text)
{
    std::size_t at = 0;
    for (int group = 0; group < 4; ++group)
        if ((group > 0 && !skipByte(text, at, '.')) || !skipDigits(text, at, 1, 3)) return false;
    return at == text.size() || (skipByte(text, at, ':') && skipDigits(text, at, 1, 5) && at == text.size());
}

bool isDottedName(std::string_view text)
{
    if (text.empty() || text.size() > kLongestHostName || !isWordByte(text.front())) return false;
    return text.find('.') != std::string_view::npos && std::all_of(text.begin(), text.end(), [](char c) {
               return isWordByte(c) || c == '.' || c == '-' || c == '_';
           });
}

bool isAccountContext(std::string_view before, std::string_view name)
{
    return kAccountBefore.has(before) && !kNotAccounts.has(name) && name != "authentication" &&
           name != "information";
}

bool isHostAndPort(std::string_view text)
{
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0 || colon > kLongestHostName) return false;
    std::size_t at = colon + 1;
    if (!skipDigits(text, at, 1, 5) || at != text.size()) return false;
    const std::string_view host = text.substr(0, colon);
    const std::size_t dot = host.rfind('.');
    if (dot == std::string_view::npos || dot == 0 || dot + 1 == host.size() || dot + 12 < host.size())
        return false;
    for (const char c : host)
        if (!isWordByte(c) && c != '.' && c != '-' && c != '_') return false;
    return !kSourceEndings.has(host.substr(dot + 1));
}

bool isColonAddress(std::string_view text)
{
    std::size_t colons = 0;
    std::size_t group = 0;
    for (const char c : text) {
        if (c == ':') {
            ++colons;
            group = 0;
        } else if (c == '.' || c == '%') {
            if (colons < 2) return false;
        } else if (!isHexDigit(c) || ++group > 4) {
            return false;
        }
    }
    return colons >= 2;
}

bool isPathStart(std::string_view text)
{
    const auto byteAt = [text](std::size_t i) { return i < text.size() ? text[i] : ' '; };
    const auto goesOn = [&](std::size_t i) {
        const char c = byteAt(i);
        return isWordByte(c) || c == '.' || c == '_' || c == '-' || c == '~' || c == '$' || c == '%';
    };
    const char first = byteAt(0);
    if (first == '/') return goesOn(1) || (byteAt(1) == '/' && goesOn(2));
    if (first == '~') return byteAt(1) == '/';
    if (first == '.') return byteAt(1) == '/' ? goesOn(2) : byteAt(1) == '.' && byteAt(2) == '/' && goesOn(3);
    if (isLetter(first) && byteAt(1) == ':' && (byteAt(2) == '\\' || byteAt(2) == '/')) return true;
    if (first == '\\') return byteAt(1) == '\\' && goesOn(2);
    const std::size_t scheme = text.find("://");
    if (scheme == std::string_view::npos || scheme == 0 || scheme > 16 || scheme + 3 >= text.size())
        return false;
    return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(scheme),
                       [](char c) { return isWordByte(c) || c == '+' || c == '-' || c == '.' || c == ':'; });
}

bool isAddressAtHost(std::string_view text)
{
    const std::size_t at = text.find('@');
    if (at == std::string_view::npos || at == 0 || at + 1 >= text.size()) return false;
    if (!isWordByte(text[at - 1]) || !isWordByte(text[at + 1])) return false;
    const std::string_view host = text.substr(at + 1);
    const bool hash = host.size() <= 16 && std::all_of(host.begin(), host.end(), isHexDigit) &&
                      std::any_of(host.begin(), host.end(), isDigit);
    return !hash;
}

std::size_t sizeUnitLength(std::string_view text)
{
    if (text.empty() || std::string_view("bBkKMmGgT").find(text.front()) == std::string_view::npos) return 0;
    std::size_t length = 0;
    while (length < text.size() && length < 9 && isLetter(text[length])) ++length;
    if (length == 0 || (length < text.size() && isWordByte(text[length]))) return 0;
    return kSizeUnits.has(text.substr(0, length)) ? length : 0;
}

std::size_t namedDateLength(std::string_view text)
{
    std::size_t at = 0;
    if (text.size() < 12 || (text[3] != ' ' && text[3] != ',')) return 0;
    // Most capitalised words of three letters go no further.
    if ((classOf(text[4]) & (Digit | Upper)) == 0 && text[4] != ' ') return 0;
    if (std::string_view("JFMASONDTW").find(text[0]) == std::string_view::npos) return 0;
    if (kWeekdays.has(text.substr(0, 3))) {
        at = text[3] == ',' ? 4 : 3;
        if (!skipByte(text, at, ' ')) return 0;
    }
    // Mmm dd or dd Mmm, one or two spaces before a single digit.
    bool dayFirst = false;
    if (at < text.size() && isDigit(text[at])) {
        dayFirst = true;
        if (!skipDigits(text, at, 1, 2) || !skipByte(text, at, ' ')) return 0;
    }
    if (at + 3 > text.size() || !kMonths.has(text.substr(at, 3))) return 0;
    at += 3;
    if (!skipByte(text, at, ' ')) return 0;
    skipByte(text, at, ' ');
    if (dayFirst) {
        if (!skipDigits(text, at, 4, 4) || !skipByte(text, at, ' ')) return 0;
    } else if (!skipDigits(text, at, 1, 2) || !skipByte(text, at, ' ')) {
        return 0;
    }
    if (!skipDigits(text, at, 2, 2) || !skipByte(text, at, ':') || !skipDigits(text, at, 2, 2)) return 0;
    if (skipByte(text, at, ':') && !skipDigits(text, at, 2, 2)) return 0;
    if (skipByte(text, at, '.') && !skipDigits(text, at, 1, 9)) return 0;
    // A zone's letters and a year, each with a space before.
    std::size_t next = at;
    if (skipByte(text, next, ' ')) {
        std::size_t zone = 0;
        while (zone < 5 && next + zone < text.size() && classOf(text[next + zone]) == Upper) ++zone;
        if (zone >= 3 && (next + zone >= text.size() || !isWordByte(text[next + zone]))) {
            at = next + zone;
            next = at;
            if (!skipByte(text, next, ' ')) return at;
        }
        if (!dayFirst && skipDigits(text, next, 4, 4)) at = next;
    }
    return at;
}

} // namespace faultline::masking
