#include "models/query/substring.h"
#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace faultline {

namespace {

bool isLower(char c)
{
    return c >= 'a' && c <= 'z';
}

/// How common a byte is in logs, roughly: the higher, the worse as a probe.
int commonness(char c)
{
    static constexpr std::string_view order = "zqjxkvwybgfphmucdlnrosait0123456789_-./:= e";
    const std::size_t at = order.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

} // namespace

bool isAscii(std::string_view text)
{
    std::size_t i = 0;
    for (; i + 8 <= text.size(); i += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + i, 8);
        if ((word & 0x8080808080808080u) != 0) return false;
    }
    for (; i < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0x80) != 0) return false;
    }
    return true;
}

CaselessNeedle::CaselessNeedle(std::string_view text) : m_lower(text), m_letter(text.size(), '\0')
{
    for (std::size_t i = 0; i < m_lower.size(); ++i) {
        char& c = m_lower[i];
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
        if (isLower(c)) m_letter[i] = 0x20;
        m_odd = m_odd || c == 'k' || c == 's';
        if (commonness(c) < commonness(m_lower[m_probe])) m_probe = i;
    }
}

bool CaselessNeedle::matchesAt(const char* at) const
{
    for (std::size_t i = 0; i < m_lower.size(); ++i) {
        if ((at[i] | m_letter[i]) != m_lower[i]) return false;
    }
    return true;
}

std::size_t CaselessNeedle::find(std::string_view haystack, std::size_t from) const
{
    const std::size_t length = m_lower.size();
    if (haystack.size() < length || from > haystack.size() - length) return npos;
    const char* const begin = haystack.data();
    const char* const last = begin + (haystack.size() - length); // the last place where it can start
    const char* at = begin + from;
#ifdef __SSE2__
    // Two bytes of the needle are compared at 16 places at once; the rest only where both agree.
    const std::size_t other = m_probe == length - 1 ? 0 : length - 1;
    const __m128i probe = _mm_set1_epi8(m_lower[m_probe]), probeCase = _mm_set1_epi8(m_letter[m_probe]);
    const __m128i tail = _mm_set1_epi8(m_lower[other]), tailCase = _mm_set1_epi8(m_letter[other]);
    for (; last - at >= 15; at += 16) {
        const auto load = [at](std::size_t offset) {
            __m128i bytes;
            std::memcpy(&bytes, at + offset, 16);
            return bytes;
        };
        const __m128i a = _mm_cmpeq_epi8(_mm_or_si128(load(m_probe), probeCase), probe);
        const __m128i b = _mm_cmpeq_epi8(_mm_or_si128(load(other), tailCase), tail);
        auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_and_si128(a, b)));
        while (hits != 0) {
            const char* const place = at + std::countr_zero(hits);
            if (matchesAt(place)) return static_cast<std::size_t>(place - begin);
            hits &= hits - 1;
        }
    }
#endif
    const char lower = m_lower[m_probe], letter = m_letter[m_probe];
    for (; at <= last; ++at) {
        if ((at[m_probe] | letter) == lower && matchesAt(at)) return static_cast<std::size_t>(at - begin);
    }
    return npos;
}

bool CaselessNeedle::hasOddFolds(std::string_view haystack) const
{
    if (!m_odd) return false;
    return haystack.find("\xc5\xbf") != std::string_view::npos || haystack.find("\xe2\x84\xaa") != std::string_view::npos;
}

} // namespace faultline
