#include "models/records/mask_rules.h"

#include <algorithm>

namespace faultline::masking {
namespace {

constexpr std::size_t kLongestHostName = 253; // RFC 1035

bool isOneOf(std::string_view word, std::string_view set)
{
    // `set` is words with a space before and behind each.
    if (word.empty() || word.find(' ') != std::string_view::npos) return false;
    for (std::size_t at = set.find(word); at != std::string_view::npos; at = set.find(word, at + 1))
        if (set[at - 1] == ' ' && set[at + word.size()] == ' ') return true;
    return false;
}

constexpr std::string_view kSourceEndings =
    " c cc cpp cxx h hh hpp go py js jsx ts tsx mjs rb rs java kt scala clj groovy php cs fs vb swift m mm "
    "lua pl pm "
    "sh sql ex exs erl hs ml dart vue html css xml yaml yml json toml ini cfg conf properties txt log ";
constexpr std::string_view kDomains = " com net org edu gov mil info biz local internal lan localdomain ";
/// What stands before a country's domain; two letters alone could end a file's name.
constexpr std::string_view kSecondLevel = " com net org edu gov ac co ne or go ";
/// Countries' domains, where they follow two more labels; without those that files end with.
constexpr std::string_view kCountries = " eu de fr uk nl be it es pt ru cn jp kr tw hk br mx ar in se no fi "
                                        "dk ch at cz us ca au nz ie gr tr ua ro hu za sg th vn ";
constexpr std::string_view kMonths = " Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec ";
constexpr std::string_view kWeekdays = " Mon Tue Wed Thu Fri Sat Sun ";

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

bool isHostName(std::string_view text)
{
    if (text.size() < 4 || text.size() > kLongestHostName || !isWordByte(text.front())) return false;
    const std::size_t dot = text.rfind('.');
    if (dot == std::string_view::npos || dot == 0 || dot + 1 >= text.size()) return false;
    for (const char c : text)
        if (!isWordByte(c) && c != '.' && c != '-' && c != '_') return false;
    const std::string_view last = text.substr(dot + 1);
    if (last.size() > 11) return false;
    if (isOneOf(last, kDomains)) return true;
    if (last.size() != 2) return false;
    const std::size_t before = text.rfind('.', dot - 1);
    if (before != std::string_view::npos && isOneOf(last, kCountries)) return true;
    return before != std::string_view::npos &&
           isOneOf(text.substr(before + 1, dot - before - 1), kSecondLevel);
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
    return isOneOf(before, " for For by By as invalid Invalid unknown Unknown illegal Illegal of ") &&
           !isOneOf(
               name,
               " request requests authentication login session sessions input data name names id ids agent "
               "space profile account accounts info information details with from in and or is was has ");
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
    return !isOneOf(host.substr(dot + 1), kSourceEndings);
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
    std::size_t length = 0;
    while (length < text.size() && length < 9 && isLetter(text[length])) ++length;
    if (length == 0 || (length < text.size() && isWordByte(text[length]))) return 0;
    return isOneOf(text.substr(0, length), " bytes byte Bytes B KB kB MB GB TB KiB MiB GiB TiB kb mb gb ")
               ? length
               : 0;
}

std::size_t namedDateLength(std::string_view text)
{
    std::size_t at = 0;
    if (text.size() < 12) return 0;
    if (isOneOf(text.substr(0, 3), kWeekdays)) {
        at = text[3] == ',' ? 4 : 3;
        if (!skipByte(text, at, ' ')) return 0;
    }
    // Mmm dd or dd Mmm, one or two spaces before a single digit.
    bool dayFirst = false;
    if (at < text.size() && isDigit(text[at])) {
        dayFirst = true;
        if (!skipDigits(text, at, 1, 2) || !skipByte(text, at, ' ')) return 0;
    }
    if (at + 3 > text.size() || !isOneOf(text.substr(at, 3), kMonths)) return 0;
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
