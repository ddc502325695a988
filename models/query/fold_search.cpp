#include "models/query/fold_search.h"

#include "models/records/utf8.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace faultline {

namespace {

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

bool isAscii(std::string_view text)
{
    std::uint64_t any = 0;
    std::size_t i = 0;
    for (; i + 8 <= text.size(); i += 8) {
        std::uint64_t word = 0;
        __builtin_memcpy(&word, text.data() + i, 8);
        any |= word;
    }
    for (; i < text.size(); ++i) any |= static_cast<unsigned char>(text[i]);
    return (any & 0x8080808080808080U) == 0;
}

/// How common a byte is in logs, from memory of what logs look like: letters by frequency, then digits, then
/// the rest.
int commonness(char c)
{
    constexpr std::string_view order = " etaoinsrdlcumpfg0123456789\"-._:/=,hbvwyk";
    const auto at = order.find(c);
    return at == std::string_view::npos ? 0 : static_cast<int>(order.size() - at);
}

/// `text` at `at` has `needle` (lower case), which fits.
bool sameAt(const char* text, std::string_view needle)
{
    for (std::size_t i = 0; i < needle.size(); ++i)
        if (lower(text[i]) != needle[i]) return false;
    return true;
}

bool isLetter(char c)
{
    return c >= 'a' && c <= 'z';
}

struct Anchors
{
    const char* text;
    std::size_t last; ///< greatest place of the needle
    std::string_view needle;
    std::size_t a, b;
};

std::size_t findScalar(const Anchors& s, std::size_t from)
{
    for (std::size_t at = from; at <= s.last; ++at)
        if (lower(s.text[at + s.a]) == s.needle[s.a] && sameAt(s.text + at, s.needle)) return at;
    return FoldSearch::npos;
}

#if defined(__x86_64__)
std::size_t findSse2(const Anchors& s, std::size_t from)
{
    const __m128i caseA = _mm_set1_epi8(isLetter(s.needle[s.a]) ? 0x20 : 0);
    const __m128i caseB = _mm_set1_epi8(isLetter(s.needle[s.b]) ? 0x20 : 0);
    const __m128i byteA = _mm_set1_epi8(s.needle[s.a]);
    const __m128i byteB = _mm_set1_epi8(s.needle[s.b]);
    for (std::size_t at = from; at <= s.last; at += 16) {
        at = std::min(at, s.last - 15); // the last block overlaps the one before
        const __m128i blockA = _mm_loadu_si128(reinterpret_cast<const __m128i*>(s.text + at + s.a));
        const __m128i blockB = _mm_loadu_si128(reinterpret_cast<const __m128i*>(s.text + at + s.b));
        const __m128i both = _mm_and_si128(_mm_cmpeq_epi8(_mm_or_si128(blockA, caseA), byteA),
                                           _mm_cmpeq_epi8(_mm_or_si128(blockB, caseB), byteB));
        for (auto mask = static_cast<unsigned>(_mm_movemask_epi8(both)); mask != 0; mask &= mask - 1) {
            const std::size_t place = at + static_cast<std::size_t>(__builtin_ctz(mask));
            if (sameAt(s.text + place, s.needle)) return place;
        }
    }
    return FoldSearch::npos;
}

__attribute__((target("avx2"))) std::size_t findAvx2(const Anchors& s, std::size_t from)
{
    const __m256i caseA = _mm256_set1_epi8(isLetter(s.needle[s.a]) ? 0x20 : 0);
    const __m256i caseB = _mm256_set1_epi8(isLetter(s.needle[s.b]) ? 0x20 : 0);
    const __m256i byteA = _mm256_set1_epi8(s.needle[s.a]);
    const __m256i byteB = _mm256_set1_epi8(s.needle[s.b]);
    for (std::size_t at = from; at <= s.last; at += 32) {
        at = std::min(at, s.last - 31);
        const __m256i blockA = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(s.text + at + s.a));
        const __m256i blockB = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(s.text + at + s.b));
        const __m256i both = _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_or_si256(blockA, caseA), byteA),
                                              _mm256_cmpeq_epi8(_mm256_or_si256(blockB, caseB), byteB));
        for (auto mask = static_cast<unsigned>(_mm256_movemask_epi8(both)); mask != 0; mask &= mask - 1) {
            const std::size_t place = at + static_cast<std::size_t>(__builtin_ctz(mask));
            if (sameAt(s.text + place, s.needle)) return place;
        }
    }
    return FoldSearch::npos;
}
#endif

std::size_t findFolded(const Anchors& s, std::size_t from)
{
#if defined(__x86_64__)
    if (s.last >= from + 31 && __builtin_cpu_supports("avx2")) return findAvx2(s, from);
    if (s.last >= from + 15) return findSse2(s, from);
#endif
    return findScalar(s, from);
}

