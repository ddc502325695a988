#pragma once
#include "models/base/result.h"
#include "models/base/time.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace faultline {

class Normaliser;

/// From where on a read is large: worth a look at what is there before it begins.
struct LargeRead
{
    std::uint64_t bytes = 256'000'000; ///< on disk
    std::size_t files = 500;
};
/// Whether the files behind these paths are more than that: counts until it knows, opens none.
/// Threads  Any; blocks on disk.
bool isLargeRead(const std::vector<std::string>& paths, const LargeRead& limits = {},
                 std::stop_token stop = {});

/// One input as the look found it.
struct PreflightFile
{
    std::string path, name;  ///< as InputEntry has them
    std::uint64_t bytes = 0; ///< on disk; of a member of an archive: decoded, 0 where it does not say
    std::string format;      ///< a decoder's name; empty: not looked at
    std::string skipReason;  ///< not empty: it will not be read, and why
    bool compressed = false; ///< reading its end would mean to unpack all of it
    bool member = false;     ///< of an archive
    bool looked = false;     ///< its first bytes were read
    /// Times of its first and of its last record that has one. A compressed file, a document of many lines
    /// and a member of an archive have a last one only when they end within the first bytes.
    std::optional<TimeNs> first, last;
    double bytesPerEvent = 0; ///< decoded, in its first bytes; 0: not known
};

/// What a read of some paths would be. Numbers for all of it are estimates, made as each of them says.
struct Preflight
{
    std::vector<std::string> paths; ///< that were asked about
    std::vector<PreflightFile> files;
    std::size_t toRead = 0, skipped = 0;
    /// Of those to be read: without a look at their first bytes, for lack of time. At least one entry here
    /// may stand for more files (listedAll).
    std::size_t unlooked = 0;
    bool listedAll = true;   ///< false: there may be files and members that are not in `files`
    std::uint64_t bytes = 0; ///< on disk, of those to be read
    std::uint64_t decodedBytes =
        0;                    ///< `bytes` of plain ones, and of compressed ones times the ratio of the sample
    std::uint64_t events = 0; ///< decodedBytes / bytes an event, each file by its own first bytes
    std::uint64_t storeBytes = 0; ///< decodedBytes times stored / decoded of the sample
    /// The sample: the first MiB of some files, read, unpacked, parsed and packed as an ingest does it, with
    /// as many threads, and not written. 0 when there was no time for one.
    std::uint64_t sampleBytes = 0;
    double bytesPerSecond = 0; ///< decoded, of the sample
    double seconds = 0;        ///< decodedBytes / bytesPerSecond; 0: not known
    /// From the earliest first to the latest last; what has no last counts with its first.
    std::optional<TimeRange> span;
    std::optional<std::uint64_t> freeBytes; ///< where the store will be
    bool fits() const { return !freeBytes || storeBytes <= *freeBytes; }
    double took = 0; ///< seconds
};

struct PreflightOptions
{
    std::chrono::milliseconds budget{2000}; ///< of time; one file's first bytes may come on top
    std::shared_ptr<const Clock> clock;
    std::shared_ptr<const Normaliser> normaliser;
    std::size_t threads = 0; ///< 0: cores
    std::string storePath;   ///< its disk is asked for free space; empty: not asked
    /// Free bytes for a file at this path; empty: the file system is asked.
    std::function<std::optional<std::uint64_t>(const std::string& path)> freeBytes;
};

/// Looks at what is behind paths without storing anything: lists it as discoverInputs() does, reads the first
/// bytes of the files (largest first), the last bytes of the plain ones, and parses a sample. What the time
/// was too short for is in the list, and counted as not looked at.
///
/// Errors   Cancelled.
/// Threads  Any; blocks on disk, and has threads of its own meanwhile. A file system that does not answer is
///          waited for.
Result<Preflight> preflight(const std::vector<std::string>& paths, const PreflightOptions& options,
                            std::stop_token stop = {});

/// The files to be read first for what happened in `range` (IngestRequest::first): those whose times overlap
/// it, as they stand; then those that may, since their end or their times are not known: the latest begin
/// first.
std::vector<std::string> filesFirst(const Preflight& preflight, const TimeRange& range);

} // namespace faultline
