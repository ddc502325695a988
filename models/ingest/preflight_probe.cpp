#include "models/ingest/preflight_probe.h"

#include "models/ingest/detect.h"
#include "models/ingest/forwarded_input.h"
#include "models/ingest/input_streams.h"
#include "models/ingest/open_input.h"
#include "models/ingest/piece_parser.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <deque>

namespace faultline {
namespace {

/// Of a head or an end at first, and where no time is in them.
constexpr std::size_t kLookBytes = 16u << 10, kLongLookBytes = 256u << 10;
/// What is taken from the disk at once, so that what was unpacked is known to come from little more.
constexpr std::size_t kDiskBytes = 4u << 10;

class SmallReads final : public ForwardedInput
{
public:
    using ForwardedInput::ForwardedInput;
    Result<Chunk> read(char* buffer, std::size_t capacity) override
    {
        return ForwardedInput::read(buffer, std::min(capacity, kDiskBytes));
    }
};

/// Reads until there are `size` bytes; true when the input ended before.
bool readMore(ByteInput& input, std::size_t size, std::string& bytes, bool& fault)
{
    std::size_t at = bytes.size();
    bytes.resize(std::max(size, at));
    bool ended = false;
    while (at < size && !ended) {
        const auto chunk = input.read(bytes.data() + at, size - at);
        if (!chunk) fault = true;
        ended = !chunk || chunk->eof;
        at += chunk ? chunk->bytes : 0;
    }
    bytes.resize(at);
    return ended;
}

/// Times and bytes of the records in a part of a source.
class Records final : public RecordSink
{
public:
    Records(const Normaliser& normaliser, SourceContext context)
        : m_normaliser(normaliser), m_context(std::move(context))
    {}
    void record(const RecordOutcome& outcome, std::span<DecodedEvent> decoded) override
    {
        bytes += outcome.bytes;
        events += decoded.size();
        for (DecodedEvent& event : decoded) {
            m_scratch.clear();
            const auto time = m_normaliser.apply(event, m_context, m_scratch).time;
            if (!time) continue;
            if (!first) first = time->ns;
            last = time->ns;
        }
    }
    /// `whole`: nothing is missing at its end.
    void take(std::string_view part, bool whole)
    {
        const auto decoder = makeDecoder(m_context.format);
        const bool lines = decoder->splittable();
        if (!whole && lines) part = part.substr(0, part.rfind('\n') + 1);
        decoder->feed(part, 0, *this);
        if (whole || lines) decoder->finish(*this);
    }

