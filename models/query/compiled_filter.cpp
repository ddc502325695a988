#include "models/query/compiled_filter.h"

#include "models/query/leaf_scan.h"
#include "models/query/match.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace faultline {

struct CompiledFilter::Node
{
    Filter::Kind kind = Filter::Kind::All;
    std::string field;
    std::optional<ValueTest> test; ///< leaves
    std::vector<Node> children;    ///< the cheap ones first
    int cost = 0;                  ///< rough: what a row costs
};

namespace {

int leafCost(const Filter& filter)
{
    switch (ValueTest::subjectOf(filter)) {
    case ValueTest::Subject::EventSeverity:
    case ValueTest::Subject::EventTime: return 1;
    case ValueTest::Subject::AnyText: return filter.kind == Filter::Kind::Matches ? 200 : 100;
    case ValueTest::Subject::Field: break;
    }
    switch (filter.kind) {
    case Filter::Kind::Exists: return 2;
    case Filter::Kind::Compare:
    case Filter::Kind::Range: return 5;
    case Filter::Kind::Equals: return filter.wildcard ? 20 : 4;
    case Filter::Kind::Phrase: return 20;
    default: return 40;
    }
}

Result<CompiledFilter::Node> compileNode(const Filter& filter)
{
    CompiledFilter::Node node;
    node.kind = filter.kind;
    if (filter.kind == Filter::Kind::All) return node;
    if (filter.kind != Filter::Kind::And && filter.kind != Filter::Kind::Or &&
        filter.kind != Filter::Kind::Not) {
        auto test = ValueTest::compile(filter);
        if (!test) return test.error();
        node.test.emplace(std::move(test).value());
        node.field = filter.field;
        node.cost = leafCost(filter);
        return node;
    }
    for (const FilterPtr& child : filter.children) {
        auto compiled = compileNode(*child);
        if (!compiled) return compiled;
        node.cost += compiled->cost;
        node.children.push_back(std::move(compiled).value());
    }
    std::stable_sort(node.children.begin(), node.children.end(),
                     [](const auto& a, const auto& b) { return a.cost < b.cost; });
    return node;
}

/// Exact for the rows in `within`; the others may come out either way.
RowSet evaluateNode(const CompiledFilter::Node& node, SegmentScan& scan, const RowSet& within)
{
    if (within.isNone() || scan.stopped()) return within;
    switch (node.kind) {
    case Filter::Kind::All: return within;
    case Filter::Kind::And: {
        RowSet left = within;
        for (const auto& child : node.children) {
            left &= evaluateNode(child, scan, left);
            if (left.isNone()) break;
        }
        return left;
    }
    case Filter::Kind::Or: {
        RowSet found = RowSet::none(scan.rows()), open = within;
        for (const auto& child : node.children) {
            RowSet rows = evaluateNode(child, scan, open);
            rows &= open;
            found |= rows;
            open.subtract(rows);
            if (open.isNone()) break;
        }
        return found;
    }
    case Filter::Kind::Not: {
        RowSet rows = evaluateNode(node.children.front(), scan, within);
        rows.invert();
        return rows;
    }
    default: return scanLeaf(scan, *node.test, node.field, within);
    }
}

} // namespace

CompiledFilter::CompiledFilter() = default;
CompiledFilter::~CompiledFilter() = default;

Result<std::shared_ptr<const CompiledFilter>> CompiledFilter::compile(const FilterPtr& filter)
{
    std::shared_ptr<CompiledFilter> compiled(new CompiledFilter());
    if (!filter) {
        compiled->m_root = std::make_unique<const Node>();
        return std::shared_ptr<const CompiledFilter>(std::move(compiled));
    }
    auto root = compileNode(*filter);
    if (!root) return root.error();
    compiled->m_text = printFilter(*filter);
    compiled->m_root = std::make_unique<const Node>(std::move(root).value());
    return std::shared_ptr<const CompiledFilter>(std::move(compiled));
}

bool CompiledFilter::matchesAll() const
{
    return m_root->kind == Filter::Kind::All;
}

RowSet CompiledFilter::evaluate(SegmentScan& scan) const
{
    return evaluateNode(*m_root, scan, RowSet::all(scan.rows()));
}

} // namespace faultline
