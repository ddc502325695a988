#pragma once
#include "models/store/event_reader.h"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace faultline {

/// The events of one snapshot, for one statement: readers of its segments, of which only a few keep their
/// decoded columns. One thread. `columns` and `stopped` live longer.
class EventView
{
public:
    /// An event in a number: which segment of this view, which row.
    using Handle = std::int64_t;
    /// `stopped`: asked every few thousand rows; true ends every cursor with an error that the owner knows.
    EventView(SnapshotPtr snapshot, ColumnSource& columns, std::function<bool()> stopped);

    std::size_t segments() const { return m_readers.size(); } ///< oldest first, by their least time
    std::uint64_t events() const { return m_snapshot->events; }
    /// Reader of a segment; others may lose the columns that they keep.
    EventReader& reader(std::size_t segment);
    const SegmentInfo& info(std::size_t segment) const { return m_readers[segment]->info(); }
    /// How many segments are open at most when rows are read in order of time.
    std::size_t overlap() const { return m_overlap; }
    bool stopped() const { return m_stopped(); }

    static Handle handleOf(std::size_t segment, RowIndex row)
    {
        return static_cast<Handle>(segment * kSegmentRows + row);
    }
    struct Place
    {
        std::size_t segment;
        RowIndex row;
    };
    /// Nothing when no such event is in the view (the handle may come from anywhere), or it is deleted.
    std::optional<Place> find(Handle handle) const;

    /// Readers that may keep columns at one time.
    static constexpr std::size_t kKept = 16;

private:
    SnapshotPtr m_snapshot;
    std::function<bool()> m_stopped;
    std::vector<std::unique_ptr<EventReader>> m_readers;
    std::vector<std::size_t> m_used; ///< that keep columns, the last used at the end
    std::size_t m_overlap = 0;
};

/// What a scan has to give. It may always give more: SQLite tests every row again.
struct EventPlan
{
    TimeNs first = kTimeMin, last = kTimeMax;     ///< both included
    bool nothing = false;                         ///< bounds that no event can meet
    std::uint32_t severities = ~std::uint32_t{0}; ///< bit s: severity s
    std::optional<std::vector<SourceId>> sources; ///< ascending
    std::array<std::optional<std::string>, kCanonicalCount> equals;
    enum class Order : std::uint8_t { Any, Ascending, Descending } order = Order::Any;
};

/// Goes over the events of a plan, in order of (time, source, ordinal) when it asks for an order. One thread.
class EventCursor
{
public:
    EventCursor(EventView& view, EventPlan plan);
    bool atEnd() const { return m_current == kNone; }
    void next();
    std::size_t segment() const { return m_active[m_current].segment; }
    RowIndex row() const { return m_active[m_current].row; }
    /// Set when a segment could not be read; the cursor is at its end then.
    const std::optional<Error>& error() const { return m_error; }

private:
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    struct Run
    {
        std::size_t segment = 0;
        RowIndex row = 0, begin = 0, end = 0; ///< rows not yet visited, `row` the present one
        TimeNs time = 0;                      ///< of `row`, when an order is asked for
        ColumnPtr times;
        bool testSeverity = false, testSource = false;
    };
    bool open(std::size_t segment); ///< false: nothing there, or an error
    bool advance(Run& run);         ///< to its next row that passes; false: none left
    bool passes(const Run& run, RowIndex row);
    bool before(const Run& a, const Run& b);
    void choose();
    void fail(const Error& error);

    EventView& m_view;
    EventPlan m_plan;
    std::vector<std::size_t> m_pending; ///< the next at the end
    std::vector<Run> m_active;
    std::size_t m_current = kNone;
    std::size_t m_sinceStop = 0;
    std::optional<Error> m_error;
    std::string m_text;
};

} // namespace faultline
