#include "models/query/template_match.h"

#include "models/query/leaf_test.h"

#include <algorithm>
#include <string>
#include <vector>

namespace faultline {

namespace {

bool inClass(VariableKind kind, char lower)
{
    const bool digit = lower >= '0' && lower <= '9';
    switch (kind) {
    case VariableKind::Digits: return digit;
    case VariableKind::Hex: return digit || (lower >= 'a' && lower <= 'f');
    case VariableKind::Text: return true;
    }
    return true;
}

char folded(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

/// The set of lengths of the needle's beginning that end here, one flag each; length 0 is always possible.
using Prefixes = std::vector<std::uint8_t>;

/// Over one constant. True when the whole needle was seen and some of it lay before the constant.
bool overConstant(const std::string& constant, const std::string& needle, Prefixes& open)
{
    const std::size_t n = needle.size();
    bool whole = false;
    Prefixes next(n + 1, 0);
    // A beginning of length p that ended before the constant needs constant[0 ..] == needle[p ..].
    for (std::size_t p = 1; p < n; ++p) {
        if (!open[p]) continue;
        std::size_t k = 0;
        while (k < constant.size() && p + k < n && folded(constant[k]) == needle[p + k]) ++k;
        if (p + k == n)
            whole = true;
        else if (k == constant.size())
            next[p + k] = 1;
    }
    // Beginnings that start inside the constant and reach its end.
    for (std::size_t start = constant.size() >= n ? constant.size() - n + 1 : 0; start < constant.size();
         ++start) {
        const std::size_t length = constant.size() - start;
        std::size_t k = 0;
        while (k < length && folded(constant[start + k]) == needle[k]) ++k;
        if (k == length && length < n) next[length] = 1;
    }
    open = std::move(next);
    return whole;
}

/// Over one variable: beginnings grow by one or more bytes of its class (a text may be of any length). True
/// when the whole needle was seen and some of it lay before the variable.
bool overVariable(VariableKind kind, const std::string& needle, Prefixes& open)
{
    const std::size_t n = needle.size();
    Prefixes next(n + 1, 0);
    bool whole = false;
    for (std::size_t p = 0; p < n; ++p) {
        if (p != 0 && !open[p]) continue;
        if (p != 0 && kind == VariableKind::Text) next[p] = 1; // an empty text is not ruled out
        for (std::size_t q = p; q < n && inClass(kind, needle[q]); ++q) {
            if (q + 1 == n)
                whole = whole || p != 0; // from 0 to n is inside this variable alone
            else
                next[q + 1] = 1;
        }
    }
    open = std::move(next);
    return whole;
}

using Fragment = TemplateVerdict::Fragment;

/// The ways in which beginnings of the needle end at one place: of each the longest part of the needle that
/// is in a variable of digits or hex, or an empty one where there is none.
class Ways
{
public:
    bool none() const { return m_best.empty(); }
    const std::vector<Fragment>& best() const { return m_best; }
    void add(const Fragment& fragment)
    {
        // With so many they would tell little.
        constexpr std::size_t kMost = 8;
        const Fragment one = fragment.begin == fragment.end || m_best.size() >= kMost ? Fragment{} : fragment;
        if (std::find(m_best.begin(), m_best.end(), one) == m_best.end()) m_best.push_back(one);
    }
    void add(const Ways& ways)
    {
        for (const Fragment& fragment : ways.m_best) add(fragment);
    }
    /// The same ways, each with another part in it.
    void addLonger(const Ways& ways, const Fragment& part)
    {
        for (const Fragment& fragment : ways.m_best)
            add(part.end - part.begin > fragment.end - fragment.begin ? part : fragment);
    }

private:
    std::vector<Fragment> m_best;
};

/// Goes over the template once more as matchTemplate() does, and keeps what each way across a border leaves
/// in a variable. Nothing when some way leaves nothing there that could be looked for.
void fragmentsOf(const TextTemplate& text, const std::string& needle, std::vector<Fragment>& out)
{
    const std::size_t n = needle.size();
    std::vector<Ways> open(n + 1), next;
    Ways whole;
    for (std::size_t i = 0; i < text.constants.size(); ++i) {
        const std::string& constant = text.constants[i];
        next.assign(n + 1, {});
        for (std::size_t p = 1; p < n; ++p) {
            if (open[p].none()) continue;
            std::size_t k = 0;
            while (k < constant.size() && p + k < n && folded(constant[k]) == needle[p + k]) ++k;
            if (p + k == n)
                whole.add(open[p]);
            else if (k == constant.size())
                next[p + k].add(open[p]);
        }
        for (std::size_t start = constant.size() >= n ? constant.size() - n + 1 : 0; start < constant.size();
             ++start) {
            const std::size_t length = constant.size() - start;
            std::size_t k = 0;
            while (k < length && folded(constant[start + k]) == needle[k]) ++k;
            if (k == length && length < n) next[length].add(Fragment{});
        }
        open.swap(next);
        if (i >= text.kinds.size()) break;
        const VariableKind kind = text.kinds[i];
        next.assign(n + 1, {});
        for (std::size_t p = 0; p < n; ++p) {
            if (p != 0 && open[p].none()) continue;
            if (p != 0 && kind == VariableKind::Text) next[p].add(open[p]);
            for (std::size_t q = p; q < n && inClass(kind, needle[q]); ++q) {
                Fragment part;
                if (kind != VariableKind::Text) part = {i, p, q + 1};
                if (q + 1 == n && p == 0) continue; // inside this variable alone
                Ways& to = q + 1 == n ? whole : next[q + 1];
                if (p == 0)
                    to.add(part);
                else
                    to.addLonger(open[p], part);
            }
        }
        open.swap(next);
    }
    const bool useful = std::none_of(whole.best().begin(), whole.best().end(),
                                     [](const Fragment& fragment) { return fragment.begin == fragment.end; });
    if (useful) out = whole.best();
}

} // namespace

bool onlyDigits(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool onlyHex(std::string_view lower)
{
    return std::all_of(lower.begin(), lower.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool fitsVariable(VariableKind kind, const FoldSearch& needle)
{
    switch (kind) {
    case VariableKind::Digits: return needle.needle().size() <= 18 && onlyDigits(needle.needle());
    case VariableKind::Hex: return onlyHex(needle.needle());
    case VariableKind::Text: return true;
    }
    return true;
}

TemplateVerdict matchTemplate(const TextTemplate& text, const FoldSearch& needle)
{
    TemplateVerdict verdict;
    // The part of a very long needle is enough to rule a template out.
    constexpr std::size_t kLongest = 256;
    const std::string lower = std::string(needle.needle().substr(0, kLongest));
    for (const auto& constant : text.constants) verdict.always = verdict.always || needle.in(constant);
    if (verdict.always) return verdict;
    // Letters beyond ASCII fold in ways that bytes do not show.
    verdict.crossing = needle.needle().size() > kLongest || lower.empty() || !needle.ascii();
    if (verdict.crossing) return verdict;
    Prefixes open(lower.size() + 1, 0);
    bool folds = false;
    for (std::size_t i = 0; i < text.constants.size(); ++i) {
        if (overConstant(text.constants[i], lower, open)) verdict.crossing = true;
        if (!needle.bytewise() && hasFoldingCharacter(text.constants[i])) folds = true;
        if (i >= text.kinds.size()) break;
        if (overVariable(text.kinds[i], lower, open)) verdict.crossing = true;
        if (fitsVariable(text.kinds[i], needle)) verdict.insideOne = true;
    }
    if (verdict.crossing && !folds) fragmentsOf(text, lower, verdict.fragments);
    verdict.crossing = verdict.crossing || folds;
    return verdict;
}

} // namespace faultline
