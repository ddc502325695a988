#pragma once
#include "models/ingest/byte_input.h"
#include "models/ingest/content_kind.h"

#include <memory>
#include <stop_token>
#include <string>

namespace faultline {

/// Archives in archives, and compression over compression, are followed this deep.
inline constexpr unsigned kMaxNesting = 4;

/// A stream with every layer of compression taken off.
struct DecodedStream
{
    std::unique_ptr<ByteInput> input; ///< UTF-8 for text that was UTF-16; starts at the first decoded byte
    ContentGuess guess;               ///< of the innermost bytes: text, a container, or not a log
    std::string head;   ///< up to kSniffBytes of the innermost bytes, before UTF-16 was converted
    bool fault = false; ///< an Error follows the head
    bool compressed = false;
};

/// Takes the layers off `raw` by their magic numbers, never by name: gzip, zstd, xz, bzip2, lz4, in any
/// nesting up to kMaxNesting (more is an Error of kind Limit), then UTF-16. Reads the first 4 KiB of each
/// layer.
Result<DecodedStream> decodeStream(std::unique_ptr<ByteInput> raw, const std::string& name);

/// Opens what a path names from its first decoded byte: a plain or compressed file, a FIFO, "-" (standard
/// input, the descriptor 0), or a member of an archive as InputEntry::path writes it
/// ("/x/a.tar.gz!dir/b.log", nested with more
/// "!"). For an archive without a member the Error says that a member must be named.
///
/// Errors   NotFound, Input (permission, a fault in the first bytes of a container), Limit, Unsupported.
Result<std::unique_ptr<ByteInput>> openInput(const std::string& path, std::stop_token stop = {});

} // namespace faultline
