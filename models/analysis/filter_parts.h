#pragma once
#include "models/query/compiled_filter.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace faultline {

/// Many filters that have terms in common (values, pairs of values): each term is looked for once in a
/// segment.
class FilterParts
{
public:
    /// Numbers of terms, all of which must hold.
    using Terms = std::vector<std::uint32_t>;

    /// Nothing for a filter that does not compile: a value that no search can name. Not while rows are looked
    /// for.
    std::optional<Terms> add(const FilterPtr& filter);

    /// The rows of one segment. One thread; must not outlive the parts nor the scan.
    class Rows
    {
    public:
        Rows(const FilterParts& parts, SegmentScan& scan);
        /// Rows that match, deleted ones too; anything when the scan has stopped.
        RowSet of(const Terms& terms);

    private:
        const RowSet& term(std::uint32_t number);
        void findPatterns();
        const FilterParts& m_parts;
        SegmentScan& m_scan;
        std::vector<std::optional<RowSet>> m_known;
    };

private:
    std::map<std::string, std::uint32_t> m_numbers; ///< by the text of the term
    std::vector<std::shared_ptr<const CompiledFilter>> m_terms;
    std::map<std::uint64_t, std::uint32_t> m_patterns; ///< terms that ask for the pattern of that id
    std::vector<bool> m_isPattern;                     ///< by term
};

} // namespace faultline
