#pragma once
#include "models/ingest/event_writer.h"
#include "models/ingest/stored_rows.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace faultline {

/// Makes new rows of stored ones: whole lines by the fast path, everything else by the decoders. One thread.
class StoredRewriter
{
public:
    /// `clockBefore`: the clock offset that the rows were read with.
    StoredRewriter(std::shared_ptr<const Normaliser> normaliser, const SourceContext& context,
                   SourceId source, TimeNs arrival, std::int64_t clockBefore);

    /// Writes rows in order of their ordinals; `wrote` is told of each its own time, and ends the work with
    /// an Error. The events at the head that have no time wait for builder().setHeadTime().
    using Wrote = std::function<Status(std::optional<TimeNs>)>;
    Status write(std::span<const StoredRows::Row> rows, const Wrote& wrote);
    /// The time before the rows that follow, where none of write()'s own is known yet.
    void inherit(std::optional<TimeNs> time)
    {
        if (!m_lastTime) m_lastTime = time;
    }

    SegmentBuilder& builder() { return m_writer.builder(); }
    SealedSegment seal() { return m_writer.seal(); }

private:
    bool isLine(const StoredEvent& event) const;
    SourceContext m_context;
    const SourceId m_source;
    const TimeNs m_arrival;
    const std::int64_t m_clockBefore;
    EventWriter m_writer;
    StoredEvents m_events;
    std::optional<TimeNs> m_lastTime;
};

} // namespace faultline
