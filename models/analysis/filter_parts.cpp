#include "models/analysis/filter_parts.h"

#include "models/query/message_patterns.h"
#include "models/query/packed_view.h"
#include "models/query/pattern_id.h"

#include <charconv>

namespace faultline {

namespace {

/// The id that pattern_id:ID asks for.
std::optional<std::uint64_t> patternOf(const FilterPtr& filter)
{
    if (!filter || filter->kind != Filter::Kind::Equals || filter->wildcard ||
        filter->field != kPatternIdField)
        return std::nullopt;
    const std::string& text = filter->text;
    std::uint64_t id = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), id, 16);
    if (read.ec != std::errc() || patternIdText(id) != text) return std::nullopt;
    return id;
}

} // namespace

std::optional<FilterParts::Terms> FilterParts::add(const FilterPtr& filter)
{
    Terms terms;
    std::vector<FilterPtr> children{filter};
    if (filter && filter->kind == Filter::Kind::And) children = filter->children;
    for (const FilterPtr& child : children) {
        auto compiled = CompiledFilter::compile(child);
        if (!compiled) return std::nullopt;
        const auto [known, isNew] =
            m_numbers.try_emplace((*compiled)->text(), static_cast<std::uint32_t>(m_terms.size()));
        if (isNew) {
            const auto id = patternOf(child);
            if (id) m_patterns.emplace(*id, known->second);
            m_isPattern.push_back(id.has_value());
            m_terms.push_back(std::move(*compiled));
        }
        terms.push_back(known->second);
    }
    return terms;
}

FilterParts::Rows::Rows(const FilterParts& parts, SegmentScan& scan)
    : m_parts(parts), m_scan(scan), m_known(parts.m_terms.size())
{}

const RowSet& FilterParts::Rows::term(std::uint32_t number)
{
    auto& known = m_known[number];
    if (!known && m_parts.m_isPattern[number]) findPatterns();
    if (!known) known = m_parts.m_terms[number]->evaluate(m_scan);
    return *known;
}

void FilterParts::Rows::findPatterns()
{
    const RowIndex rows = m_scan.rows();
    const MessagePatterns patterns(m_scan, {RowSet::all(rows), 0, rows});
    if (m_scan.stopped()) return;
    std::vector<std::uint32_t> terms(patterns.size(), 0); // + 1
    for (std::size_t code = 0; code < terms.size() && !m_scan.stopped(); ++code) {
        const auto id = patterns.id(code);
        const auto wanted = id ? m_parts.m_patterns.find(*id) : m_parts.m_patterns.end();
        if (wanted != m_parts.m_patterns.end()) terms[code] = wanted->second + 1;
    }
    if (m_scan.stopped()) return;
    for (const auto& [id, number] : m_parts.m_patterns) m_known[number] = RowSet::none(rows);
    withStored(patterns.codes(), [&](auto view) {
        for (RowIndex row = 0; row < rows; ++row) {
            const std::size_t code = view[row];
            if (code < terms.size() && terms[code] != 0) m_known[terms[code] - 1]->insert(row);
        }
    });
    for (const auto& [id, number] : m_parts.m_patterns) m_known[number]->normalise();
}

RowSet FilterParts::Rows::of(const Terms& terms)
{
    RowSet rows = RowSet::all(m_scan.rows());
    for (const std::uint32_t number : terms) {
        if (m_scan.stopped()) return RowSet::none(m_scan.rows());
        const RowSet& matching = term(number);
        if (m_scan.stopped()) return RowSet::none(m_scan.rows());
        rows &= matching;
        if (rows.isNone()) break;
    }
    return rows;
}

} // namespace faultline
