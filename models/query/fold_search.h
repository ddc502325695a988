#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace faultline {

/// Finds a text without regard to case, as RE2's (?i) folds it: also the long s and the Kelvin sign, which
/// fold to s and k, and letters beyond ASCII.
///
/// How     An ASCII needle is searched for by two of its bytes at a time, 16 or 32 places at once; only where
/// the
///         needle has an s or a k and the text bytes beyond ASCII is the exact engine asked. Other needles go
///         to the exact engine behind a search for their longest ASCII part.
/// Bytes   A needle that is not valid UTF-8 folds ASCII letters only.
/// Threads Any thread at once, after construction.
class FoldSearch
{
public:
    static constexpr std::size_t npos = std::string_view::npos;

    explicit FoldSearch(std::string_view needle);
    FoldSearch(FoldSearch&&) noexcept;
    FoldSearch& operator=(FoldSearch&&) noexcept;
    ~FoldSearch();

    /// Is the needle anywhere in the text? An empty one is.
    bool in(std::string_view text) const { return find(text).begin != npos; }
    struct Match
    {
        std::size_t begin = npos, end = npos;
    };
    /// The first place of the needle at or behind `from`. May run over many values laid end to end
    /// (StringTable): a match across their border is then for the caller to see.
    Match find(std::string_view text, std::size_t from = 0) const;
    /// For many matches in one long text: whether bytes alone say where in it the needle is, asked once ...
    bool bytesDecide(std::string_view text) const;
    /// ... and the next match, for a text of which find() has shown that there is one.
    Match findNext(std::string_view text, std::size_t from, bool bytesDecide) const;
    /// Is the text as a whole the needle?
    bool equals(std::string_view text) const;

    /// The first place by bytes alone: only ASCII letters fold.
    std::size_t findBytes(std::string_view text, std::size_t from = 0) const;

    std::string_view needle() const { return m_needle; } ///< ASCII letters in lower case
    /// The needle is ASCII, and no character beyond ASCII folds to one of its letters: bytes say it all.
    bool bytewise() const { return !m_exact; }
    bool ascii() const { return m_ascii; }

private:
    struct Exact;
    std::string m_needle;
    std::size_t m_anchorA = 0, m_anchorB = 0; ///< the two bytes of the needle that are looked for
    bool m_ascii = true;
    std::unique_ptr<Exact> m_exact;
};

/// Are two texts equal without regard to the case of ASCII letters?
bool equalsAscii(std::string_view a, std::string_view b);

/// Has the text one of the characters beyond ASCII that fold to ASCII letters (U+017F to s, U+212A to k)?
bool hasFoldingCharacter(std::string_view text);

} // namespace faultline
