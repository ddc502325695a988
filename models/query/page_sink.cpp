#include "models/base/hash.h"
#include "models/query/field_reader.h"
#include "models/query/packed_view.h"
#include "models/query/sink.h"
#include "models/records/mask.h"
#include <algorithm>
#include <map>
#include <mutex>
#include <optional>

namespace faultline {

namespace {

struct Found
{
    EventKey key;
    std::uint32_t segment = 0;
    RowIndex row = 0;
};

/// Builds rows of lists out of one segment; holds the readers of the fields that a page shows.
class RowBuilder
{
public:
    RowBuilder(const SegmentEntry& entry, const PageQuestion& question, const SinkContext& context)
        : m_scan(entry, *context.source, context.stop, context.names), m_withDocument(question.withDocument)
    {
        for (std::size_t c = 0; c < kCanonicalCount; ++c) {
            m_canonical.emplace_back(m_scan, canonicalName(static_cast<Canonical>(c)));
        }
        for (const auto& field : question.fields) m_fields.emplace_back(m_scan, field);
        m_severity = m_scan.column(SeverityColumn);
        m_flags = m_scan.column(FlagsColumn);
        if (m_withDocument) m_documents.emplace(entry.info, *context.source);
    }

    Status build(const Found& found, EventRow& row)
    {
        if (m_scan.stopped()) return m_scan.status();
        row.key = found.key;
        row.severity = static_cast<Severity>(m_severity->ints.at(found.row));
        row.flags = static_cast<std::uint16_t>(m_flags->ints.at(found.row));
        std::string* texts[kCanonicalCount] = {&row.message, &row.service, &row.host,
                                               &row.logger,  &row.traceId, &row.spanId};
        bool hasMessage = false;
        for (std::size_t c = 0; c < kCanonicalCount; ++c) {
            const bool has = m_canonical[c].append(found.row, *texts[c]);
            if (c == 0) hasMessage = has;
        }
        if (hasMessage) row.patternId = hash64(patternOf(row.message));
        for (const auto& field : m_fields) {
            std::string text;
            if (field.append(found.row, text)) row.columns.emplace_back(std::move(text));
            else row.columns.emplace_back();
        }
        if (!m_withDocument) return {};
        return m_documents->append(found.row, row.document);
    }

private:
    SegmentScan m_scan;
    bool m_withDocument;
    std::vector<FieldReader> m_canonical, m_fields;
    ColumnPtr m_severity, m_flags;
    std::optional<DocumentBuilder> m_documents;
};

class PageSink final : public Sink
{
public:
    PageSink(const PageQuestion& question, const SinkContext& context) : m_question(question), m_context(context) {}

    bool wants(const SegmentEntry& entry) override
    {
        const SegmentInfo& info = *entry.info;
        std::lock_guard lock(m_mutex);
        if (m_question.after) {
            if (descending() ? info.minTime > m_question.after->time : info.maxTime < m_question.after->time) {
                return false;
            }
        }
        if (m_found.size() < needed()) return true;
        const TimeNs worst = m_found.back().key.time;
        return descending() ? info.maxTime >= worst : info.minTime <= worst;
    }

    void scan(SegmentScan& scan, const SelectedRows& selected, std::size_t index) override;
    Result<Answer> answer() override;

private:
    bool descending() const { return m_question.order == Order::Descending; }
    /// One more than asked for, to know whether there are more.
    std::size_t needed() const
    {
        constexpr std::uint64_t most = 1u << 24;
        return static_cast<std::size_t>(std::min(m_question.limit, most)) + 1;
    }
    bool before(const Found& a, const Found& b) const
    {
        return descending() ? b.key < a.key : a.key < b.key;
    }

    PageQuestion m_question;
    SinkContext m_context;
    std::mutex m_mutex;
    std::vector<Found> m_found; ///< in order, at most needed()
    std::map<std::uint32_t, std::unique_ptr<RowBuilder>> m_builders;
};

void PageSink::scan(SegmentScan& scan, const SelectedRows& selected, std::size_t index)
{
    RowIndex begin = selected.begin, end = selected.end;
    if (begin >= end || selected.set.isNone()) return;
    const ColumnPtr times = scan.column(TimeColumn), sources = scan.column(SourceColumn),
                    ordinals = scan.column(OrdinalColumn);
    if (!times || !sources || !ordinals) return;
    if (m_question.after) {
        // Rows with the time of the key are looked at one by one.
        const TimeNs at = m_question.after->time;
        if (descending()) {
            if (at != kTimeMax) end = static_cast<RowIndex>(std::min<std::size_t>(end, lowerBound(times->ints, at + 1)));
        } else {
            begin = static_cast<RowIndex>(std::max<std::size_t>(begin, lowerBound(times->ints, at)));
        }
    }
    std::vector<Found> local;
    const std::size_t most = needed();
    const auto take = [&](RowIndex row) {
        Found found;
        found.key = {times->ints.at(row), SourceId{static_cast<std::uint32_t>(sources->ints.at(row))},
                     static_cast<Ordinal>(ordinals->ints.at(row))};
        found.segment = static_cast<std::uint32_t>(index);
        found.row = row;
        if (m_question.after && (descending() ? !(found.key < *m_question.after) : !(*m_question.after < found.key))) {
            return;
        }
        local.push_back(found);
    };
    // Word by word from the end that comes first, until there is enough.
    constexpr RowIndex kStep = 64;
    while (begin < end && local.size() < most && !scan.stopped()) {
        if (descending()) {
            const RowIndex from = std::max(begin, (end - 1) / kStep * kStep);
            const std::size_t first = local.size();
            forEachRow(selected.set, from, end, take);
            std::reverse(local.begin() + static_cast<std::ptrdiff_t>(first), local.end());
            end = from;
        } else {
            const RowIndex to = std::min(end, (begin / kStep + 1) * kStep);
            forEachRow(selected.set, begin, to, take);
            begin = to;
        }
    }
    if (scan.stopped() || local.empty()) return;
    if (local.size() > most) local.resize(most);
    std::lock_guard lock(m_mutex);
    std::vector<Found> merged(m_found.size() + local.size());
    std::merge(m_found.begin(), m_found.end(), local.begin(), local.end(), merged.begin(),
               [this](const Found& a, const Found& b) { return before(a, b); });
    if (merged.size() > most) merged.resize(most);
    m_found = std::move(merged);
}

Result<Answer> PageSink::answer()
{
    std::vector<Found> found;
    {
        std::lock_guard lock(m_mutex);
        found = m_found;
    }
    PageAnswer answer;
    answer.more = found.size() >= needed();
    if (answer.more) found.resize(needed() - 1);
    answer.rows.reserve(found.size());
    for (const Found& each : found) {
        auto& builder = m_builders[each.segment];
        if (!builder) {
            builder = std::make_unique<RowBuilder>(m_context.snapshot->segments[each.segment], m_question, m_context);
        }
        EventRow row;
        if (auto status = builder->build(each, row); !status) return status.error();
        answer.rows.push_back(std::move(row));
    }
    m_builders.clear();
    return Answer(std::move(answer));
}

} // namespace

std::unique_ptr<Sink> makePageSink(const PageQuestion& question, const SinkContext& context)
{
    return std::make_unique<PageSink>(question, context);
}

} // namespace faultline
