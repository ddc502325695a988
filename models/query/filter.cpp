#include "models/query/filter.h"

#include "models/query/filter_build.h"

namespace faultline {

bool Filter::operator==(const Filter& other) const
{
    if (kind != other.kind || field != other.field || text != other.text || wildcard != other.wildcard ||
        low != other.low || high != other.high || lowOpen != other.lowOpen || highOpen != other.highOpen ||
        lowExclusive != other.lowExclusive || highExclusive != other.highExclusive ||
        children.size() != other.children.size())
        return false;
    if (kind == Kind::Compare && op != other.op) return false;
    for (std::size_t i = 0; i < children.size(); ++i)
        if (children[i] != other.children[i] && !(*children[i] == *other.children[i])) return false;
    return true;
}

std::vector<std::string> wildcardPieces(std::string_view pattern)
{
    std::vector<std::string> pieces(1);
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '*') {
            pieces.emplace_back();
            continue;
        }
        if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
        pieces.back() += pattern[i];
    }
    return pieces;
}

namespace filters {

namespace {

FilterPtr leaf(Filter::Kind kind, std::string field, std::string text)
{
    auto filter = std::make_shared<Filter>();
    filter->kind = kind;
    filter->field = std::move(field);
    filter->text = std::move(text);
    return filter;
}

FilterPtr join(Filter::Kind kind, std::vector<FilterPtr> children)
{
    if (children.empty()) return all();
    if (children.size() == 1) return std::move(children.front());
    auto filter = std::make_shared<Filter>();
    filter->kind = kind;
    filter->children = std::move(children);
    return filter;
}

} // namespace

FilterPtr all()
{
    return std::make_shared<Filter>();
}

FilterPtr word(std::string text)
{
    return text.empty() ? all() : leaf(Filter::Kind::Word, {}, std::move(text));
}

FilterPtr equals(std::string field, std::string value)
{
    const auto kind = field == "message" ? Filter::Kind::Phrase : Filter::Kind::Equals;
    return leaf(kind, std::move(field), std::move(value));
}

FilterPtr wildcard(std::string field, std::string pattern)
{
    if (pattern == "*") return exists(std::move(field));
    auto filter = std::make_shared<Filter>();
    filter->kind = Filter::Kind::Equals;
    filter->field = std::move(field);
    filter->text = std::move(pattern);
    filter->wildcard = true;
    return filter;
}

FilterPtr exists(std::string field)
{
    return leaf(Filter::Kind::Exists, std::move(field), {});
}

FilterPtr compare(std::string field, Filter::Op op, std::string operand)
{
    auto filter = std::make_shared<Filter>();
    filter->kind = Filter::Kind::Compare;
    filter->field = std::move(field);
    filter->op = op;
    filter->text = std::move(operand);
    return filter;
}

FilterPtr between(std::string field, std::string low, std::string high)
{
    auto filter = std::make_shared<Filter>();
    filter->kind = Filter::Kind::Range;
    filter->field = std::move(field);
    filter->low = std::move(low);
    filter->high = std::move(high);
    return filter;
}

FilterPtr matches(std::string field, std::string expression)
{
    return leaf(Filter::Kind::Matches, std::move(field), std::move(expression));
}

FilterPtr negate(FilterPtr child)
{
    auto filter = std::make_shared<Filter>();
    filter->kind = Filter::Kind::Not;
    filter->children.push_back(std::move(child));
    return filter;
}

FilterPtr allOf(std::vector<FilterPtr> children)
{
    std::vector<FilterPtr> flat;
    for (auto& child : children) {
        if (child->kind == Filter::Kind::All) continue;
        if (child->kind == Filter::Kind::And)
            flat.insert(flat.end(), child->children.begin(), child->children.end());
        else
            flat.push_back(std::move(child));
    }
    return join(Filter::Kind::And, std::move(flat));
}

FilterPtr anyOf(std::vector<FilterPtr> children)
{
    return join(Filter::Kind::Or, std::move(children));
}

} // namespace filters

} // namespace faultline
