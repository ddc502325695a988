#include "models/store/change_table.h"
#include "models/store/merge.h"
#include "models/store/merge_plan.h"
#include "models/store/source_table.h"
#include "models/store/store_impl.h"

#include <algorithm>
#include <bit>
#include <set>

namespace faultline {

namespace {

// Another process may still read a segment that was merged; this one knows who holds it.
constexpr TimeNs kRetiredFor = 300 * kSecondNs;
constexpr TimeNs kPurgeEvery = 20 * kSecondNs;
constexpr std::int64_t kPurgeBytes = 64 << 20; // in one transaction

Error gone(SegmentId segment)
{
    return makeError(ErrorKind::NotFound, "delete rows of segment " + std::to_string(segment.value),
                     "it was merged or deleted meanwhile",
                     {"Take a new snapshot and select the rows again."});
}

} // namespace

Result<std::vector<std::uint64_t>> StoreImpl::maskRows(Connection& connection, const SegmentRow& row,
                                                       const std::vector<std::uint64_t>& bits)
{
    auto before = readMask(connection, row.id, row.rows);
    if (!before) return std::move(before).error();
    const std::size_t words = (static_cast<std::size_t>(row.rows) + 63) / 64;
    std::vector<std::uint64_t> after = before->bits ? *before->bits : std::vector<std::uint64_t>(words);
    std::vector<std::uint64_t> fresh(words);
    RowIndex added = 0;
    for (std::size_t w = 0; w < words && w < bits.size(); ++w) {
        std::uint64_t asked = bits[w];
        if (w + 1 == words && (row.rows & 63) != 0) asked &= (std::uint64_t{1} << (row.rows & 63)) - 1;
        fresh[w] = asked & ~after[w];
        after[w] |= asked;
        added += static_cast<RowIndex>(std::popcount(fresh[w]));
    }
    if (added == 0) return fresh;
    StoredMask mask;
    mask.version = before->version + 1;
    mask.deleted = before->deleted + added;
    mask.bits = std::make_shared<const std::vector<std::uint64_t>>(std::move(after));
    if (auto done = writeMask(connection, row.id, mask); !done) return std::move(done).error();
    if (mask.deleted == row.rows) {
        if (auto done = retireSegment(connection, row.id, m_clock->now()); !done)
            return std::move(done).error();
    }
    return fresh;
}

Status StoreImpl::deleteFrom(Connection& connection, const SegmentRow& row, const SegmentInfo& info,
                             const std::vector<std::uint64_t>& bits)
{
    const auto fresh = maskRows(connection, row, bits);
    if (!fresh) return fresh.error();
    // Whose events they were: the account of a source must still add up.
    for (const SourceId source : info.sources) {
        auto own = rowsOfSource(info, source);
        if (!own) return std::move(own).error();
        std::uint64_t events = 0;
        for (std::size_t w = 0; w < fresh->size(); ++w)
            events += static_cast<std::uint64_t>(std::popcount((*own)[w] & (*fresh)[w]));
        if (events == 0) continue;
        if (auto done = addDeletedEvents(connection, source, events); !done) return done;
    }
    return {};
}

Status StoreImpl::deleteRows(SegmentId segment, const std::vector<std::uint64_t>& rows)
{
    return write(
        "delete events",
        [&](Connection& connection) -> Status {
            auto found = liveSegments(connection, segment.value);
            if (!found) return std::move(found).error();
            if (found->empty()) return gone(segment);
            auto directory = readDirectory(connection, found->front(), true);
            if (!directory) return std::move(directory).error();
            return deleteFrom(connection, found->front(), *directory->info, rows);
        },
        true);
}

Result<std::size_t> StoreImpl::mergeSmallSegments(std::stop_token stop)
{
    if (!m_writer) return notWriter("merge segments");
    std::lock_guard lock(m_mergeMutex);
    std::size_t replaced = 0;
    if (m_mergesHeld > 0) return replaced;
    // Each round works on a fresh snapshot; the merged segments of one round may merge further in the next.
    for (int round = 0; round < 4; ++round) {
        auto taken = snapshot();
        if (!taken) return std::move(taken).error();
        std::vector<SegmentEntry> segments = (*taken)->segments;
        // Rows of a removed source go with a merge: while it can be brought back they stay where they are.
        auto kept = keptSegments();
        if (!kept) return std::move(kept).error();
        std::erase_if(segments, [&](const auto& entry) { return kept->contains(entry.info->id); });
        std::erase_if(segments, [this](const auto& entry) { return m_unmergeable.contains(entry.info->id); });
        const auto groups = planMerges(segments);
        if (groups.empty()) return replaced;
        for (const auto& group : groups) {
            if (m_mergesHeld > 0) return replaced;
            if (stop.stop_requested()) {
                return makeError(ErrorKind::Cancelled, "merge segments", "stopped",
                                 {"What was merged before stays merged; the rest goes on next time."});
            }
            std::vector<SegmentEntry> inputs;
            for (const std::size_t i : group) inputs.push_back(segments[i]);
            // The copying is done here, beside the writer: commits go on meanwhile.
            auto outputs = mergeSegments(inputs, *this, stop);
            if (!outputs && outputs.error().kind == ErrorKind::Damaged && leaveDamaged(inputs)) continue;
            if (!outputs) return std::move(outputs).error();
            Replacement result;
            if (auto done = replaceSegments(inputs, *outputs, result); !done) return std::move(done).error();
            if (result.done) replaced += inputs.size();
        }
    }
    return replaced;
}

bool StoreImpl::leaveDamaged(std::span<const SegmentEntry> inputs)
{
    bool any = false;
    for (const auto& input : inputs) {
        for (std::size_t c = 0; c < input.info->columns.size(); ++c) {
            const auto read = column(*input.info, static_cast<ColumnIndex>(c));
            if (read || read.error().kind != ErrorKind::Damaged) continue;
            any = m_unmergeable.insert(input.info->id).second || any;
            break;
        }
    }
    return any;
}

Status StoreImpl::replaceSegments(std::span<const SegmentEntry> inputs,
                                  const std::vector<SealedSegment>& outputs, Replacement& result)
{
    RowIndex before = 0, after = 0;
    for (const auto& input : inputs) before += input.info->rows - input.deletedRows;
    for (const auto& output : outputs) after += output.info.rows;
    if (before != after) {
        return makeError(ErrorKind::Internal, "merge segments",
                         "the result has " + std::to_string(after) + " events instead of " +
                             std::to_string(before));
    }
    FieldNumbers fields;
    return write(
        "merge segments",
        [&](Connection& connection) -> Status {
            for (const auto& input : inputs) {
                auto row = liveSegments(connection, input.info->id.value);
                if (!row) return std::move(row).error();
                // Rows were deleted while they were copied: drop the copy, the next round makes another.
                if (row->empty() || row->front().maskVersion != input.maskVersion) return {};
            }
            auto kept = segmentsKept(connection);
            if (!kept) return std::move(kept).error();
            for (const auto& input : inputs)
                if (kept->contains(input.info->id)) return {};
            const TimeNs now = m_clock->now();
            for (const auto& output : outputs) {
                auto inserted = insertSegment(connection, fields, output, now);
                if (!inserted) return std::move(inserted).error();
            }
            for (const auto& input : inputs) {
                if (auto done = retireSegment(connection, input.info->id.value, now); !done) return done;
            }
            result.done = true;
            return {};
        },
        true);
}

Result<std::set<SegmentId>> StoreImpl::keptSegments()
{
    auto connection = m_pool.borrow();
    if (!connection) return std::move(connection).error();
    return segmentsKept(**connection);
}

Status StoreImpl::giveUpRemoved(Connection& connection, TimeNs before)
{
    auto old = removedBefore(connection, before);
    if (!old) return std::move(old).error();
    if (old->empty()) return {};
    auto transaction = Transaction::begin(connection, Transaction::Kind::Write);
    if (!transaction) return std::move(transaction).error();
    for (const SourceId id : *old) {
        if (auto done = forgetRemoved(connection, id); !done) return done;
    }
    return transaction->commit();
}

Status StoreImpl::dropLeftBehind(Connection& connection)
{
    std::vector<SegmentId> left;
    {
        std::lock_guard lock(m_leftMutex);
        left = m_leftBehind;
    }
    if (left.empty()) return {};
    auto transaction = Transaction::begin(connection, Transaction::Kind::Write);
    if (!transaction) return std::move(transaction).error();
    if (auto done = dropStaged(connection, left); !done) return done;
    if (auto done = transaction->commit(); !done) return done;
    std::lock_guard lock(m_leftMutex);
    m_leftBehind.erase(m_leftBehind.begin(), m_leftBehind.begin() + static_cast<std::ptrdiff_t>(left.size()));
    return {};
}

Result<bool> StoreImpl::houseKeeping(Connection& connection)
{
    // Without room for that the rest may still give some back.
    if (auto done = dropLeftBehind(connection); !done && done.error().kind != ErrorKind::DiskFull)
        return std::move(done).error();
    const TimeNs now = m_clock->now();
    if (m_purgedAt != 0 && now >= m_purgedAt && now - m_purgedAt < kPurgeEvery) return false;
    m_purgedAt = now;
    if (auto done = giveUpRemoved(connection, now - kRemovedKept); !done) return std::move(done).error();
    auto retired = retiredSegments(connection, now - kRetiredFor);
    if (!retired) return std::move(retired).error();
    bool worked = false;
    if (!retired->empty()) {
        auto transaction = Transaction::begin(connection, Transaction::Kind::Write);
        if (!transaction) return std::move(transaction).error();
        std::int64_t bytes = 0;
        for (const RetiredSegment& segment : *retired) {
            if (m_snapshots.held(segment.id)) continue;
            if (auto done = eraseSegment(connection, segment.id); !done) return std::move(done).error();
            worked = true;
            bytes += segment.storedBytes;
            if (bytes > kPurgeBytes) {
                m_purgedAt = 0; // the rest at the next turn
                break;
            }
        }
        if (worked) {
            if (auto done = transaction->commit(); !done) return std::move(done).error();
        }
    }
    // Space goes back to the system in slices once a third of the file is free; less is used again soon.
    auto pages = connection.number("PRAGMA page_count");
    if (!pages) return std::move(pages).error();
    auto free = connection.number("PRAGMA freelist_count");
    if (!free) return std::move(free).error();
    if (*free > 256 && *free * 3 > *pages) {
        if (auto done = connection.execute("PRAGMA incremental_vacuum(1024)"); !done)
            return std::move(done).error();
        m_purgedAt = 0;
        worked = true;
    }
    return worked;
}

} // namespace faultline
