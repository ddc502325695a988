#pragma once
#include "models/base/hash.h"
#include "models/base/ids.h"
#include "models/base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace faultline {

/// Records and their bytes. Bytes are decoded (decompressed) bytes.
struct Tally
{
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    Tally& operator+=(const Tally& other)
    {
        records += other.records;
        bytes += other.bytes;
        return *this;
    }
    bool operator==(const Tally&) const = default;
};

/// The account of a source. At any commit: received == stored + quarantined + duplicates, in both members.
struct Ledger
{
    Tally received, stored, quarantined, duplicates;
    std::uint64_t events = 0;   ///< made of the stored records
    std::uint64_t cutBytes = 0; ///< of records over 1 MiB; also counted in stored.bytes
    std::uint64_t joined = 0;   ///< records that joined the event before them; counted in stored
    Ledger& operator+=(const Ledger& other)
    {
        received += other.received;
        stored += other.stored;
        quarantined += other.quarantined;
        duplicates += other.duplicates;
        events += other.events;
        cutBytes += other.cutBytes;
        joined += other.joined;
        return *this;
    }
    bool operator==(const Ledger&) const = default;
    bool balanced() const
    {
        return received.records == stored.records + quarantined.records + duplicates.records &&
               received.bytes == stored.bytes + quarantined.bytes + duplicates.bytes;
    }
};

enum class SourceState : std::uint8_t {
    Reading = 1,    ///< not at its end yet, or followed
    Complete = 2,   ///< read to its end
    Incomplete = 3, ///< a compressed stream was cut short; see detail
    Skipped = 4,    ///< not a log; see detail
    Unreadable = 5, ///< could not be opened or read; see detail
    Duplicate = 6,  ///< the same content as another source that still exists; see detail
};

/// Where a source stood at a commit: enough to go on, and to recognise its content under another name.
struct Checkpoint
{
    std::uint64_t position = 0; ///< decoded bytes consumed
    std::uint64_t records = 0;
    std::uint64_t events = 0; ///< the next ordinal
    Hash128 hash;             ///< XXH3-128 of bytes [0, position)
    /// Of the last event with a time of its own: events without one that follow inherit it.
    std::optional<TimeNs> lastTime = std::nullopt;
    bool operator==(const Checkpoint&) const = default;
};

/// A source as the store knows it.
struct SourceRecord
{
    SourceId id;
    std::string path;   ///< absolute path; members of archives as "archive.zip!member"; "-" for stdin
    std::string name;   ///< short, for people
    std::string format; ///< decoder's name; empty until recognised
    bool formatOverridden = false;
    SourceState state = SourceState::Reading;
    std::string detail;   ///< why skipped, unreadable, incomplete (with the byte), duplicate of what
    std::string settings; ///< JSON: zone, offset, path template, field overrides
    std::uint64_t device = 0, inode = 0; ///< 0 when not a file
    TimeNs firstArrival = 0, lastArrival = 0;
    Ledger ledger;
    Checkpoint checkpoint;               ///< the last one
    std::vector<Checkpoint> checkpoints; ///< all, ascending; filled only where asked for
};

/// A record that could not be stored as an event.
struct QuarantineRecord
{
    SourceId source;
    std::uint64_t record = 0;   ///< its number in the source, from 0
    std::uint64_t position = 0; ///< byte where it begins
    std::uint64_t length = 0;   ///< its bytes
    std::string bytes;          ///< at most 1 MiB of them
    std::string reason;
    TimeNs arrival = 0;
};

} // namespace faultline
