#include "models/base/near_words.h"

#include <algorithm>
#include <utility>

namespace faultline {
namespace {

constexpr std::size_t kLongest = 100;

std::string lowered(std::string_view text)
{
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    return result;
}

/// Whether a dotted name has the word as one of its parts, or several whole parts in a row.
bool hasPart(std::string_view name, std::string_view word)
{
    if (word.empty()) return false;
    for (std::size_t at = name.find(word); at != name.npos; at = name.find(word, at + 1)) {
        const bool begins = at == 0 || name[at - 1] == '.';
        const std::size_t behind = at + word.size();
        if (begins && (behind == name.size() || name[behind] == '.')) return true;
    }
    return false;
}

} // namespace

std::size_t editDistance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

std::vector<std::string> nearWords(std::string_view word, const std::vector<std::string>& known,
                                   std::size_t most)
{
    if (word.empty() || word.size() > kLongest) return {};
    const std::string wanted = lowered(word);
    const std::size_t allowed = std::clamp<std::size_t>(wanted.size() / 3, 1, 3);
    std::vector<std::pair<std::size_t, std::string>> found;
    for (const std::string& name : known) {
        if (name == word || name.empty() || name.size() > kLongest) continue;
        const std::string other = lowered(name);
        const std::size_t longer = std::max(other.size(), wanted.size());
        std::size_t distance = allowed + 1;
        if (longer - std::min(other.size(), wanted.size()) <= allowed) distance = editDistance(wanted, other);
        // A part is as good as a letter or two; a shorter name is nearer.
        if (distance > allowed && (hasPart(other, wanted) || hasPart(wanted, other)))
            distance = allowed + longer;
        else if (distance > allowed)
            continue;
        found.emplace_back(distance, name);
    }
    std::sort(found.begin(), found.end());
    if (found.size() > most) found.resize(most);
    std::vector<std::string> names;
    for (auto& [distance, name] : found) names.push_back(std::move(name));
    return names;
}

} // namespace faultline
