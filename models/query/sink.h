#pragma once
#include "models/query/engine.h"
#include "models/query/segment_scan.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace faultline {

/// What answers one question out of the selected rows of all segments.
///
/// Protocol  wants() and scan() for each segment, newest first, from several threads; then piece() for each
/// of
///           pieces(), from several threads; nextPass() on the asking thread when all are done, and
///           everything again while it says true; answer() from the asking thread, also while scans are under
///           way (partial answers).
/// Exact     The final answer does not depend on the order of scans, nor on how many threads there are.
class Sink
{
public:
    virtual ~Sink() = default;
    /// Whether this segment can change the answer still.
    virtual bool wants(const SegmentEntry&) { return true; }
    /// `index` is the segment's number in the snapshot. Errors go to scan.fail().
    virtual void scan(SegmentScan& scan, const SelectedRows& selected, std::size_t index) = 0;
    /// Work that is better not cut by segments, after those of a pass; none for most. Numbers are taken in
    /// rising order. done() says how much of it is behind us, from 0 to 1, from any thread.
    virtual bool inPieces() const { return false; }
    virtual std::size_t pieces() { return 0; }
    virtual Status piece(std::size_t) { return {}; }
    virtual double done() const { return 0; }
    virtual bool nextPass() { return false; }
    virtual Result<Answer> answer() = 0;
};

/// What a sink needs beside the rows, to build its answer.
struct SinkContext
{
    SnapshotPtr snapshot;
    ScanSource* source = nullptr;
    std::shared_ptr<const SegmentScan::SourceNames> names;
    std::stop_token stop;
    std::uint64_t gatheredValues = 2'000'000; ///< that percentiles hold at once
    std::size_t heldValues = 0; ///< that a count of values holds at once, of 64 bytes; 0: as the sink thinks
    std::size_t threads = 1;    ///< that work on the question
    bool partial = false;       ///< answers are asked for while the scan is under way
    std::function<void()> tick; ///< to be called now and then within a piece, by any thread, holding no lock
};

std::unique_ptr<Sink> makeCountSink(const CountQuestion& question);
std::unique_ptr<Sink> makeHistogramSink(const HistogramQuestion& question, const SinkContext& context);
std::unique_ptr<Sink> makeFacetSink(const FacetQuestion& question, const SinkContext& context);
/// Type and presence of the fields that are named, without values.
std::unique_ptr<Sink> makePresenceSink(const FacetQuestion& question, const SinkContext& context);
/// Of every field, those in overflow columns too; the answer until it is exact is that of the newest segment.
std::unique_ptr<Sink> makeEveryFieldSink(const FacetQuestion& question, const SinkContext& context);
std::unique_ptr<Sink> makeGroupSink(const GroupQuestion& question, const SinkContext& context);
/// Without regard to StatsQuestion::by; with it.
std::unique_ptr<Sink> makeStatsSink(const StatsQuestion& question, const SinkContext& context);
std::unique_ptr<Sink> makeGroupStatsSink(const StatsQuestion& question, const SinkContext& context);
std::unique_ptr<Sink> makeStatsOverTimeSink(const StatsOverTimeQuestion& question,
                                            const SinkContext& context);
std::unique_ptr<Sink> makePageSink(const PageQuestion& question, const SinkContext& context);
std::unique_ptr<Sink> makePatternSink(const PatternQuestion& question, const SinkContext& context);
std::unique_ptr<Sink> makeSink(const Question& question, const SinkContext& context);

/// The selection of a question.
const Selection& selectionOf(const Question& question);

} // namespace faultline
