#include "models/store/change_table.h"
#include "models/store/same_content.h"
#include "models/store/source_table.h"
#include "models/store/store_impl.h"

#include <algorithm>
#include <cstdlib>
#include <map>

namespace faultline {

namespace {

using Bits = std::vector<std::uint64_t>;

/// Setting: when a source was brought back last, behind its id.
const std::string kRestoredAt = "restored.";

std::string bytesOf(const Bits& bits)
{
    std::string bytes;
    bytes.reserve(bits.size() * 8);
    for (std::uint64_t word : bits)
        for (int i = 0; i < 8; ++i, word >>= 8) bytes.push_back(static_cast<char>(word & 0xff));
    return bytes;
}

Bits bitsOf(const std::string& bytes, RowIndex rows)
{
    Bits bits((static_cast<std::size_t>(rows) + 63) / 64);
    for (std::size_t i = 0; i < bytes.size() && i / 8 < bits.size(); ++i)
        bits[i / 8] |= std::uint64_t{static_cast<std::uint8_t>(bytes[i])} << (i % 8 * 8);
    return bits;
}

bool holds(const SegmentInfo& info, SourceId id)
{
    return std::find(info.sources.begin(), info.sources.end(), id) != info.sources.end();
}

bool any(const Bits& bits)
{
    return std::any_of(bits.begin(), bits.end(), [](std::uint64_t word) { return word != 0; });
}

Error changedMeanwhile(SourceId id, const std::string& how)
{
    return makeError(ErrorKind::Locked, "change source " + std::to_string(id.value), how,
                     {"Nothing was changed; try again."});
}

} // namespace

Result<std::vector<std::uint64_t>> StoreImpl::rowsOfSource(const SegmentInfo& info, SourceId id)
{
    Bits bits((static_cast<std::size_t>(info.rows) + 63) / 64);
    if (info.sources.size() == 1) {
        std::fill(bits.begin(), bits.end(), ~std::uint64_t{0});
        if ((info.rows & 63) != 0) bits.back() = (std::uint64_t{1} << (info.rows & 63)) - 1;
        return bits;
    }
    auto sources = column(info, SourceColumn);
    if (!sources) return std::move(sources).error();
    const ColumnData& data = **sources;
    for (RowIndex r = 0; r < info.rows; ++r) {
        if (data.presence.has(r) && data.ints.at(data.presence.rank(r)) == id.value)
            bits[r >> 6] |= std::uint64_t{1} << (r & 63);
    }
    return bits;
}

Status StoreImpl::maskSource(Connection& connection, SourceId id,
                             const std::function<Status(std::int64_t, const Bits&)>& masked)
{
    auto segments = liveSegments(connection);
    if (!segments) return std::move(segments).error();
    for (const SegmentRow& row : *segments) {
        auto directory = readDirectory(connection, row, true);
        if (!directory) return std::move(directory).error();
        const SegmentInfo& info = *directory->info;
        if (!holds(info, id)) continue;
        auto bits = rowsOfSource(info, id);
        if (!bits) return std::move(bits).error();
        auto fresh = maskRows(connection, row, *bits);
        if (!fresh) return std::move(fresh).error();
        if (!any(*fresh)) continue;
        if (auto done = masked(row.id, *fresh); !done) return done;
    }
    return {};
}

SourceStore& SourceStore::of(Store& store)
{
    return dynamic_cast<StoreImpl&>(store); // the only kind that there is
}

Status StoreImpl::removeSource(SourceId id)
{
    return takeAway(id, true);
}

Status StoreImpl::setSourceAside(SourceId id)
{
    return takeAway(id, false);
}

Status StoreImpl::takeAway(SourceId id, bool forGood)
{
    const std::string what = "remove source " + std::to_string(id.value);
    // One transaction: a source is there with all of its events, or not at all.
    return write(
        what,
        [&](Connection& connection) -> Status {
            auto there = sourceExists(connection, id);
            if (!there) return std::move(there).error();
            if (!*there) return makeError(ErrorKind::NotFound, what, "the store has no such source");
            const auto keep = [&](std::int64_t segment, const Bits& bits) {
                return forGood ? Status() : keepRemovedMask(connection, id, segment, bytesOf(bits));
            };
            if (auto done = maskSource(connection, id, keep); !done) return done;
            if (!forGood) return moveToRemoved(connection, id, m_clock->now());
            if (auto done = forgetChanges(connection, id); !done) return done;
            return eraseSource(connection, id);
        },
        true);
}

Result<std::optional<StoreImpl::ReadAgain>> StoreImpl::readInMeanwhile(SourceId id)
{
    Segments own;
    std::optional<SourceRecord> removed;
    TimeNs removedAt = 0;
    std::vector<SourceRecord> sources;
    std::map<std::string, std::string> restored;
    {
        auto connection = m_pool.borrow();
        if (!connection) return std::move(connection).error();
        auto transaction = Transaction::begin(**connection, Transaction::Kind::Read);
        if (!transaction) return std::move(transaction).error();
        auto list = readRemoved(**connection);
        if (!list) return std::move(list).error();
        const auto found =
            std::find_if(list->begin(), list->end(), [&](const auto& one) { return one.id == id; });
        if (found == list->end()) return std::optional<ReadAgain>();
        removedAt = found->removedAt;
        auto records = readSources(**connection, true, SourceTables::Removed);
        if (!records) return std::move(records).error();
        for (SourceRecord& record : *records)
            if (record.id == id) removed = std::move(record);
        auto live = readSources(**connection, true);
        if (!live) return std::move(live).error();
        sources = std::move(*live);
        auto times = readSettings(**connection, kRestoredAt);
        if (!times) return std::move(times).error();
        restored = std::move(*times);
        auto rows = segmentsOfRemoved(**connection, id);
        if (!rows) return std::move(rows).error();
        for (const SegmentRow& row : *rows)
            if (auto directory = readDirectory(**connection, row, true)) own.push_back(directory->info);
    }
    // A common beginning says nothing of what comes behind it.
    const auto readAgain = [&](SourceRecord& other, bool equal) {
        const bool all = equal && other.ledger.received.bytes >= removed->ledger.received.bytes;
        return std::optional(ReadAgain{std::move(other), all});
    };
    const auto restoredAt = [&](SourceId other) -> TimeNs {
        const auto found = restored.find(kRestoredAt + std::to_string(other.value));
        return found == restored.end() ? kTimeMin : std::strtoll(found->second.c_str(), nullptr, 10);
    };
    std::set<SourceId> unknown;
    for (SourceRecord& other : sources) {
        if (other.ledger.received.records == 0) continue;
        if (other.path == removed->path && other.path != "-")
            return readAgain(other, compareCheckpoints(*removed, other) == SameContent::Yes);
        // What was there beside it before its removal may be there beside it again. One that went on since
        // may have what the removed one had for itself.
        // One that was away itself while the removed one was read is as one that came since.
        const bool fresh = other.firstArrival >= removedAt || restoredAt(other.id) >= removedAt;
        const bool grown = removed->ledger.duplicates.bytes > 0 && other.lastArrival >= removedAt;
        if (other.ledger.events == 0 || (!fresh && !grown)) continue;
        const SameContent same = compareCheckpoints(*removed, other);
        if (same == SameContent::Yes) return readAgain(other, true);
        if (same == SameContent::Unknown) unknown.insert(other.id);
    }
    if (unknown.empty()) return std::optional<ReadAgain>();
    const auto documents = firstDocuments(own, *this, id);
    if (!documents) return std::optional<ReadAgain>(); // damaged: that is another matter
    auto taken = snapshot();
    if (!taken) return std::move(taken).error();
    Segments live;
    for (const SegmentEntry& entry : (*taken)->segments) live.push_back(entry.info);
    const std::set<SourceId> same = beginningWith(*documents, live, *this, std::move(unknown));
    for (SourceRecord& other : sources)
        if (same.contains(other.id)) return readAgain(other, true);
    return std::optional<ReadAgain>();
}

Status StoreImpl::restoreSource(SourceId id)
{
    const std::string what = "bring back source " + std::to_string(id.value);
    if (!m_writer) return notWriter(what);
    const auto other = readInMeanwhile(id);
    if (!other) return other.error();
    if (*other) {
        const std::string number = std::to_string((*other)->source.id.value);
        const std::string named = "source " + number + " (" + (*other)->source.name + ")";
        if (!(*other)->all)
            return makeError(ErrorKind::Input, what,
                             named + " came since, and has its path or begins like it: events that both have "
                                     "would be there twice",
                             {"Remove source " + number + " first, then bring this one back.",
                              "A day after its removal it cannot be brought back any more."});
        return makeError(ErrorKind::Input, what,
                         "what it holds was read in again since, as " + named +
                             ": its events would be there twice",
                         {"Leave it: nothing is missing.",
                          "Or remove source " + number + " first, then bring this one back."});
    }
    return write(
        what,
        [&](Connection& connection) -> Status {
            auto masks = readRemovedMasks(connection, id);
            if (!masks) return std::move(masks).error();
            for (const RemovedMask& kept : *masks) {
                if (auto done = unmaskRows(connection, kept.segment, kept.bits); !done) return done;
            }
            if (auto done = moveBack(connection, id); !done) return done;
            return writeSetting(connection, kRestoredAt + std::to_string(id.value),
                                std::to_string(m_clock->now()));
        },
        true);
}

Status StoreImpl::unmaskRows(Connection& connection, std::int64_t segment, const std::string& bytes)
{
    auto rows = rowsOfSegment(connection, segment);
    if (!rows) return std::move(rows).error();
    auto mask = readMask(connection, segment, *rows);
    if (!mask) return std::move(mask).error();
    if (!mask->bits)
        return makeError(ErrorKind::Damaged, "bring back rows of segment " + std::to_string(segment),
                         "its delete mask is missing", {"Run `faultline doctor` on the store."});
    const Bits back = bitsOf(bytes, *rows);
    Bits bits = *mask->bits;
    RowIndex deleted = 0;
    for (std::size_t w = 0; w < bits.size(); ++w) {
        bits[w] &= ~back[w];
        deleted += static_cast<RowIndex>(__builtin_popcountll(bits[w]));
    }
    StoredMask fresh;
    fresh.version = mask->version + 1;
    fresh.deleted = deleted;
    fresh.bits = std::make_shared<const Bits>(std::move(bits));
    if (auto done = writeMask(connection, segment, fresh); !done) return done;
    return reviveSegment(connection, segment);
}

Status StoreImpl::reclaimSource(SourceId id)
{
    return write("give up the removed source " + std::to_string(id.value),
                 [&](Connection& connection) { return forgetRemoved(connection, id); });
}

Result<std::vector<RemovedSource>> StoreImpl::removedSources()
{
    auto connection = m_pool.borrow();
    if (!connection) return std::move(connection).error();
    return readRemoved(**connection);
}

Result<std::vector<SourceChange>> StoreImpl::sourceChanges(SourceId id)
{
    auto connection = m_pool.borrow();
    if (!connection) return std::move(connection).error();
    return readChanges(**connection, id);
}

Result<SegmentId> StoreImpl::stageSegment(const SealedSegment& segment)
{
    FieldNumbers fields;
    SegmentId id;
    auto done = write("write a segment ahead", [&](Connection& connection) -> Status {
        auto inserted = insertSegment(connection, fields, segment, m_clock->now(), SegmentState::Staged);
        if (!inserted) return std::move(inserted).error();
        id = SegmentId{inserted->id};
        return {};
    });
    if (!done) return std::move(done).error();
    return id;
}

Status StoreImpl::dropStagedSegments(std::span<const SegmentId> staged)
{
    if (staged.empty()) return {};
    Status done = write("drop segments that were written ahead",
                        [&](Connection& connection) { return dropStaged(connection, staged); });
    if (!done && m_writer) {
        std::lock_guard lock(m_leftMutex);
        m_leftBehind.insert(m_leftBehind.end(), staged.begin(), staged.end());
    }
    return done;
}

std::shared_ptr<void> StoreImpl::holdMerges()
{
    ++m_mergesHeld;
    std::shared_ptr<void> guard(nullptr, [this](void*) { --m_mergesHeld; });
    // One that is under way ends first.
    std::lock_guard lock(m_mergeMutex);
    return guard;
}

Status StoreImpl::maskReplaced(Connection& connection, const SourceRewrite& rewrite, std::uint64_t& replaced)
{
    const SourceId id = rewrite.source;
    std::map<std::int64_t, const SegmentEntry*> taken;
    for (const SegmentEntry& entry : rewrite.snapshot->segments) taken[entry.info->id.value] = &entry;
    auto segments = liveSegments(connection);
    if (!segments) return std::move(segments).error();
    for (const SegmentRow& row : *segments) {
        const auto known = taken.find(row.id);
        if (known == taken.end()) {
            auto directory = readDirectory(connection, row, true);
            if (!directory) return std::move(directory).error();
            if (holds(*directory->info, id)) return changedMeanwhile(id, "more of it was read in meanwhile");
            continue;
        }
        const SegmentEntry& entry = *known->second;
        taken.erase(known);
        if (!holds(*entry.info, id)) continue;
        auto bits = rowsOfSource(*entry.info, id);
        if (!bits) return std::move(bits).error();
        Bits then = *bits;
        if (entry.deleted)
            for (std::size_t w = 0; w < then.size(); ++w) then[w] &= ~(*entry.deleted)[w];
        auto fresh = maskRows(connection, row, *bits);
        if (!fresh) return std::move(fresh).error();
        if (*fresh != then) return changedMeanwhile(id, "some of its events were deleted meanwhile");
        for (const std::uint64_t word : then) replaced += static_cast<unsigned>(__builtin_popcountll(word));
    }
    for (const auto& [gone, entry] : taken)
        if (holds(*entry->info, id)) return changedMeanwhile(id, "its segments were merged meanwhile");
    return {};
}

Status StoreImpl::finishRewrite(const SourceRewrite& rewrite)
{
    const std::string what = "change source " + std::to_string(rewrite.source.value);
    return write(
        what,
        [&](Connection& connection) -> Status {
            auto there = sourceExists(connection, rewrite.source);
            if (!there) return std::move(there).error();
            if (!*there) return makeError(ErrorKind::NotFound, what, "it was removed meanwhile");
            std::uint64_t before = 0;
            if (auto done = maskReplaced(connection, rewrite, before); !done) return done;
            std::uint64_t after = 0;
            for (const SegmentId id : rewrite.staged) {
                auto rows = rowsOfSegment(connection, id.value);
                if (!rows) return std::move(rows).error();
                after += *rows;
            }
            if (before != after) {
                return makeError(ErrorKind::Internal, what,
                                 "the result has " + std::to_string(after) + " events instead of " +
                                     std::to_string(before));
            }
            if (auto done = makeLive(connection, rewrite.staged); !done) return done;
            const auto keep = rewrite.undoes ? popChange(connection, rewrite.source)
                                             : pushChange(connection, rewrite.source, m_clock->now());
            if (!keep) return keep;
            if (auto done = writeSourceSettings(connection, rewrite.source, rewrite.settings, rewrite.format,
                                                rewrite.formatOverridden);
                !done)
                return done;
            return writeLastTime(connection, rewrite.source, rewrite.lastTime);
        },
        true);
}

} // namespace faultline
