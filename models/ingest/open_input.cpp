#include "models/ingest/open_input.h"

#include "models/ingest/input_archive.h"
#include "models/ingest/input_streams.h"

#include <sys/stat.h>
#include <unistd.h>

#include <string_view>

namespace faultline {
namespace {

bool isFile(const std::string& path)
{
    struct stat info = {};
    return ::stat(path.c_str(), &info) == 0 && !S_ISDIR(info.st_mode);
}

/// The stream of the member that `rest` names, and what of `rest` follows its name (a member of the member).
Result<std::unique_ptr<ByteInput>> openMember(DecodedStream container, std::string_view& rest,
                                              const std::string& name)
{
    auto cursor = ArchiveCursor::open(std::move(container.input), container.guess.kind, name);
    if (!cursor) return std::move(cursor).error();
    ArchiveMember member;
    for (;;) {
        auto more = (*cursor)->next(member);
        if (!more) return std::move(more).error();
        if (!*more) break;
        const std::string_view found = member.name;
        if (!rest.starts_with(found) || !member.skipReason.empty()) continue;
        if (rest.size() > found.size() && rest[found.size()] != '!') continue;
        rest.remove_prefix(std::min(rest.size(), found.size() + 1));
        return makeMemberInput(std::move(*cursor), member.bytes);
    }
    return makeError(ErrorKind::NotFound, "open " + name + "!" + std::string(rest),
                     "the archive has no such member");
}

Result<std::unique_ptr<ByteInput>> openNested(const std::string& file, std::string_view rest)
{
    auto raw = openFileInput(file);
    if (!raw) return std::move(raw).error();
    std::string name = file;
    std::unique_ptr<ByteInput> stream = std::move(*raw);
    for (unsigned depth = 0; depth <= kMaxNesting; ++depth) {
        const bool plain = stream->seekable();
        auto decoded = decodeStream(std::move(stream), name);
        if (!decoded) return std::move(decoded).error();
        if (rest.empty()) {
            if (!isContainer(decoded->guess.kind)) return std::move(decoded->input);
            return makeError(ErrorKind::Unsupported, "open " + name,
                             "it is a " + std::string(contentKindName(decoded->guess.kind)) + " archive",
                             {"Name a member as \"" + name + "!member\"."});
        }
        if (!isContainer(decoded->guess.kind))
            return makeError(ErrorKind::NotFound, "open " + name + "!" + std::string(rest),
                             "it is not an archive");
        if (plain && depth == 0 && !decoded->compressed) {
            auto again = openFileInput(file); // seekable: a zip has its index at its end
            if (!again) return std::move(again).error();
            decoded->input = std::move(*again);
        }
        const std::string_view before = rest;
        auto member = openMember(std::move(*decoded), rest, name);
        if (!member) return std::move(member).error();
        name += "!" + std::string(before.substr(0, before.size() - rest.size()));
        stream = std::move(*member);
    }
    return makeError(ErrorKind::Limit, "open " + name, "archives are nested too deep");
}

} // namespace

Result<DecodedStream> decodeStream(std::unique_ptr<ByteInput> raw, const std::string& name)
{
    DecodedStream result;
    std::unique_ptr<ByteInput> stream = std::move(raw);
    for (unsigned layer = 0;; ++layer) {
        Head head;
        stream = makePeekInput(std::move(stream), head);
        const ContentGuess guess = guessContent(head.bytes);
        if (isCompressed(guess.kind)) {
            if (layer == kMaxNesting)
                return makeError(ErrorKind::Limit, "decompress " + name,
                                 "it is compressed more than 4 times");
            result.compressed = true;
            if (guess.kind == ContentKind::Gzip)
                stream = makeGzipInput(std::move(stream), name);
            else if (guess.kind == ContentKind::Zstd)
                stream = makeZstdInput(std::move(stream), name);
            else
                stream = makeFilterInput(std::move(stream), guess.kind, name);
            stream = makeBombGuard(std::move(stream), name);
            continue;
        }
        if (guess.kind == ContentKind::Utf16Le || guess.kind == ContentKind::Utf16Be)
            stream = makeUtf16Input(std::move(stream), guess.kind == ContentKind::Utf16Be);
        result.guess = guess;
        result.head = std::move(head.bytes);
        result.fault = head.fault;
        result.input = std::move(stream);
        return result;
    }
}

Result<std::unique_ptr<ByteInput>> openInput(const std::string& path, std::stop_token stop)
{
    if (path == "-") {
        auto decoded = decodeStream(makePipeInput(STDIN_FILENO, false, "standard input", std::move(stop)),
                                    "standard input");
        if (!decoded) return std::move(decoded).error();
        return std::move(decoded->input);
    }
    struct stat info = {};
    if (::stat(path.c_str(), &info) == 0 && S_ISFIFO(info.st_mode)) {
        auto raw = openFileInput(path, std::move(stop));
        if (!raw) return std::move(raw).error();
        auto decoded = decodeStream(std::move(*raw), path);
        if (!decoded) return std::move(decoded).error();
        return std::move(decoded->input);
    }
    if (isFile(path)) return openNested(path, {});
    // The file is the shortest part before a "!" that exists; names may contain "!" themselves.
    for (std::size_t at = path.find('!'); at != std::string::npos; at = path.find('!', at + 1)) {
        const std::string file = path.substr(0, at);
        if (isFile(file)) return openNested(file, std::string_view(path).substr(at + 1));
    }
    auto raw = openFileInput(path, std::move(stop));
    if (!raw) return std::move(raw).error();
    return std::move(*raw);
}

} // namespace faultline
