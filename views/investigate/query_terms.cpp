#include "views/investigate/query_terms.h"

#include <algorithm>

namespace faultline {
namespace {

FilterPtr leaf(Filter::Kind kind, const QString& field, const QString& value)
{
    auto filter = std::make_shared<Filter>();
    filter->kind = kind;
    filter->field = field.toStdString();
    filter->text = value.toStdString();
    return filter;
}

FilterPtr unless(bool negate, FilterPtr term)
{
    if (!negate) return term;
    auto negated = std::make_shared<Filter>();
    negated->kind = Filter::Kind::Not;
    negated->children = {std::move(term)};
    return negated;
}

} // namespace

FilterPtr equalsTerm(const QString& field, const QString& value, bool exclude)
{
    return unless(exclude, leaf(Filter::Kind::Equals, field, value));
}

FilterPtr existsTerm(const QString& field, bool absent)
{
    return unless(absent, leaf(Filter::Kind::Exists, field, {}));
}

FilterPtr withTerm(const FilterPtr& filter, FilterPtr term)
{
    if (filter == nullptr) return term;
    auto both = std::make_shared<Filter>();
    both->kind = Filter::Kind::And;
    if (filter->kind == Filter::Kind::And)
        both->children = filter->children;
    else
        both->children = {filter};
    if (std::any_of(both->children.begin(), both->children.end(),
                    [&](const FilterPtr& child) { return *child == *term; }))
        return nullptr;
    both->children.push_back(std::move(term));
    return both;
}

} // namespace faultline
