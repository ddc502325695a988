#include "models/ingest/read_order.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

namespace faultline {

std::vector<std::size_t> putFirst(std::vector<InputEntry>& entries, const std::vector<std::string>& first)
{
    std::vector<std::size_t> order(entries.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (first.empty()) return order;
    std::unordered_map<std::string_view, std::size_t> ranks;
    for (std::size_t i = 0; i < first.size(); ++i) ranks.emplace(first[i], i);
    const auto rank = [&](std::size_t index) {
        const auto found = ranks.find(entries[index].path);
        return found != ranks.end() ? found->second : first.size();
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
    std::vector<InputEntry> moved;
    std::vector<std::size_t> places(entries.size());
    moved.reserve(entries.size());
    for (const std::size_t from : order) {
        places[from] = moved.size();
        moved.push_back(std::move(entries[from]));
    }
    entries = std::move(moved);
    return places;
}

} // namespace faultline
