#pragma once
#include "models/records/time_text.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace faultline {

/// Index of a column in its segment's list of columns.
using ColumnIndex = std::uint16_t;
inline constexpr ColumnIndex kNoColumn = 0xffff;

/// How the value of a slot is written back into the document. Stored.
enum class SlotStyle : std::uint8_t {
    Raw = 1,        ///< Text, Number, Json: the bytes as they are
    JsonString = 2, ///< Text: with JSON escapes in canonical form; the quotes belong to the literal
    Digits = 3,     ///< Int, Decimal
    Bool = 4,       ///< true, false
    Null = 5,       ///< null
    Time = 6,       ///< the event's time in `layout`, quotes in the literal. 0x80 + bits: see JsonEscapes
};

/// The canonical fields that are found through a shape. (time and severity have row columns of their own)
enum class Canonical : std::uint8_t { Message, Service, Host, Logger, TraceId, SpanId, Count };
inline constexpr std::size_t kCanonicalCount = static_cast<std::size_t>(Canonical::Count);

/// The skeleton of an event: all bytes of its document that are not values, and which column each value is
/// in. literal[0] slot[0] literal[1] slot[1] ... literal[n] is the document.
/// An event that does not rebuild has an empty `slots` and `raw` set: its document is in the raw column.
struct Shape
{
    struct Slot
    {
        ColumnIndex column = kNoColumn;
        SlotStyle style = SlotStyle::Raw;
        TimeLayout layout; ///< SlotStyle::Time only
        bool operator==(const Slot&) const = default;
    };
    std::vector<std::string> literals; ///< slots.size() + 1 of them
    std::vector<Slot> slots;
    /// Columns that a row of this shape has beside its slots: derived values (path parts, unwrapped ids).
    std::vector<ColumnIndex> derived;
    bool raw = false;
    /// Where the canonical fields of such events are; kNoColumn when they have none.
    std::array<ColumnIndex, kCanonicalCount> canonical = noCanonical();
    /// The column (of any kind) that severity was read from; kNoColumn when there was none.
    ColumnIndex severityColumn = kNoColumn;

    bool operator==(const Shape&) const = default;
    static constexpr std::array<ColumnIndex, kCanonicalCount> noCanonical()
    {
        std::array<ColumnIndex, kCanonicalCount> none{};
        for (auto& column : none) column = kNoColumn;
        return none;
    }
};

} // namespace faultline
