#pragma once
#include <cstddef>
#include <cstdint>

namespace faultline {

/// How the values of a column are written. Stored: a number never changes meaning. The bytes of each are in
/// resources/help/file-format.md.
enum class Codec : std::uint8_t {
    None = 0,       ///< no blob: no row, or every row of a Time or Null column
    Ints = 1,       ///< Int, Bool and the row columns
    Decimals = 2,   ///< mantissas and scales
    Dictionary = 3, ///< distinct values in byte order, and a code for each present row
    Heap = 4,       ///< every value of its own
    Fixed = 5,      ///< hex text of one length, or UUIDs, as bytes
    Templates = 6,  ///< constants once, variables as columns; of messages: by the first rules of masking
    Presence = 7,   ///< Time and Null columns that only some rows have
    Patterns = 8,   ///< Templates of messages by the masking rules of today: ids follow from them
};

/// How an array of integers is written. Stored.
enum class IntForm : std::uint8_t {
    Constant = 0, ///< all the same
    Plain = 1,    ///< base + scale x stored
    Delta = 2,    ///< stored are the differences of what Plain would store
};

/// How an array of texts is written. Stored.
enum class TextForm : std::uint8_t {
    Plain = 0, ///< lengths and bytes
    Hex = 1,   ///< all are hex digits of one length and case, or UUIDs
};

/// How the rows that have a value are written. Stored.
enum class PresenceForm : std::uint8_t {
    All = 0,
    Bitmap = 1,      ///< one bit a row
    PresentRows = 2, ///< the rows that have a value, as gaps
    AbsentRows = 3,  ///< the rows that have none, as gaps
};

/// How a variable of a template is written. Stored.
enum class VariableForm : std::uint8_t {
    Numbers = 0, ///< all Digits: integers
    Texts = 1,   ///< a text for each row
    Coded = 2,   ///< distinct texts and a code for each row
};

/// First byte of a directory, where a column's blob has its codec.
inline constexpr std::uint8_t kDirectoryFormat = 0xd1;

// Bounds that the writer keeps and the reader enforces before it takes memory.
inline constexpr std::size_t kMaxColumnBytes = std::size_t{160} << 20; ///< of the values of one column
inline constexpr std::size_t kMaxDirectoryBytes = std::size_t{48} << 20;
inline constexpr std::size_t kMaxTemplates = 16'384;         ///< of one column
inline constexpr std::size_t kMaxTemplateVariables = 65'536; ///< of all templates of one column together
inline constexpr std::size_t kMaxFixedBytes = 64;

} // namespace faultline
