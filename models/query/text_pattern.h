#pragma once
#include "models/query/fold_search.h"

#include <memory>
#include <string_view>
#include <vector>

namespace faultline {

/// A wildcard pattern (Filter::wildcard) against texts, without regard to case: as a whole, or as any part of
/// them. Threads  Any thread at once, after construction.
class TextPattern
{
public:
    TextPattern(std::string_view pattern, bool whole);
    TextPattern(TextPattern&&) noexcept;
    TextPattern& operator=(TextPattern&&) noexcept;
    ~TextPattern();

    bool matches(std::string_view text) const;
    /// The parts between the wildcards that are not empty.
    const std::vector<FoldSearch>& pieces() const { return m_pieces; }

private:
    struct Exact;
    bool matchesBytes(std::string_view text) const;
    std::vector<FoldSearch> m_pieces;
    bool m_atStart = false, m_atEnd = false; ///< the first and last piece stand at the ends
    bool m_bytes = true; ///< ASCII pieces: bytes decide, but for texts with folding characters
    std::unique_ptr<Exact> m_exact;
};

} // namespace faultline