    std::uint64_t bytes = 0, events = 0;
    std::optional<TimeNs> first, last;

private:
    const Normaliser& m_normaliser;
    SourceContext m_context;
    std::deque<std::string> m_scratch;
};

SourceContext contextOf(const std::string& format, TimeNs now)
{
    SourceContext context;
    context.format = format;
    context.time.now = now;
    return context;
}

void takeHead(std::string_view head, bool whole, const Normaliser& normaliser, TimeNs now,
              PreflightFile& file)
{
    if (file.format.empty()) file.format = detectFormat(head, whole).format;
    Records records(normaliser, contextOf(file.format, now));
    records.take(head, whole);
    file.looked = true;
    file.first = records.first;
    if (whole) file.last = records.last;
    if (records.events > 0)
        file.bytesPerEvent = static_cast<double>(records.bytes) / static_cast<double>(records.events);
}

void takeEnd(ByteInput& plain, std::uint64_t size, const Normaliser& normaliser, TimeNs now,
             PreflightFile& file)
{
    for (const std::size_t want : {kLookBytes, kLongLookBytes}) {
        const std::uint64_t begin = size > want ? size - want : 0;
        if (file.last || !plain.seek(begin)) return;
        std::string end;
        bool fault = false;
        readMore(plain, want, end, fault);
        std::string_view lines = end;
        if (begin > 0) lines.remove_prefix(std::min(lines.find('\n'), lines.size() - 1) + 1);
        Records records(normaliser, contextOf(file.format, now));
        records.take(lines, true);
        file.last = records.last;
        if (begin == 0) return;
    }
}

bool isLines(const std::string& format)
{
    const auto decoder = makeDecoder(format);
    return decoder && decoder->splittable();
}

Result<DecodedStream> openForLook(const std::string& path, const std::stop_token& stop)
{
    auto raw = openFileInput(path, stop);
    if (!raw) return std::move(raw).error();
    return decodeStream(std::make_unique<SmallReads>(std::move(*raw)), path);
}

} // namespace

bool isPipeEntry(const InputEntry& entry)
{
    struct stat info = {};
    return entry.path == "-" || (::stat(entry.path.c_str(), &info) == 0 && S_ISFIFO(info.st_mode));
}

void probeFile(const InputEntry& entry, const Normaliser& normaliser, TimeNs now, PreflightFile& file,
               const std::stop_token& stop)
{
    if (file.member) {
        if (!entry.head.empty()) takeHead(entry.head, entry.headIsAll, normaliser, now, file);
        return;
    }
    auto stream = openForLook(entry.path, stop);
    if (!stream) return;
    file.compressed = stream->compressed;
    std::string head;
    bool fault = false, whole = false;
    for (const std::size_t want : {kLookBytes, kLongLookBytes}) {
        whole = readMore(*stream->input, want, head, fault) && !fault;
        if (head.empty()) return;
        takeHead(head, whole, normaliser, now, file);
        if (whole || fault || (file.first && file.bytesPerEvent > 0)) break;
    }
    if (whole || !file.first || stream->compressed || !entry.encoding.empty() || !isLines(file.format))
        return;
    if (auto plain = openFileInput(entry.path, stop); plain && (*plain)->seekable())
        takeEnd(**plain, entry.bytes, normaliser, now, file);
}

Sampler::Sampler(std::shared_ptr<const Normaliser> normaliser, TimeNs now)
    : m_normaliser(std::move(normaliser)), m_now(now)
{}

Sampler::~Sampler() = default;

std::unique_ptr<PieceParser> Sampler::borrow()
{
    std::lock_guard lock(m_mutex);
    if (m_idle.empty()) return std::make_unique<PieceParser>(m_normaliser);
    auto parser = std::move(m_idle.back());
    m_idle.pop_back();
    return parser;
}

SamplePart Sampler::take(const PreflightFile& file, std::uint64_t offset, const std::stop_token& stop)
{
    SamplePart part;
    auto stream = openForLook(file.path, stop);
    if (!stream) return part;
    const bool lines = isLines(file.format);
    std::unique_ptr<ByteInput> input = std::move(stream->input);
    bool inside = false;
    const bool converted =
        stream->guess.kind == ContentKind::Utf16Le || stream->guess.kind == ContentKind::Utf16Be;
    if (offset > 0 && lines && !stream->compressed && !converted) {
        if (auto plain = openFileInput(file.path, stop); plain && (*plain)->seek(offset)) {
            input = std::move(*plain);
            inside = true;
        }
    }
    std::string bytes;
    bool fault = false;
    const bool whole = readMore(*input, kPartBytes, bytes, fault);
    part.decodedBytes = bytes.size();
    part.diskBytes = stream->compressed ? input->consumed() : bytes.size();
    // What was taken last is unpacked by half, on the average.
    if (stream->compressed && !whole && part.diskBytes > kDiskBytes) part.diskBytes -= kDiskBytes / 2;
    std::string_view text = bytes;
    if (inside) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    if (!whole && lines) text = text.substr(0, text.rfind('\n') + 1);
    if (text.empty()) return part;

    Piece piece;
    piece.size = text.size();
    piece.buffer = std::make_unique<char[]>(text.size() + kPiecePadding);
    std::memcpy(piece.buffer.get(), text.data(), text.size());
    auto source = std::make_shared<SourceRun>();
    source->id = SourceId{1};
    source->context = contextOf(file.format, m_now);
    source->fileTime = source->arrival = m_now;
    source->chain = std::make_unique<SourceChain>(Checkpoint{});
    if (!lines) source->decoder = makeDecoder(file.format);
    SourceSpan span;
    span.source = source;
    span.end = text.size();
    span.parallel = lines;
    span.ends = true;
    piece.spans.push_back(std::move(span));
    auto parser = borrow();
    if (const auto batch = parser->parse(piece, stop); batch && !batch->segments.empty()) {
        part.parsedBytes = text.size();
        for (const SealedSegment& segment : batch->segments) {
            part.storedBytes += encodeDirectory(segment.info).size();
            for (const std::string& chunk : segment.chunks) part.storedBytes += chunk.size();
        }
    }
    std::lock_guard lock(m_mutex);
    m_idle.push_back(std::move(parser));
    return part;
}

} // namespace faultline
