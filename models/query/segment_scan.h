#pragma once
#include "models/query/row_set.h"
#include "models/query/scan_source.h"
#include "models/store/store.h"

#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace faultline {

/// One segment while a task works on it: columns on demand, the stop token, and the first error. One thread.
/// Kernels do not hand errors around: column() gives null, the kernel returns anything, the task looks at
/// status().
class SegmentScan
{
public:
    using SourceNames = std::map<SourceId, std::string>;
    SegmentScan(const SegmentEntry& entry, ScanSource& source, std::stop_token stop,
                std::shared_ptr<const SourceNames> names)
        : m_entry(entry)
        , m_source(source)
        , m_stop(std::move(stop))
        , m_names(std::move(names))
        , m_pinned(entry.info->columns.size())
        , m_parts(entry.info->columns.size())
    {}

    const SegmentEntry& entry() const { return m_entry; }
    const SegmentInfo& info() const { return *m_entry.info; }
    RowIndex rows() const { return m_entry.info->rows; }

    /// The column, decoded; null after an error, or when stopped.
    ColumnPtr column(ColumnIndex index);
    /// The same to be unpacked part by part, for a search of its texts.
    std::shared_ptr<TextParts> texts(ColumnIndex index);
    /// Whether to give up: the caller asked to stop, or something failed. Ask every few thousand rows.
    bool stopped() const { return m_failed || m_stop.stop_requested(); }
    void fail(Error error);
    /// The first failure, or Cancelled.
    Status status() const;

    /// Rows whose shape is marked in `shapes` (one entry a shape).
    RowSet rowsOfShapes(const std::vector<bool>& shapes);
    /// Rows with FlagTimeMissing.
    const RowSet& timeMissing();
    const std::string& sourceName(SourceId id) const;

private:
    const SegmentEntry& m_entry;
    ScanSource& m_source;
    std::stop_token m_stop;
    std::shared_ptr<const SourceNames> m_names;
    std::vector<ColumnPtr> m_pinned;
    std::size_t m_pinnedBytes = 0;
    std::vector<std::shared_ptr<TextParts>> m_parts;
    std::size_t m_partBytes = 0; ///< of m_parts, as they were opened
    std::optional<RowSet> m_timeMissing;
    Error m_error;
    bool m_failed = false;

    bool inDirectory(ColumnIndex index);
};

/// The rows that a question is about in one segment: those of `set` in [begin, end).
struct SelectedRows
{
    RowSet set;
    RowIndex begin = 0, end = 0;
    bool whole() const { return set.isAll() && begin == 0 && end == set.rows(); }
    bool dense() const { return set.isAll(); }
    RowIndex count() const { return countRows(set, begin, end); }
};

/// Takes what is deleted out of the rows that match, and what is not in the range: events without a usable
/// time of their own are in none but the unbounded one. Look at the scan's status afterwards.
void narrowToRange(SegmentScan& scan, const TimeRange& range, SelectedRows& selected);

} // namespace faultline
