#include "models/ingest/stored_rewriter.h"

#include <cstring>

namespace faultline {
namespace {

constexpr std::size_t kLongestLine = 1u << 20;

} // namespace

StoredRewriter::StoredRewriter(std::shared_ptr<const Normaliser> normaliser, const SourceContext& context,
                               SourceId source, TimeNs arrival, std::int64_t clockBefore)
    : m_context(context)
    , m_source(source)
    , m_arrival(arrival)
    , m_clockBefore(clockBefore)
    , m_writer(std::move(normaliser))
    , m_events(m_context)
{
    m_writer.useSource(m_context);
}

/// What the parser of a source would give to the fast path; flags other than these come of the line itself.
bool StoredRewriter::isLine(const StoredEvent& event) const
{
    constexpr std::uint16_t kKnown = FlagTimeMissing | FlagTimeZoneAssumed | FlagTimeFuture | FlagTimePast |
                                     FlagPlainText | FlagInvalidUtf8;
    const std::string_view document = event.document;
    return m_writer.readsLines() && (event.flags & ~kKnown) == 0 && document.size() <= kLongestLine &&
           m_writer.beginsRecord(document.data()) && !document.ends_with('\r') &&
           std::memchr(document.data(), '\n', document.size()) == nullptr;
}

Status StoredRewriter::write(std::span<const StoredRows::Row> rows, const Wrote& wrote)
{
    m_lastTime.reset();
    Status status;
    std::vector<StoredEvent> record;
    for (std::size_t i = 0; i < rows.size() && status;) {
        const auto place = [&](const StoredEvent& event) {
            return RowPlace{m_source, event.ordinal, m_arrival, m_lastTime};
        };
        const auto wroteOne = [&](std::optional<TimeNs> own) {
            if (own) m_lastTime = own;
            if (status) status = wrote(own);
        };
        const StoredEvent& first = rows[i].event;
        std::optional<TimeNs> own;
        if (isLine(first) &&
            m_writer.storeLine(first.document.data(), first.document.data() + first.document.size(),
                               place(first), own)) {
            wroteOne(own);
            ++i;
            continue;
        }
        record.assign(1, first);
        // Elements of one envelope follow each other without a gap, unless some were deleted.
        while (!StoredEvents::endsEnvelope(record.back()) && i + record.size() < rows.size()) {
            const StoredEvent& next = rows[i + record.size()].event;
            if ((next.flags & FlagFromArray) == 0 || next.ordinal != record.back().ordinal + 1) break;
            record.push_back(next);
        }
        // A time without a year is near to what it was read as before, when the clock was not mended yet.
        m_context.time.now = m_arrival;
        TimeNs written = 0;
        if ((first.flags & FlagTimeMissing) == 0 &&
            !__builtin_sub_overflow(rows[i].time, m_clockBefore, &written))
            m_context.time.now = written;
        m_events.decode(record, [&](std::size_t index, DecodedEvent& event) {
            wroteOne(m_writer.store(event, place(record[index])));
        });
        i += record.size();
    }
    return status;
}

} // namespace faultline