/// The two rarest bytes of the needle, apart from each other where they can be.
std::array<std::size_t, 2> rarest(std::string_view needle)
{
    std::size_t a = 0;
    for (std::size_t i = 1; i < needle.size(); ++i)
        if (commonness(needle[i]) < commonness(needle[a])) a = i;
    std::size_t b = a == 0 ? needle.size() - 1 : 0;
    for (std::size_t i = 0; i < needle.size(); ++i)
        if (i != a && needle[i] != needle[a] && commonness(needle[i]) < commonness(needle[b])) b = i;
    return {a, b};
}

} // namespace

struct FoldSearch::Exact
{
    explicit Exact(std::string_view needle)
        : re("(?i)" + RE2::QuoteMeta(re2::StringPiece(needle.data(), needle.size())), options())
    {}
    static RE2::Options options()
    {
        RE2::Options made;
        made.set_log_errors(false);
        return made;
    }
    RE2 re;
    std::unique_ptr<FoldSearch> part; ///< of a needle beyond ASCII: what every text that has it contains
    bool inAscii = true;              ///< an ASCII text can have it
};

FoldSearch::FoldSearch(std::string_view needle) : m_needle(needle)
{
    std::transform(m_needle.begin(), m_needle.end(), m_needle.begin(), lower);
    m_ascii = isAscii(m_needle);
    if (!m_needle.empty()) {
        const auto anchors = rarest(m_needle);
        m_anchorA = anchors[0];
        m_anchorB = anchors[1];
    }
    if (m_ascii ? m_needle.find_first_of("sk") == npos : !isValidUtf8(m_needle)) return;
    m_exact = std::make_unique<Exact>(m_needle);
    if (m_ascii) return;
    // The longest run of ASCII that only ASCII folds to.
    std::size_t begin = 0, best = 0, length = 0;
    for (std::size_t i = 0; i <= m_needle.size(); ++i) {
        const bool plain = i < m_needle.size() && static_cast<unsigned char>(m_needle[i]) < 0x80 &&
                           m_needle[i] != 's' && m_needle[i] != 'k';
        if (plain) continue;
        if (i - begin > length) best = begin, length = i - begin;
        begin = i + 1;
    }
    if (length > 0)
        m_exact->part = std::make_unique<FoldSearch>(std::string_view(m_needle).substr(best, length));
    for (std::size_t i = 0; i < m_needle.size();) {
        const Utf8Step step = decodeUtf8(std::string_view(m_needle).substr(i));
        if (step.codePoint >= 0x80 && step.codePoint != 0x17f && step.codePoint != 0x212a)
            m_exact->inAscii = false;
        i += step.length;
    }
}

FoldSearch::FoldSearch(FoldSearch&&) noexcept = default;
FoldSearch& FoldSearch::operator=(FoldSearch&&) noexcept = default;
FoldSearch::~FoldSearch() = default;

std::size_t FoldSearch::findBytes(std::string_view text, std::size_t from) const
{
    if (from > text.size() || text.size() - from < m_needle.size()) return npos;
    if (m_needle.empty()) return from;
    return findFolded({text.data(), text.size() - m_needle.size(), m_needle, m_anchorA, m_anchorB}, from);
}

bool FoldSearch::bytesDecide(std::string_view text) const
{
    if (!m_exact) return true;
    return m_ascii && (isAscii(text) || !hasFoldingCharacter(text));
}

FoldSearch::Match FoldSearch::findNext(std::string_view text, std::size_t from, bool bytesDecide) const
{
    if (bytesDecide) {
        const std::size_t at = findBytes(text, from);
        return {at, at == npos ? npos : at + m_needle.size()};
    }
    if (from > text.size()) return {};
    re2::StringPiece match;
    const re2::StringPiece whole(text.data(), text.size());
    if (!m_exact->re.Match(whole, from, text.size(), RE2::UNANCHORED, &match, 1)) return {};
    const auto begin = static_cast<std::size_t>(match.data() - text.data());
    return {begin, begin + match.size()};
}

FoldSearch::Match FoldSearch::find(std::string_view text, std::size_t from) const
{
    const bool bytes = bytesDecide(text);
    if (!bytes && !m_ascii) {
        if (!m_exact->inAscii && isAscii(text)) return {};
        if (m_exact->part && !m_exact->part->in(text)) return {};
    }
    return findNext(text, from, bytes);
}

bool FoldSearch::equals(std::string_view text) const
{
    if (m_ascii || !m_exact) {
        if (equalsAscii(text, m_needle)) return true;
        // A longer text in bytes can still be equal: the long s has two, the Kelvin sign three.
        if (!m_exact || text.size() <= m_needle.size() || !hasFoldingCharacter(text)) return false;
    } else if (!m_exact->inAscii && isAscii(text)) {
        return false;
    }
    return m_exact->re.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), RE2::ANCHOR_BOTH,
                             nullptr, 0);
}

bool equalsAscii(std::string_view a, std::string_view b)
{
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (lower(a[i]) != lower(b[i])) return false;
    return true;
}

bool hasFoldingCharacter(std::string_view text)
{
    return text.find("\xc5\xbf") != std::string_view::npos ||
           text.find("\xe2\x84\xaa") != std::string_view::npos;
}

} // namespace faultline
