#include "models/store/segment_check.h"

#include <algorithm>
#include <set>

namespace faultline {

namespace {

// Columns of one segment, straight from the connection, each checked as it is decoded.
class CheckedColumns final : public ColumnSource
{
public:
    CheckedColumns(Connection& connection, const std::string& checksums)
        : m_connection(connection), m_checksums(checksums)
    {}

    Result<ColumnPtr> column(const SegmentInfo& segment, ColumnIndex index) override
    {
        if (index >= segment.columns.size())
            return makeError(ErrorKind::Damaged, "a shape", "names a column that does not exist");
        if (m_columns.size() != segment.columns.size()) m_columns.resize(segment.columns.size());
        if (m_columns[index]) return m_columns[index];
        const ColumnInfo& info = segment.columns[index];
        auto bytes = readChunk(m_connection, segment.id.value, index);
        if (!bytes) return std::move(bytes).error();
        if (!checksumHolds(m_checksums, std::size_t{index} + 1, *bytes)) {
            return makeError(ErrorKind::Damaged, "column " + info.path, "its checksum does not hold");
        }
        auto column = decodeColumn(info, segment.rows, *bytes);
        if (column) m_columns[index] = *column;
        return column;
    }

private:
    Connection& m_connection;
    const std::string& m_checksums;
    std::vector<ColumnPtr> m_columns;
};

// Empty when the zone map tells the truth about the column.
std::string zoneMapFault(const ColumnInfo& info, const ColumnData& column, RowIndex rows)
{
    if (column.presence.rows() != rows || column.presence.count() != info.present) {
        return "column " + info.path + " has " + std::to_string(column.presence.count()) +
               " values, its directory says " + std::to_string(info.present);
    }
    const bool numbers = column.form == ColumnData::Form::Ints;
    if (numbers && info.present > 0 && info.minInt <= info.maxInt) {
        for (std::size_t i = 0; i < column.ints.count; ++i) {
            const std::int64_t value = column.ints.at(i);
            if (value < info.minInt || value > info.maxInt)
                return "column " + info.path + " has values outside its bounds";
        }
    }
    if (info.kind == ValueKind::Text && !info.maxText.empty()) {
        std::string text;
        for (RowIndex r = 0; r < rows; ++r) {
            text.clear();
            if (!column.appendText(r, text)) continue;
            if (text < info.minText || text > info.maxText)
                return "column " + info.path + " has texts outside its bounds";
        }
    }
    return {};
}

std::string rowColumnsFault(const SegmentInfo& info, const ColumnData& times, const ColumnData& sources)
{
    if (!times.presence.isAll() || !sources.presence.isAll()) return "an event has no time or no source";
    for (RowIndex r = 1; r < info.rows; ++r) {
        if (times.ints.at(r) < times.ints.at(r - 1)) return "its events are not in order of time";
    }
    if (times.ints.at(0) != info.minTime || times.ints.at(info.rows - 1) != info.maxTime)
        return "its time range is not that of its events";
    std::set<SourceId> seen;
    for (RowIndex r = 0; r < info.rows; ++r)
        seen.insert(SourceId{static_cast<std::uint32_t>(sources.ints.at(r))});
    if (!std::equal(seen.begin(), seen.end(), info.sources.begin(), info.sources.end()))
        return "its list of sources is not that of its events";
    return {};
}

} // namespace

Result<SegmentFacts> checkSegment(Connection& connection, const SegmentRow& row, bool withChecksums,
                                  std::stop_token stop)
{
    SegmentFacts facts;
    const auto faulty = [&](const Error& error) -> Result<SegmentFacts> {
        // What the disk refuses today may be sound tomorrow: only the content is judged here.
        const bool passing = error.kind == ErrorKind::Store || error.kind == ErrorKind::Locked ||
                             error.kind == ErrorKind::DiskFull || error.kind == ErrorKind::Cancelled;
        if (passing) return error;
        facts.fault = error.line();
        return facts;
    };
    auto directory = readDirectory(connection, row, withChecksums);
    if (!directory) return faulty(directory.error());
    const SegmentInfo& info = *directory->info;
    auto mask = readMask(connection, row.id, row.rows);
    if (!mask) return faulty(mask.error());
    CheckedColumns columns(connection, directory->checksums);
    for (ColumnIndex c = 0; c < info.columns.size(); ++c) {
        if (stop.stop_requested()) return makeError(ErrorKind::Cancelled, "check the store", "stopped");
        auto column = columns.column(info, c);
        if (!column) return faulty(column.error());
        facts.fault = zoneMapFault(info.columns[c], **column, info.rows);
        if (!facts.fault.empty()) return facts;
        ++facts.columns;
    }
    auto times = columns.column(info, TimeColumn);
    auto sources = columns.column(info, SourceColumn);
    if (!times || !sources) return faulty((times ? sources : times).error());
    facts.fault = rowColumnsFault(info, **times, **sources);
    if (!facts.fault.empty()) return facts;
    DocumentBuilder documents(directory->info, columns);
    std::string document;
    for (RowIndex r = 0; r < info.rows; ++r) {
        if ((r & 1023) == 0 && stop.stop_requested())
            return makeError(ErrorKind::Cancelled, "check the store", "stopped");
        document.clear();
        if (auto done = documents.append(r, document); !done) return faulty(done.error());
        if (mask->bits && ((*mask->bits)[r >> 6] >> (r & 63) & 1) != 0) continue;
        ++facts.live[SourceId{static_cast<std::uint32_t>((*sources)->ints.at(r))}];
    }
    facts.deleted = mask->deleted;
    return facts;
}

} // namespace faultline
