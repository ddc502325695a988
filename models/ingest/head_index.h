#pragma once
#include <algorithm>
#include <cstddef>
#include <set>
#include <string_view>

namespace faultline {

/// First bytes of many files, to find those that begin alike without going over all of them. Holds views: the
/// bytes live longer. One thread.
class HeadIndex
{
public:
    /// Nothing for an empty head.
    void add(std::string_view head)
    {
        if (head.empty()) return;
        m_heads.insert(head);
        m_lengths.insert(head.size());
    }
    /// One that was added begins with `head`, or the other way round.
    bool hasTwin(std::string_view head) const
    {
        if (head.empty()) return false;
        const auto from = m_heads.lower_bound(head);
        if (from != m_heads.end() && from->starts_with(head)) return true;
        return std::any_of(m_lengths.begin(), m_lengths.end(), [&](std::size_t length) {
            return length < head.size() && m_heads.contains(head.substr(0, length));
        });
    }

private:
    std::set<std::string_view> m_heads;
    std::set<std::size_t> m_lengths;
};

} // namespace faultline
