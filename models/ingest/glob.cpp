#include "models/ingest/glob.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

namespace faultline {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxAlternatives = 1000;

/// The first brace with a partner and a comma: begin, end and the commas between.
struct Brace
{
    std::size_t begin = 0, end = 0;
    std::vector<std::size_t> commas;
};

std::optional<Brace> firstBrace(std::string_view text)
{
    for (std::size_t begin = 0; begin < text.size(); ++begin) {
        if (text[begin] == '\\') {
            ++begin;
            continue;
        }
        if (text[begin] != '{') continue;
        Brace brace{begin, 0, {}};
        std::size_t depth = 0;
        for (std::size_t i = begin; i < text.size(); ++i) {
            if (text[i] == '\\')
                ++i;
            else if (text[i] == '{')
                ++depth;
            else if (text[i] == ',' && depth == 1)
                brace.commas.push_back(i);
            else if (text[i] == '}' && --depth == 0) {
                brace.end = i;
                break;
            }
        }
        if (brace.end > 0 && !brace.commas.empty()) return brace;
    }
    return std::nullopt;
}

/// Matches the bracket expression at pattern[at]; `at` moves past it. Nothing: it is not one.
std::optional<bool> matchClass(std::string_view pattern, std::size_t& at, char c)
{
    std::size_t i = at + 1;
    const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
    if (negated) ++i;
    bool found = false;
    for (bool first = true; i < pattern.size() && (first || pattern[i] != ']'); first = false, ++i) {
        if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
        const auto low = static_cast<unsigned char>(pattern[i]);
        auto high = low;
        if (i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']') {
            high = static_cast<unsigned char>(pattern[i + 2]);
            i += 2;
        }
        found = found || (static_cast<unsigned char>(c) >= low && static_cast<unsigned char>(c) <= high);
    }
    if (i >= pattern.size()) return std::nullopt;
    at = i + 1;
    return found != negated;
}

} // namespace

bool hasGlob(std::string_view text)
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (text[i] == '*' || text[i] == '?' || text[i] == '[')
            return true;
    }
    return firstBrace(text).has_value();
}

std::vector<std::string> expandBraces(std::string_view pattern)
{
    std::vector<std::string> done, open{std::string(pattern)};
    while (!open.empty() && done.size() + open.size() <= kMaxAlternatives) {
        const std::string text = std::move(open.back());
        open.pop_back();
        const auto brace = firstBrace(text);
        if (!brace) {
            done.push_back(text);
            continue;
        }
        std::vector<std::size_t> bounds = brace->commas;
        bounds.push_back(brace->end);
        std::size_t from = brace->begin + 1;
        std::vector<std::string> parts;
        for (const std::size_t bound : bounds) {
            parts.push_back(text.substr(0, brace->begin) + text.substr(from, bound - from) +
                            text.substr(brace->end + 1));
            from = bound + 1;
        }
        open.insert(open.end(), parts.rbegin(), parts.rend());
    }
    done.insert(done.end(), open.begin(), open.end()); // past the limit braces stand for themselves
    if (done.size() > kMaxAlternatives) done.resize(kMaxAlternatives);
    return done;
}

bool globMatch(std::string_view pattern, std::string_view name)
{
    if (name.starts_with('.') && !pattern.starts_with('.') && !pattern.starts_with("\\.")) return false;
    std::size_t p = 0, n = 0, starP = std::string_view::npos, starN = 0;
    while (n < name.size()) {
        bool matched = false;
        if (p < pattern.size()) {
            if (pattern[p] == '*') {
                starP = ++p;
                starN = n;
                continue;
            }
            if (pattern[p] == '?') {
                ++p;
                matched = true;
            } else if (std::size_t after = p; pattern[p] == '[' && matchClass(pattern, after, name[n])) {
                after = p;
                matched = *matchClass(pattern, after, name[n]);
                p = after;
            } else {
                const std::size_t at = pattern[p] == '\\' && p + 1 < pattern.size() ? p + 1 : p;
                matched = pattern[at] == name[n];
                p = at + 1;
            }
        }
        if (matched) {
            ++n;
            continue;
        }
        if (starP == std::string_view::npos) return false;
        p = starP;
        n = ++starN;
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

std::vector<std::string> expandGlob(std::string_view pattern, std::stop_token stop)
{
    std::set<std::string> found;
    struct Step
    {
        fs::path base;
        std::size_t part;
    };
    for (const std::string& alternative : expandBraces(pattern)) {
        std::vector<std::string> parts;
        const fs::path path(alternative);
        for (const fs::path& part : path.relative_path()) parts.push_back(part.string());
        std::vector<Step> open{{path.root_path(), 0}};
        while (!open.empty() && !stop.stop_requested()) {
            const Step step = std::move(open.back());
            open.pop_back();
            std::error_code error;
            if (step.part == parts.size()) {
                found.insert(step.base.string());
                continue;
            }
            const std::string& part = parts[step.part];
            if (part.empty()) { // a slash at the end: folders only
                if (fs::is_directory(step.base, error)) found.insert(step.base.string());
                continue;
            }
            if (!hasGlob(part)) {
                std::string plain;
                for (std::size_t i = 0; i < part.size(); ++i) {
                    if (part[i] == '\\' && i + 1 < part.size()) ++i;
                    plain.push_back(part[i]);
                }
                const fs::path next = step.base / plain;
                if (fs::exists(fs::symlink_status(next, error))) open.push_back({next, step.part + 1});
                continue;
            }
            const bool deep = part == "**";
            if (deep) {
                if (step.part + 1 < parts.size())
                    open.push_back({step.base, step.part + 1});
                else
                    found.insert(step.base.string());
            }
            const fs::path folder = step.base.empty() ? fs::path(".") : step.base;
            fs::directory_iterator walk(folder, error), end;
            for (; !error && walk != end; walk.increment(error)) {
                const std::string name = walk->path().filename().string();
                std::error_code ignored;
                if (deep) {
                    if (!name.starts_with('.') &&
                        walk->symlink_status(ignored).type() == fs::file_type::directory)
                        open.push_back({step.base / name, step.part});
                } else if (globMatch(part, name)) {
                    open.push_back({step.base / name, step.part + 1});
                }
            }
        }
    }
    return {found.begin(), found.end()};
}

} // namespace faultline
