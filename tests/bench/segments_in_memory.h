#pragma once
#include "models/ingest/detect.h"
#include "models/ingest/piece_parser.h"
#include "models/query/scan_source.h"

#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace faultline::bench {

/// JSON lines as the segments that a store would hold, without a disk. Any thread may read.
class SegmentsInMemory final : public ScanSource
{
public:
    SegmentsInMemory(const std::string& lines, const std::shared_ptr<const Normaliser>& aliases)
    {
        auto run = std::make_shared<SourceRun>();
        run->id = SourceId{1};
        run->context.format = "json";
        run->arrival = run->fileTime = run->context.time.now = 1'800'000'000 * kSecondNs;
        run->chain = std::make_unique<SourceChain>(Checkpoint{});
        run->decoder = makeDecoder("json");
        Piece piece;
        piece.size = lines.size();
        piece.buffer = std::make_unique<char[]>(piece.size + kPiecePadding);
        std::memcpy(piece.buffer.get(), lines.data(), lines.size());
        SourceSpan span;
        span.source = run;
        span.end = piece.size;
        span.parallel = true;
        span.ends = true;
        piece.spans.push_back(std::move(span));
        PieceParser parser(aliases);
        auto state = std::make_shared<StoreSnapshot>();
        if (auto batch = parser.parse(piece, {})) {
            for (SealedSegment& sealed : batch->segments) {
                sealed.info.id = SegmentId{static_cast<std::int64_t>(m_chunks.size()) + 1};
                state->events += sealed.info.rows;
                m_chunks.push_back(std::move(sealed.chunks));
                state->segments.push_back(
                    {std::make_shared<const SegmentInfo>(std::move(sealed.info)), nullptr});
            }
        }
        for (const SegmentEntry& entry : state->segments) {
            const bool first = &entry == &state->segments.front();
            state->minTime = first ? entry.info->minTime : std::min(state->minTime, entry.info->minTime);
            state->maxTime = first ? entry.info->maxTime : std::max(state->maxTime, entry.info->maxTime);
        }
        m_snapshot = std::move(state);
    }

    Result<SnapshotPtr> snapshot() override { return m_snapshot; }
    Result<std::map<SourceId, std::string>> sourceNames() override
    {
        return std::map<SourceId, std::string>{{SourceId{1}, "made.ndjson"}};
    }
    Result<ColumnPtr> column(const SegmentInfo& segment, ColumnIndex index) override
    {
        std::lock_guard lock(m_mutex);
        ColumnPtr& known = m_columns[{segment.id.value, index}];
        if (!known) {
            const auto& chunks = m_chunks[static_cast<std::size_t>(segment.id.value) - 1];
            auto decoded = decodeColumn(segment.columns[index], segment.rows, chunks[index]);
            if (!decoded) return decoded.error();
            known = std::move(*decoded);
        }
        return known;
    }

private:
    SnapshotPtr m_snapshot;
    std::vector<std::vector<std::string>> m_chunks; ///< by segment
    std::mutex m_mutex;
    std::map<std::pair<std::int64_t, ColumnIndex>, ColumnPtr> m_columns;
};

} // namespace faultline::bench
