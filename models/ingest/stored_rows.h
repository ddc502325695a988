#pragma once
#include "models/ingest/ordinal_cuts.h"
#include "models/ingest/stored_events.h"
#include "models/store/store.h"

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

namespace faultline {

/// The events of one source as they lie in the segments of a snapshot, cut into units that follow one another
/// by ordinal. A unit is about a segment full, and does not end within an envelope (see cutByOrdinal()).
///
/// Memory   One segment's decoded columns and one unit's documents at a time.
/// Threads  Immutable after plan(); read() from any thread.
class StoredRows
{
public:
    using Unit = OrdinalRange;
    /// Errors: Damaged when a segment that may hold events of the source cannot be read; Cancelled.
    static Result<StoredRows> plan(SnapshotPtr snapshot, ColumnSource& columns, SourceId source,
                                   std::stop_token stop);

    const std::vector<Unit>& units() const { return m_units; }
    std::uint64_t events() const { return m_events; } ///< not counting deleted ones
    const SnapshotPtr& snapshot() const { return m_snapshot; }

    /// One row with its bytes.
    struct Row
    {
        StoredEvent event; ///< views into the rows that it came with
        TimeNs time = 0;
        std::size_t segment = 0; ///< of the snapshot
        RowIndex row = 0;
    };
    struct Rows
    {
        std::vector<Row> rows; ///< by ordinal
        std::string bytes;     ///< behind each document at least 64 bytes are readable
    };
    /// The rows of a unit with ordinals in [first, last]. Damaged when they are far more than a unit has.
    /// `space`: rows that are done with; their memory is used again.
    Result<Rows> read(const Unit& unit, Ordinal first, Ordinal last, std::stop_token stop,
                      Rows space = {}) const;
    /// Whether a unit holds elements of envelopes.
    bool hasEnvelopes(const Unit& unit) const;

private:
    StoredRows(SnapshotPtr snapshot, ColumnSource& columns, SourceId source)
        : m_snapshot(std::move(snapshot)), m_columns(&columns), m_source(source)
    {}
    Result<OrdinalSpan> spanOf(std::size_t segment) const;
    Status sample(const OrdinalSpan& span, std::vector<OrdinalSample>& samples) const;
    Status readSegment(std::size_t segment, Ordinal first, Ordinal last, Rows& into,
                       std::vector<std::size_t>& places) const;

    SnapshotPtr m_snapshot;
    ColumnSource* m_columns;
    SourceId m_source;
    std::vector<OrdinalSpan> m_spans; ///< by ordinal
    std::vector<Unit> m_units;
    std::uint64_t m_events = 0;
};

} // namespace faultline
