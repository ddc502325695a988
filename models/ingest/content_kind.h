#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace faultline {

/// What the first bytes of a stream say that it is.
enum class ContentKind : std::uint8_t {
    Empty,
    Text,    ///< also text with some NULs, ANSI escapes or a legacy 8-bit encoding
    Utf16Le, ///< with or without a byte order mark
    Utf16Be,
    Gzip, ///< one stream, compressed
    Zstd,
    Xz,
    Bzip2,
    Lz4,
    Zip, ///< containers with members
    Tar,
    NotALog, ///< see ContentGuess::reason
};

struct ContentGuess
{
    ContentKind kind = ContentKind::Empty;
    std::string reason; ///< NotALog: in words, "a PNG image"
    /// Every byte is 0: a hole before text, or a disk image; the bytes after it decide.
    bool allZero = false;
};

/// Bytes that guessContent() wants to see, when the stream has as many.
inline constexpr std::size_t kSniffBytes = 4096;

/// Says what a stream is by its first bytes (magic numbers of the formats' own specifications; for the rest
/// the share of control characters), never by its name. Pure; any thread. Text in UTF-8, Latin-1, UTF-16 or
/// with stray NULs is never NotALog.
ContentGuess guessContent(std::string_view head);

/// True for kinds that are one compressed stream.
bool isCompressed(ContentKind kind);
/// True for kinds that have members.
bool isContainer(ContentKind kind);
/// "gzip", "zip" ...: for messages.
std::string_view contentKindName(ContentKind kind);

} // namespace faultline
