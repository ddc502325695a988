#pragma once
#include "models/store/segment_table.h"

#include <map>
#include <stop_token>
#include <string>
#include <vector>

namespace faultline {

/// An EventFlag of events that lost a value with its column. Only doctor sets it.
inline constexpr std::uint16_t FlagDamaged = 2048;

/// What could be saved of a damaged segment.
struct SegmentRescue
{
    std::vector<SealedSegment> segments; ///< to stand in its place
    std::vector<std::string> faults; ///< each part that is damaged: "column user: its checksum does not hold"
    std::vector<std::string> fields; ///< whose values are lost, by name
    /// Events and their ordinals, ascending without gaps in a run; of source 0 when the source is not known.
    struct Events
    {
        std::uint64_t count = 0;
        std::vector<std::pair<Ordinal, Ordinal>> runs; ///< first and last
    };
    std::uint64_t whole = 0;            ///< events that are in `segments` as they were, byte for byte
    std::map<SourceId, Events> damaged; ///< in `segments` with FlagDamaged: some value of them is lost
    std::map<SourceId, Events>
        lost; ///< of which not even the place in their source is known, or nothing else
    std::map<SourceId, std::uint64_t> live; ///< events in `segments`, by source
    std::uint64_t damagedEvents() const;
    std::uint64_t lostEvents() const;
};

/// Saves every value of a segment that is still what was written (checksum and format hold).
///
/// An event whose values are all there stays as it is. One that lacks a value becomes an event of its own
/// bytes with the value replaced (by null, or U+FFFD inside quotes), or, where its shape is lost, a JSON
/// object of its fields; it is marked FlagDamaged, and everything else of it stays searchable. Without the
/// directory, which says what the columns are, their kinds are told by their codecs. Deleted events stay
/// deleted; without the mask these are the events of sources that the store no longer has. Changes nothing.
/// Errors: those of the disk; Cancelled.
Result<SegmentRescue> rescueSegment(Connection& connection, const SegmentRow& row, bool withChecksums,
                                    std::stop_token stop);

/// "source 3: ordinals 0-119, 130 (121 events)"; many runs are cut short, the number is exact.
std::string eventsText(const std::map<SourceId, SegmentRescue::Events>& events);

} // namespace faultline
