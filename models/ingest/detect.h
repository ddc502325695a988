#pragma once
#include "models/ingest/decoder.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace faultline {

/// A format that a source can be read as.
struct FormatInfo
{
    std::string_view name;        ///< stable: stored, shown, given with --input-format
    std::string_view description; ///< for people: "JSON, one object a line"
};
/// All formats that makeDecoder() knows, in the order in which they are offered.
std::span<const FormatInfo> knownFormats();

/// The name in knownFormats() that a person means: in any case, with the usual names of JSON lines. Error:
/// Usage, with all names.
Result<std::string_view> formatNamed(std::string_view name);

struct DecoderOptions
{
    std::size_t maxLineBytes = 1024 * 1024;          ///< of a line's text that is kept
    std::size_t maxDocumentBytes = 64 * 1024 * 1024; ///< of one document of several lines
    std::string innerJson;                           ///< see SourceContext
};

/// A decoder for a format of knownFormats(), or nothing when there is no such format.
std::unique_ptr<Decoder> makeDecoder(std::string_view format, const DecoderOptions& options = {});

/// What a source's first bytes look like.
struct Detection
{
    std::string_view format = "text"; ///< a name of knownFormats()
    double confidence = 0;            ///< share of the lines looked at that have the format, 0 to 1
    std::string reason;               ///< a sentence: "49 of 50 lines are JSON objects in the shape of pino."
};

/// How many bytes at the start of a source decide.
inline constexpr std::size_t kDetectBytes = 256 * 1024, kDetectLines = 50;

/// Recognises a format by content: the first 50 lines within the first 256 KiB. `atEnd`: `head` is the whole
/// source, so its last line is complete. Any thread; bounded time.
Detection detectFormat(std::string_view head, bool atEnd = true);

} // namespace faultline
