#pragma once
#include "models/base/hash.h"
#include "models/base/result.h"
#include "models/base/time.h"
#include "models/ingest/byte_input.h"
#include "models/ingest/known_sources.h"
#include "models/store/source_record.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace faultline {

/// What has to be known to say which bytes of an input are new (DESIGN.md 6.2).
struct ResumeRules
{
    bool again = false; ///< read it all, whatever the store has
    TimeNs now = 0;     ///< for the name of an older generation
    /// Opens another source's path from its first decoded byte, to see whether it still holds its content;
    /// empty: openInput().
    std::function<Result<std::unique_ptr<ByteInput>>(const std::string& path)> openPath;
    /// Bytes of a pipe that were read ahead and matched nothing wait in memory up to 4 MiB, then in an
    /// unlinked file in this folder; empty: the system's folder for temporary files.
    std::string spoolFolder;
    /// A pipe that gave something and then nothing for so long is not compared any further: what it gave must
    /// not wait. Counted while its read() answers with 0 bytes; others never do.
    std::chrono::milliseconds patience{5'000};
    /// Whether a source is free to be gone on with; asked once it would be, and binding then. Empty: all are.
    std::function<bool(SourceId)> take;
};

enum class Newness : std::uint8_t {
    New,       ///< a source of its own
    Continue,  ///< goes on where `source` stood: unchanged, grown, renamed, compressed, a pipe again
    Duplicate, ///< the content of `source`, whose path still holds it: nothing is read
};

struct ResumeDecision
{
    Newness what = Newness::New;
    /// Continue: the source to go on with (its path and name become the entry's, unless keepPath).
    /// Duplicate: whose content it is. New with checkpoint.position > 0: whose content it begins with.
    std::optional<SourceId> source;
    bool keepPath = false;
    /// Where `input` stands. New with position > 0: those bytes and records are in the store already, under
    /// `source`; in the new source's ledger they are received and duplicates, and its ordinals go on from
    /// checkpoint.events.
    Checkpoint checkpoint;
    std::unique_ptr<ByteInput> input; ///< at checkpoint.position; null for Duplicate
    RunningHash hash;                 ///< of the bytes before it
    /// The source that has the entry's path now and is not the one above: `renameHolder`: it is an older
    /// generation, give it olderName() as path and name; otherwise it never had content: use it for this one
    /// (New, Duplicate) instead of a new one.
    std::optional<SourceId> holder;
    bool renameHolder = false;
    std::string
        detail; ///< in words, for people: "goes on at byte 1234, renamed from ..."; empty for a plain New
};

/// Says which bytes of `entry` are new, by hashing its decoded bytes from 0 against the checkpoints of
/// `sources` (with all their checkpoints; only `checkpoint` where the list is empty). The time it takes is
/// that of the input's bytes; of the sources it is a hash for each place where one has its first checkpoint.
/// The last checkpoint that matches counts:
///
/// A source that ResumeRules::take refuses, for another run writes it, counts as one that matches in part.
///
///   all of a source's checkpoints match, same path              Continue (unchanged or grown)
///   ... other path, the source's path does not hold it any more  Continue (renamed, compressed by rotation,
///   pipe)
///   ... other path, the source's path still holds it             Duplicate; New where the entry goes on
///   beyond it some match, then the contents part or the entry ends         New, after the common part; the
///   same path's older
///                                                                generation is renamed; Duplicate where
///                                                                nothing follows
///   none matches                                                 New; an older generation of the path is
///   renamed
///
/// A common part with a source that still exists elsewhere counts only from 64 KiB on: many files share a
/// header. Streams; holds at most 4 MiB of what it read ahead (files are opened again beyond that). Reads no
/// further than to the first checkpoint of each source that does not match, so commit an early one.
///
/// Errors   What entry.open() says; Cancelled. A fault while reading counts as the end here, and comes again
/// from
///          `input` at its place.
/// Threads  Any.
Result<ResumeDecision> decideWhatIsNew(const InputEntry& entry, const KnownSources& sources,
                                       const ResumeRules& rules, std::stop_token stop = {});

/// Whether the decoded bytes of a file begin with all that was read of a source (which had some).
bool beginsWithSource(const std::string& path, const SourceRecord& source, const std::stop_token& stop);

/// "app.log (before 2026-01-31T12:00:00Z)".
std::string olderName(const std::string& name, TimeNs now);

} // namespace faultline
