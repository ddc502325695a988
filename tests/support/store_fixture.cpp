#include "tests/support/store_fixture.h"

#include <QDir>
#include <QFileInfo>

#include <algorithm>
#include <tuple>

namespace faultline::testing {

namespace {

QString folderTemplate()
{
    const QFileInfo memory(QStringLiteral("/dev/shm"));
    const QString parent = memory.isWritable() ? memory.filePath() : QDir::tempPath();
    return parent + QStringLiteral("/faultline-test-XXXXXX");
}

std::string messageOf(SourceId source, Ordinal ordinal)
{
    return "request " + std::to_string(ordinal * 7919 % 100'003) + " of source " +
           std::to_string(source.value) + " took a while";
}

} // namespace

StoreFolder::StoreFolder() : m_folder(folderTemplate()) {}

std::string StoreFolder::file(const char* name) const
{
    return m_folder.filePath(QString::fromUtf8(name)).toStdString();
}

std::string documentOf(SourceId source, Ordinal ordinal)
{
    return "{\"message\":\"" + messageOf(source, ordinal) + "\",\"n\":" + std::to_string(ordinal) + "}";
}

SealedSegment makeSegment(SourceId source, Ordinal firstOrdinal, RowIndex rows, TimeNs firstTime)
{
    SegmentBuilder builder;
    const ColumnIndex message = builder.column("message", ValueKind::Text);
    const ColumnIndex number = builder.column("n", ValueKind::Int);
    Shape shape;
    shape.literals = {"{\"message\":\"", "\",\"n\":", "}"};
    shape.slots.resize(2);
    shape.slots[0].column = message;
    shape.slots[0].style = SlotStyle::JsonString;
    shape.slots[1].column = number;
    shape.slots[1].style = SlotStyle::Digits;
    shape.canonical[static_cast<std::size_t>(Canonical::Message)] = message;
    RowHeader header;
    header.source = source;
    header.shape = builder.shape(shape);
    for (RowIndex r = 0; r < rows; ++r) {
        header.ordinal = firstOrdinal + r;
        header.time = firstTime + static_cast<TimeNs>(r) * kSecondNs;
        header.severity = static_cast<std::uint8_t>(header.ordinal % 25);
        header.documentBytes = static_cast<std::uint32_t>(documentOf(source, header.ordinal).size());
        builder.addText(message, messageOf(source, header.ordinal));
        builder.addInt(number, static_cast<std::int64_t>(header.ordinal));
        builder.endRow(header);
    }
    return builder.seal();
}

CommitBatch makeBatch(SourceId source, Ordinal firstOrdinal, RowIndex rows, TimeNs firstTime,
                      std::uint32_t quarantined)
{
    CommitBatch batch;
    batch.segments.push_back(makeSegment(source, firstOrdinal, rows, firstTime));
    CommitBatch::SourceUpdate update;
    update.id = source;
    update.arrival = firstTime;
    for (RowIndex r = 0; r < rows; ++r) {
        update.delta.stored.bytes += documentOf(source, firstOrdinal + r).size() + 1;
    }
    update.delta.stored.records = rows;
    update.delta.events = rows;
    for (std::uint32_t q = 0; q < quarantined; ++q) {
        QuarantineRecord record;
        record.source = source;
        record.record = firstOrdinal + q + 1;
        record.position = firstOrdinal * 100 + q;
        record.bytes = "{broken " + std::to_string(firstOrdinal) + "/" + std::to_string(q);
        record.length = record.bytes.size();
        record.reason = "it ends inside an object";
        record.arrival = firstTime;
        update.delta.quarantined += {1, record.bytes.size()};
        batch.quarantine.push_back(std::move(record));
    }
    update.delta.received = update.delta.stored;
    update.delta.received += update.delta.quarantined;
    Checkpoint checkpoint;
    checkpoint.position = (firstOrdinal + rows) * 100;
    checkpoint.records = firstOrdinal + rows;
    checkpoint.events = firstOrdinal + rows;
    checkpoint.hash.bytes[0] = static_cast<std::uint8_t>(firstOrdinal + rows);
    update.checkpoint = checkpoint;
    batch.sources.push_back(std::move(update));
    return batch;
}

SourceRecord makeSource(const std::string& name)
{
    SourceRecord record;
    record.path = "/logs/" + name;
    record.name = name;
    record.format = "json";
    return record;
}

Result<std::vector<std::string>> documentsOf(const StoreSnapshot& snapshot, ColumnSource& columns)
{
    std::vector<std::tuple<TimeNs, std::int64_t, Ordinal, std::string>> rows;
    for (const auto& entry : snapshot.segments) {
        auto times = columns.column(*entry.info, TimeColumn);
        if (!times) return std::move(times).error();
        auto sources = columns.column(*entry.info, SourceColumn);
        if (!sources) return std::move(sources).error();
        auto ordinals = columns.column(*entry.info, OrdinalColumn);
        if (!ordinals) return std::move(ordinals).error();
        DocumentBuilder documents(entry.info, columns);
        for (RowIndex r = 0; r < entry.info->rows; ++r) {
            if (entry.deleted && ((*entry.deleted)[r >> 6] >> (r & 63) & 1) != 0) continue;
            std::string document;
            if (auto done = documents.append(r, document); !done) return std::move(done).error();
            rows.emplace_back((*times)->ints.at(r), (*sources)->ints.at(r),
                              static_cast<Ordinal>((*ordinals)->ints.at(r)), std::move(document));
        }
    }
    std::sort(rows.begin(), rows.end());
    std::vector<std::string> result;
    for (auto& row : rows) result.push_back(std::move(std::get<3>(row)));
    return result;
}

Result<std::vector<std::string>> documentsOf(Store& store)
{
    auto snapshot = store.snapshot();
    if (!snapshot) return std::move(snapshot).error();
    return documentsOf(**snapshot, store);
}

std::string describe(const Error& error)
{
    return "error kind " + std::to_string(static_cast<int>(error.kind)) + ": " + error.line();
}

} // namespace faultline::testing
