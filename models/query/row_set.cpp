#include "models/query/row_set.h"

#include <algorithm>
#include <cassert>

namespace faultline {

namespace {

constexpr std::uint64_t kFull = ~std::uint64_t{0};

std::uint64_t lastMask(RowIndex rows)
{
    return (rows & 63) == 0 ? kFull : kFull >> (64 - (rows & 63));
}

} // namespace

RowSet RowSet::bits(RowIndex rows)
{
    RowSet set(rows, State::Some);
    set.m_words.assign(set.wordCount(), 0);
    return set;
}

RowSet RowSet::of(std::vector<std::uint64_t> words, RowIndex rows)
{
    RowSet set(rows, State::Some);
    set.m_words = std::move(words);
    set.m_words.resize(set.wordCount(), 0);
    if (!set.m_words.empty()) set.m_words.back() &= lastMask(rows);
    set.normalise();
    return set;
}

RowSet RowSet::range(RowIndex rows, RowIndex begin, RowIndex end)
{
    RowSet set = all(rows);
    set.keepRange(begin, end);
    return set;
}

std::uint64_t RowSet::word(std::size_t i) const
{
    switch (m_state) {
    case State::None: return 0;
    case State::All: return i + 1 == wordCount() ? lastMask(m_rows) : kFull;
    case State::Some: break;
    }
    return m_words[i];
}

std::uint64_t* RowSet::words()
{
    if (m_state != State::Some) {
        m_words.assign(wordCount(), m_state == State::All ? kFull : 0);
        if (!m_words.empty()) m_words.back() &= lastMask(m_rows);
        m_state = State::Some;
    }
    return m_words.data();
}

RowIndex RowSet::count() const
{
    if (m_state == State::None) return 0;
    if (m_state == State::All) return m_rows;
    RowIndex count = 0;
    for (const auto word : m_words) count += static_cast<RowIndex>(std::popcount(word));
    return count;
}

RowIndex countRows(const RowSet& set, RowIndex begin, RowIndex end)
{
    if (begin >= end || set.isNone()) return 0;
    if (set.isAll()) return end - begin;
    const std::size_t first = begin >> 6, last = (end - 1) >> 6;
    RowIndex count = 0;
    for (std::size_t i = first; i <= last; ++i) {
        std::uint64_t word = set.word(i);
        if (i == first) word &= kFull << (begin & 63);
        if (i == last && (end & 63) != 0) word &= kFull >> (64 - (end & 63));
        count += static_cast<RowIndex>(std::popcount(word));
    }
    return count;
}

RowSet& RowSet::operator&=(const RowSet& other)
{
    assert(m_rows == other.m_rows);
    if (isNone() || other.isAll()) return *this;
    if (isAll() || other.isNone()) return *this = other;
    for (std::size_t i = 0; i < m_words.size(); ++i) m_words[i] &= other.m_words[i];
    normalise();
    return *this;
}

RowSet& RowSet::operator|=(const RowSet& other)
{
    assert(m_rows == other.m_rows);
    if (isAll() || other.isNone()) return *this;
    if (isNone() || other.isAll()) return *this = other;
    for (std::size_t i = 0; i < m_words.size(); ++i) m_words[i] |= other.m_words[i];
    normalise();
    return *this;
}

RowSet& RowSet::subtract(const RowSet& other)
{
    assert(m_rows == other.m_rows);
    if (isNone() || other.isNone()) return *this;
    if (other.isAll()) return *this = none(m_rows);
    std::uint64_t* mine = words();
    for (std::size_t i = 0; i < m_words.size(); ++i) mine[i] &= ~other.m_words[i];
    normalise();
    return *this;
}

void RowSet::invert()
{
    if (m_state == State::None) {
        m_state = State::All;
    } else if (m_state == State::All) {
        m_state = State::None;
    } else {
        for (auto& word : m_words) word = ~word;
        if (!m_words.empty()) m_words.back() &= lastMask(m_rows);
    }
}

void RowSet::keepRange(RowIndex begin, RowIndex end)
{
    end = std::min(end, m_rows);
    if (begin == 0 && end == m_rows) return;
    if (begin >= end) {
        *this = none(m_rows);
        return;
    }
    if (isNone()) return;
    std::uint64_t* mine = words();
    std::fill(mine, mine + (begin >> 6), 0);
    mine[begin >> 6] &= kFull << (begin & 63);
    if ((end & 63) != 0) mine[end >> 6] &= kFull >> (64 - (end & 63));
    std::fill(mine + (end + 63u) / 64, mine + m_words.size(), 0);
    normalise();
}

void RowSet::normalise()
{
    if (m_state != State::Some) return;
    std::uint64_t any = 0, every = kFull;
    for (std::size_t i = 0; i + 1 < m_words.size(); ++i) {
        any |= m_words[i];
        every &= m_words[i];
    }
    if (!m_words.empty()) {
        any |= m_words.back();
        every &= m_words.back() | ~lastMask(m_rows);
    }
    if (any == 0) {
        m_state = State::None;
        m_words = {};
    } else if (every == kFull) {
        m_state = State::All;
        m_words = {};
    }
}

} // namespace faultline
