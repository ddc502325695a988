#pragma once
#include <cstdint>
#include <string_view>

namespace faultline {

/// The type of a field's value as it stood in the document. A field whose type changes from event to event
/// has one column for each kind. Stored: numbers never change meaning.
enum class ValueKind : std::uint8_t {
    Text = 1,    ///< a string, unescaped, UTF-8 (invalid bytes kept as they are in plain-text sources)
    Int = 2,     ///< a whole number that fits int64 and is written canonically (no +, no leading 0, no -0)
    Decimal = 3, ///< mantissa x 10^-scale; 1.50 and 1.5 are different (mantissa 150 scale 2, 15 scale 1)
    Number = 4,  ///< any other JSON number, as its text: 1e5, -0, more than 18 digits
    Bool = 5,
    Null = 6,
    Json = 7, ///< the text of an array, of an empty object, or of what is nested deeper than 16
    Time = 8, ///< the event's own time, where it stood in the document; has no data of its own
};

/// A decimal number that keeps its digits.
struct Decimal
{
    std::int64_t mantissa = 0;
    std::uint8_t scale = 0; ///< digits behind the point, 1 to 18
    constexpr bool operator==(const Decimal&) const = default;
};

/// Marks of an event, a bit each. Stored.
enum EventFlag : std::uint16_t {
    FlagTimeMissing = 1,     ///< no usable time: that of a neighbour or of the file stands in
    FlagTimeZoneAssumed = 2, ///< the text named no zone: the source's zone was used
    FlagTimeFuture = 4,      ///< more than a day after its arrival
    FlagTimePast = 8,        ///< before 2000
    FlagPlainText = 16,      ///< a plain text line in a source of structured events
    FlagCut = 32,            ///< longer than 1 MiB: the rest was counted, not kept
    FlagLenient = 64,        ///< valid JSON that needed the lenient parser, or escapes that do not rebuild
    FlagInvalidUtf8 = 128,   ///< bytes that are not UTF-8
    FlagFromArray = 256,     ///< one element of an array or envelope
    FlagJoined = 512,        ///< continuation lines were joined to it
    FlagInheritsHead = 1024, ///< used while parsing: takes the time of the piece before. 2048: FlagDamaged
};

} // namespace faultline
