#include "models/session/empty_reason.h"

#include "models/base/near_words.h"
#include "models/query/filter_build.h"
#include "models/query/filter_text.h"
#include "models/query/match.h"
#include "models/records/severity.h"

#include <algorithm>
#include <array>
#include <optional>

namespace faultline {
namespace {

constexpr std::size_t kMostNames = 8, kMostNear = 3, kMostTerms = 6, kMostRemedies = 4;
/// Terms of a machine's query are not worth a look each.
constexpr std::size_t kMostLeaves = 64;
/// Values that a field of few values has: enough to find the near ones.
constexpr std::size_t kMostValues = 500;

void collectLeaves(const FilterPtr& root, std::vector<const Filter*>& leaves)
{
    std::vector<const Filter*> open{root.get()};
    while (!open.empty() && leaves.size() < kMostLeaves) {
        const Filter* const filter = open.back();
        open.pop_back();
        if (filter == nullptr) continue;
        if (filter->children.empty()) leaves.push_back(filter);
        for (auto child = filter->children.rbegin(); child != filter->children.rend(); ++child)
            open.push_back(child->get());
    }
}

/// Fields that have few values, so that a value nobody has is probably a slip.
bool hasFewValues(const std::string& field)
{
    static constexpr std::array<std::string_view, 3> kFields{"service", "host", "logger"};
    return std::find(kFields.begin(), kFields.end(), field) != kFields.end();
}

/// `level:erorr`: compared with the text of a field, since it is no level.
bool isNoLevel(const Filter& leaf)
{
    return leaf.kind == Filter::Kind::Equals && leaf.field == "level" && !leaf.wildcard &&
           ValueTest::subjectOf(leaf) == ValueTest::Subject::Field &&
           leaf.text.find_first_not_of("0123456789") != std::string::npos;
}

Result<bool> anyEvent(QueryEngine& engine, FilterPtr filter, const std::stop_token& stop)
{
    // One row is enough to know: a page stops at it.
    PageQuestion question;
    question.selection.filter = std::move(filter);
    question.limit = 1;
    auto answer = engine.ask(question, stop);
    if (!answer) return std::move(answer).error();
    return !std::get<PageAnswer>(*answer).rows.empty();
}

Result<std::vector<std::string>> valuesOf(QueryEngine& engine, const std::string& field,
                                          const std::stop_token& stop)
{
    FacetQuestion question;
    question.fields = {field};
    question.top = kMostValues;
    auto answer = engine.ask(question, stop);
    if (!answer) return std::move(answer).error();
    std::vector<std::string> values;
    for (const FieldSummary& summary : std::get<FacetAnswer>(*answer).fields)
        for (const FieldSummary::Value& value : summary.top) values.push_back(value.value);
    return values;
}

/// What is wrong with a leaf, if anything.
Result<std::optional<UnknownName>> look(QueryEngine& engine, const Filter& leaf,
                                        const std::vector<std::string>& fields, const std::stop_token& stop)
{
    std::optional<UnknownName> none;
    if (leaf.field.empty()) return none;
    const bool noLevel = isNoLevel(leaf);
    const bool known = std::binary_search(fields.begin(), fields.end(), leaf.field);
    if (!known && !noLevel && ValueTest::subjectOf(leaf) == ValueTest::Subject::Field) {
        // Inside arrays, or past the columns of a segment.
        auto exists = anyEvent(engine, filters::exists(leaf.field), stop);
        if (!exists) return std::move(exists).error();
        if (*exists) return none;
        return std::optional(
            UnknownName{UnknownName::What::Field, leaf.field, {}, nearWords(leaf.field, fields, kMostNear)});
    }
    const bool fewValues = leaf.kind == Filter::Kind::Equals && !leaf.wildcard && hasFewValues(leaf.field);
    if (!noLevel && !fewValues) return none;
    auto exists = anyEvent(engine, std::make_shared<Filter>(leaf), stop);
    if (!exists) return std::move(exists).error();
    if (*exists) return none;
    UnknownName name{
        noLevel ? UnknownName::What::Level : UnknownName::What::Value, leaf.field, leaf.text, {}};
    if (noLevel) {
        name.near = nearWords(leaf.text, {"trace", "debug", "info", "warn", "error", "fatal", "none"}, 1);
    } else {
        auto values = valuesOf(engine, leaf.field, stop);
        if (!values) return std::move(values).error();
        name.near = nearWords(leaf.text, *values, kMostNear);
    }
    return std::optional(std::move(name));
}

/// The filter with the unknown name replaced by its nearest; the changed term is left in `term`.
FilterPtr replaced(const FilterPtr& filter, const UnknownName& name, FilterPtr& term)
{
    auto changed = std::make_shared<Filter>(*filter);
    if (filter->children.empty()) {
        if (filter->field != name.field) return filter;
        if (name.what == UnknownName::What::Field)
            changed->field = name.near.front();
        else if (filter->kind == Filter::Kind::Equals && filter->text == name.text)
            changed->text = name.near.front();
        else
            return filter;
        term = changed;
        return changed;
    }
    // As deep as a parsed query may be nested (kFilterDepthLimit).
    for (FilterPtr& child : changed->children) child = replaced(child, name, term);
    return changed;
}

/// The query's text as one phrase, in the same range.
std::optional<Remedy> asText(const Selection& selection, std::string_view text)
{
    // A word or a phrase is looked for as it stands already.
    if (selection.filter->kind == Filter::Kind::Word && !selection.filter->wildcard) return std::nullopt;
    std::string quoted = quotedText(text);
    if (quoted.empty() || quoted.size() > kOfferedLimit) return std::nullopt;
    auto phrase = parseFilter(quoted, 0);
    if (!phrase) return std::nullopt;
    return Remedy{Remedy::Kind::AsText, std::move(quoted), {std::move(*phrase), selection.range}, 0};
}

std::vector<Remedy> remediesToTry(const Selection& selection, std::string_view text,
                                  const std::vector<UnknownName>& unknown)
{
    std::vector<Remedy> tries;
    if (!selection.range.unbounded()) tries.push_back({Remedy::Kind::AllTime, {}, {selection.filter, {}}, 0});
    if (selection.filter == nullptr) return tries;
    if (auto phrase = asText(selection, text)) tries.push_back(std::move(*phrase));
    for (const UnknownName& name : unknown) {
        if (name.near.empty() || tries.size() >= kMostTerms) continue;
        FilterPtr term;
        const FilterPtr changed = replaced(selection.filter, name, term);
        // A name that was an alias of level reads as one again.
        auto again = parseFilter(printFilter(*changed), 0);
        if (term == nullptr || !again) continue;
        tries.push_back({Remedy::Kind::Replace, printFilter(*term), {*again, selection.range}, 0});
    }
    const auto& terms = selection.filter->children;
    if (selection.filter->kind != Filter::Kind::And || terms.size() > kMostTerms) return tries;
    for (std::size_t drop = 0; drop < terms.size(); ++drop) {
        std::vector<FilterPtr> rest;
        for (std::size_t i = 0; i < terms.size(); ++i)
            if (i != drop) rest.push_back(terms[i]);
        tries.push_back({Remedy::Kind::DropTerm,
                         printFilter(*terms[drop]),
                         {filters::allOf(std::move(rest)), selection.range},
                         0});
    }
    return tries;
}

} // namespace

Result<std::vector<UnknownName>> unknownNames(QueryEngine& engine, const FilterPtr& filter,
                                              std::stop_token stop)
{
    std::vector<UnknownName> names;
    std::vector<const Filter*> leaves;
    collectLeaves(filter, leaves);
    if (std::all_of(leaves.begin(), leaves.end(), [](const Filter* leaf) { return leaf->field.empty(); }))
        return names;
    auto fields = engine.fieldNames(stop);
    if (!fields) return std::move(fields).error();
    for (const Filter* leaf : leaves) {
        if (names.size() >= kMostNames) break;
        auto name = look(engine, *leaf, *fields, stop);
        if (!name) return std::move(name).error();
        if (!*name) continue;
        const bool said = std::any_of(names.begin(), names.end(), [&](const UnknownName& other) {
            return other.field == (*name)->field && other.text == (*name)->text;
        });
        if (!said) names.push_back(std::move(**name));
    }
    return names;
}

std::string sentence(const UnknownName& name)
{
    std::string text;
    switch (name.what) {
    case UnknownName::What::Field: text = "no event has a field named " + name.field; break;
    case UnknownName::What::Level: text = "no event has the level " + name.text; break;
    case UnknownName::What::Value: text = "no event has the " + name.field + " " + name.text; break;
    }
    for (std::size_t i = 0; i < name.near.size(); ++i) text += (i == 0 ? "; near: " : ", ") + name.near[i];
    return text;
}

Result<EmptyReason> whyEmpty(QueryEngine& engine, const Selection& selection, std::string_view text,
                             std::stop_token stop)
{
    EmptyReason reason;
    auto unknown = unknownNames(engine, selection.filter, stop);
    if (!unknown) return std::move(unknown).error();
    reason.unknown = std::move(*unknown);
    std::vector<Remedy> tries = remediesToTry(selection, text, reason.unknown);
    if (tries.empty()) return reason;
    std::vector<Question> questions(tries.size());
    for (std::size_t i = 0; i < tries.size(); ++i)
        questions[i].emplace<CountQuestion>().selection = tries[i].selection;
    auto answers = engine.askAll(questions, stop);
    if (!answers) return std::move(answers).error();
    for (std::size_t i = 0; i < tries.size(); ++i) {
        tries[i].events = std::get<CountAnswer>((*answers)[i]).count;
        if (tries[i].events > 0) reason.remedies.push_back(std::move(tries[i]));
    }
    // A text that stands in events was pasted from one; a corrected name is what was meant; then the step
    // that gives up least.
    const auto place = [](const Remedy& remedy) {
        return remedy.kind == Remedy::Kind::AsText ? 0 : remedy.kind == Remedy::Kind::Replace ? 1 : 2;
    };
    std::stable_sort(reason.remedies.begin(), reason.remedies.end(),
                     [&place](const Remedy& a, const Remedy& b) {
                         return place(a) != place(b) ? place(a) < place(b) : a.events < b.events;
                     });
    if (reason.remedies.size() > kMostRemedies) reason.remedies.resize(kMostRemedies);
    return reason;
}

} // namespace faultline
