#pragma once
#include "models/ingest/byte_input.h"
#include "models/ingest/content_kind.h"

#include <stop_token>

// The streams that open_input.h stacks over one another. Each owns what it reads from; `name` is for
// messages.
namespace faultline {

/// A plain file, read in large pieces, seekable; or a FIFO or device, which `stop` interrupts.
Result<std::unique_ptr<ByteInput>> openFileInput(const std::string& path, std::stop_token stop = {});
/// A plain file over a descriptor that is already open, from byte `position`; owns the descriptor. Reads by
/// position, so that descriptors that share an offset do not disturb each other.
std::unique_ptr<ByteInput> makeFileInput(int descriptor, std::string name, std::uint64_t position = 0);
/// A pipe, terminal or socket. read() waits until there are bytes, the other end closes, or `stop` (0 bytes,
/// no eof).
std::unique_ptr<ByteInput> makePipeInput(int descriptor, bool owns, std::string name, std::stop_token stop);

/// RFC 1952, any number of members one after another. Zero bytes after the last one are padding, as for
/// gzip(1); other bytes there are an Error with their place.
std::unique_ptr<ByteInput> makeGzipInput(std::unique_ptr<ByteInput> raw, std::string name);
/// RFC 8878, any number of frames; windows of more than 128 MiB are refused.
std::unique_ptr<ByteInput> makeZstdInput(std::unique_ptr<ByteInput> raw, std::string name);
/// xz, bzip2 and lz4.
std::unique_ptr<ByteInput> makeFilterInput(std::unique_ptr<ByteInput> raw, ContentKind kind,
                                           std::string name);
/// UTF-16 to UTF-8, so that every input has bytes of its own and can be turned back: the byte order mark
/// stays (as EF BB BF), a lone surrogate becomes the three bytes of its number (invalid UTF-8), and half a
/// unit at the end FF and the character of its number.
std::unique_ptr<ByteInput> makeUtf16Input(std::unique_ptr<ByteInput> raw, bool bigEndian);

/// The first bytes of a stream.
struct Head
{
    std::string bytes;  ///< up to kSniffBytes
    bool fault = false; ///< an Error came after them
};
/// Reads ahead of `raw` into `head`; the stream returned starts with those bytes, and an Error that came
/// after them is given in its place.
std::unique_ptr<ByteInput> makePeekInput(std::unique_ptr<ByteInput> raw, Head& head);

/// Gives an Error of ErrorKind::Limit when a stream grows past every log's measure: more than 1 GiB, made of
/// less than a 10,000th of it.
std::unique_ptr<ByteInput> makeBombGuard(std::unique_ptr<ByteInput> decoded, std::string name);

} // namespace faultline
