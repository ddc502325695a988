#include "models/analysis/pattern_clusters.h"

#include "models/base/hash.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <unordered_map>

namespace faultline {
namespace {

constexpr std::size_t kMostWords = 200; ///< of a pattern; the rest counts as one
constexpr std::string_view kAny = "<*>";

/// Words between white space; a run of words that are variables alone is one of them.
std::vector<std::string_view> wordsOf(std::string_view text)
{
    std::vector<std::string_view> words;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = text.find_first_not_of(" \t\r\n", at);
        if (begin == text.npos) break;
        const std::size_t end = words.size() + 1 >= kMostWords
                                    ? text.size()
                                    : std::min(text.size(), text.find_first_of(" \t\r\n", begin));
        const std::string_view word = text.substr(begin, end - begin);
        const bool again = !words.empty() && (word == kAny || word == "<*>,") &&
                           (words.back() == kAny || words.back() == "<*>,");
        if (!again) words.push_back(word);
        at = end;
    }
    return words;
}

class Sets
{
public:
    explicit Sets(std::size_t count) : m_parents(count)
    {
        std::iota(m_parents.begin(), m_parents.end(), std::size_t{0});
    }
    std::size_t find(std::size_t i)
    {
        while (m_parents[i] != i) i = m_parents[i] = m_parents[m_parents[i]];
        return i;
    }
    void join(std::size_t a, std::size_t b)
    {
        a = find(a);
        b = find(b);
        m_parents[std::max(a, b)] = std::min(a, b);
    }

private:
    std::vector<std::size_t> m_parents;
};

std::uint64_t mix(std::uint64_t value)
{
    value = (value ^ value >> 32) * 0xd6e8feb86659fd93u;
    return value ^ value >> 32;
}

} // namespace

std::vector<std::size_t> clusterPatterns(std::span<const std::string> patterns)
{
    // By text, so that nothing depends on the order in which they come.
    std::vector<std::size_t> order(patterns.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return patterns[a] < patterns[b]; });
    Sets sets(patterns.size());
    // The words but one are a sum of hashes of (place, word). What has all of them in common is joined to the
    // first one; patterns with a variable in that place are noted before, since then fewer words are enough.
    constexpr std::size_t leastWords = 5, leastConstants = 3;
    struct Words
    {
        std::vector<std::uint64_t> rests;
        std::vector<bool> any;
        std::size_t constants = 0;
    };
    std::vector<Words> all(order.size());
    std::unordered_map<std::uint64_t, std::size_t> wholes, firsts, variables;
    for (std::size_t at = 0; at < order.size(); ++at) {
        const auto words = wordsOf(patterns[order[at]]);
        std::vector<std::uint64_t> hashes;
        std::uint64_t sum = mix(words.size() + 1);
        for (std::size_t i = 0; i < words.size(); ++i) {
            hashes.push_back(mix(hash64(words[i]) + i * 0x9e3779b97f4a7c15u));
            sum += hashes.back();
            if (words[i].find(kAny) == words[i].npos) ++all[at].constants;
        }
        if (const auto [same, isNew] = wholes.try_emplace(sum, at); !isNew) sets.join(same->second, at);
        for (std::size_t i = 0; i < words.size(); ++i) {
            all[at].rests.push_back(mix(sum - hashes[i] + mix(i + 1)));
            all[at].any.push_back(words[i] == kAny);
            if (words[i] == kAny && all[at].constants >= leastConstants)
                variables.try_emplace(all[at].rests[i], at);
        }
    }
    for (std::size_t at = 0; at < order.size(); ++at) {
        for (std::size_t i = 0; i < all[at].rests.size(); ++i) {
            const std::uint64_t rest = all[at].rests[i];
            if (const auto variable = variables.find(rest); variable != variables.end())
                sets.join(variable->second, at);
            // A constant of its own is one of the words that are shared by none.
            if (all[at].rests.size() < leastWords || all[at].constants < leastWords) continue;
            const auto [known, isNew] = firsts.try_emplace(rest, at);
            if (!isNew) sets.join(known->second, at);
        }
    }
    std::vector<std::size_t> clusters(patterns.size());
    for (std::size_t at = 0; at < order.size(); ++at) clusters[order[at]] = sets.find(at);
    return clusters;
}

} // namespace faultline
