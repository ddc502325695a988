#pragma once
#include "models/query/filter.h"
#include "models/query/segment_scan.h"

#include <memory>
#include <string>

namespace faultline {

/// A filter made ready to run over segments. Immutable; any thread.
class CompiledFilter
{
public:
    /// Null is all. Usage errors (a regular expression that is none) come from here.
    static Result<std::shared_ptr<const CompiledFilter>> compile(const FilterPtr& filter);
    ~CompiledFilter();
    /// The canonical text: equal for equal filters.
    const std::string& text() const { return m_text; }
    bool matchesAll() const;
    /// The rows that match, deleted ones too. Unspecified when scan.stopped() afterwards.
    RowSet evaluate(SegmentScan& scan) const;

    struct Node;

private:
    CompiledFilter();
    std::string m_text;
    std::unique_ptr<const Node> m_root;
};

} // namespace faultline
