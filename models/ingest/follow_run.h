#pragma once
#include "models/ingest/follow.h"
#include "models/ingest/ingest_run.h"
#include "models/ingest/source_opener.h"

#include <map>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

namespace faultline {

/// The part of a run that goes on after everything was read once: acts on what a Follower tells, until it is
/// stopped. Each followed file keeps its stream and the state of its decoder, so that lines that are written
/// in two halves, or after the file was renamed, come out as if they had been read at once.
///
/// Latency  What a look finds is committed before the next one.
/// Threads  One, with a reader of its own.
class FollowRun
{
public:
    /// A file by what its inode says, before it was read.
    struct Content
    {
        std::uint64_t device = 0, inode = 0, bytes = 0;
        std::int64_t modified = 0;
    };
    struct Parts
    {
        std::shared_ptr<Store> store;
        std::shared_ptr<KnownSources> known; ///< of the run
        const IngestRequest& request;
        std::shared_ptr<RunClaims> claims; ///< of the run
        std::shared_ptr<const Clock> clock;
        CommitQueue::Commit commit;
        std::string pathTemplate;
        /// Paths that the first pass has settled: skipped (not for being empty) or duplicates. They are
        /// looked at again when they change.
        std::set<std::string> settled;
        /// Paths that the first pass has read to their end, and what was there then. While they are so there
        /// is nothing to do for them; their content is looked at again (from its first byte) when it changes.
        std::map<std::string, Content> read;
    };
    FollowRun(Parts parts, IngestRun& run, std::size_t readerIndex, std::stop_token stop);
    ~FollowRun();

    /// Until stop, or until nothing can be committed. Files read so far must be committed.
    Status loop();
    /// What became of the files, in the order in which they came.
    std::vector<SourceReport> reports() const;

private:
    struct Stream
    {
        SourceId id;
        PieceReader::Source source;
        bool live = false; ///< has an input that may give more
    };
    Status act(const FollowEvent& event);
    Status begin(const FollowEvent& event);
    Status moved(const FollowEvent& event);
    bool isRead(const std::string& path) const;
    void drain(FollowId file);
    void end(FollowId file);
    bool settle();
    std::string nameOf(const std::string& path) const;

    Parts m_parts;
    IngestRun& m_run;
    std::size_t m_index;
    std::stop_token m_stop;
    SourceOpener m_opener;
    Follower m_follower;
    std::unique_ptr<PieceReader> m_reader;
    std::vector<InputEntry> m_entries;
    std::map<FollowId, Stream> m_streams;
    std::unordered_map<SourceId, FollowId> m_streamOf;
};

} // namespace faultline
