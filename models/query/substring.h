#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace faultline {

/// Searches for an ASCII text without regard to the case of A-Z, many bytes at a time. Other letters that fold to
/// ASCII (U+017F to s, U+212A to k) are not found here: see hasOddFolds().
class CaselessNeedle
{
public:
    /// `text` must be ASCII and not empty.
    explicit CaselessNeedle(std::string_view text);
    static constexpr std::size_t npos = std::string_view::npos;
    /// First match at or behind `from`; npos when there is none.
    std::size_t find(std::string_view haystack, std::size_t from = 0) const;
    bool isIn(std::string_view haystack) const { return find(haystack) != npos; }
    const std::string& lower() const { return m_lower; }
    /// Whether the needle has an s or a k and the haystack a letter outside ASCII that folds to it: then find() may
    /// miss a match.
    bool hasOddFolds(std::string_view haystack) const;

private:
    bool matchesAt(const char* at) const;
    std::string m_lower;
    std::string m_letter; ///< 0x20 where the lower byte is a letter, else 0
    std::size_t m_probe = 0; ///< the offset in the needle whose byte is rarest in logs
    bool m_odd = false;
};

/// Whether all bytes are below 0x80.
bool isAscii(std::string_view text);

} // namespace faultline
