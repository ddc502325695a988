#include "models/query/value_table.h"

#include <algorithm>

namespace faultline {

void ValueTable::grow()
{
    std::vector<Place> old = std::move(m_places);
    const std::size_t factor = old.size() < 1024 ? 4 : 2; // fewer moves while it costs little memory
    m_places.assign(std::max<std::size_t>(old.size() * factor, 16), Place());
    m_mask = m_places.size() - 1;
    for (const Place& place : old) {
        if (place.countAndForm == 0) continue;
        std::size_t at = place.key().hash() & m_mask;
        while (m_places[at].countAndForm != 0) at = (at + 1) & m_mask;
        m_places[at] = place;
    }
}

void ValueTable::clear()
{
    m_places = {};
    m_keys = 0;
    m_mask = 0;
    m_texts.clear();
}

} // namespace faultline
