#include "models/ingest/piece_reader.h"

#include "models/ingest/detect.h"

#include <algorithm>
#include <cstring>

namespace faultline {
namespace {

constexpr std::size_t kSmallestPiece = 256u << 10;
constexpr std::size_t kReadBytes = 1u << 20;
/// What a pipe had taken before a stop; more only comes from one that was not told.
constexpr int kReadsAfterStop = 8;
/// A segment's rows with a little room, so that a piece of lines fills one segment and no second.
constexpr std::size_t kPieceLines = 64'000;

} // namespace

PieceReader::PieceReader(std::size_t index, PieceQueue& queue, IngestCounters& counters,
                         std::shared_ptr<const Clock> clock, std::stop_token stop)
    : m_index(index), m_queue(queue), m_counters(counters), m_clock(std::move(clock)), m_stop(std::move(stop))
{}

bool PieceReader::send(std::size_t end)
{
    if (!m_piece.buffer) m_piece.buffer = m_queue.takeBuffer(); // the end of a source alone
    Piece next;
    const std::size_t rest = m_piece.size - end;
    if (rest > 0) {
        next.buffer = m_queue.takeBuffer();
        std::memcpy(next.buffer.get(), m_piece.buffer.get() + end, rest);
        next.size = rest;
    }
    learnLineLength({m_piece.buffer.get(), end});
    m_piece.size = end;
    m_piece.reader = m_index;
    m_piece.number = m_number++;
    std::memset(m_piece.buffer.get() + end, 0, kPiecePadding);
    const bool sent = m_queue.push(std::move(m_piece), {}); // workers end after the readers
    m_piece = std::move(next);
    // Each piece four times the one before, until one fills a segment.
    const std::size_t full = std::clamp(kPieceLines * m_lineBytes, kSmallestPiece, PieceQueue::kBufferBytes);
    m_target = std::max(std::min(m_target * 4, full), std::min(rest + kReadBytes, PieceQueue::kBufferBytes));
    return sent;
}

bool PieceReader::flush()
{
    if (m_piece.spans.empty()) return true;
    return send(m_piece.size);
}

void PieceReader::learnLineLength(std::string_view bytes)
{
    // A sample is enough: it only sizes the next piece.
    bytes = bytes.substr(bytes.size() / 2, kSmallestPiece / 4);
    const auto lines = static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\n'));
    if (bytes.size() >= kSmallestPiece / 8)
        m_lineBytes = std::max<std::size_t>(16, bytes.size() / (lines + 1));
}

std::size_t PieceReader::lastCut(std::string_view bytes, const Decoder& probe) const
{
    if (probe.holdsLines()) return probe.lastCut(bytes);
    // Behind a newline whose next line begins a record; that line must be seen whole to be judged.
    std::size_t lineEnd = bytes.rfind('\n');
    while (lineEnd != std::string_view::npos && lineEnd > 0) {
        const std::size_t before = bytes.rfind('\n', lineEnd - 1);
        if (before == std::string_view::npos) return 0;
        if (probe.isRecordStart(bytes.substr(before + 1, lineEnd - before - 1))) return before + 1;
        lineEnd = before;
    }
    return 0;
}

void PieceReader::goSequential(Cursor& cursor)
{
    SourceRun& run = *cursor.source.run;
    cursor.parallel = false;
    run.decoder = makeDecoder(run.context.format, {.innerJson = run.context.innerJson});
    run.hash = cursor.hash.clone();
    run.hashed = cursor.position;
}

void PieceReader::closeSpan(Cursor& cursor, std::size_t end, bool pause)
{
    SourceSpan span;
    span.source = cursor.source.run;
    span.number = cursor.span++;
    span.begin = cursor.begin;
    span.end = end;
    span.position = cursor.position;
    span.parallel = cursor.parallel;
    span.pause = pause;
    if (cursor.parallel) {
        cursor.hash.add({m_piece.buffer.get() + cursor.begin, end - cursor.begin});
        span.hash = cursor.hash.digest();
    }
    cursor.position += end - cursor.begin;
    cursor.begin = end;
    m_piece.spans.push_back(std::move(span));
}

bool PieceReader::sendComplete(Cursor& cursor, Because because)
{
    const bool pause = because == Because::Silent;
    const std::string_view bytes(m_piece.buffer.get() + cursor.begin, m_piece.size - cursor.begin);
    std::size_t cut = bytes.size();
    if (cursor.parallel) {
        cut = pause ? bytes.rfind('\n') + 1 : lastCut(bytes, *cursor.probe);
        if (cut == 0 && because == Because::Full) {
            // Nothing begins a record in all of it: a line longer than a piece, or one long stack trace.
            if (m_piece.size < PieceQueue::kBufferBytes && m_target < PieceQueue::kBufferBytes) {
                m_target = PieceQueue::kBufferBytes;
                return true;
            }
            goSequential(cursor);
            cut = bytes.size();
        }
    }
    if (cut == 0 && (m_piece.spans.empty() || because == Because::Late)) return true;
    const std::size_t end = cursor.begin + cut;
    if (cut > 0) closeSpan(cursor, end, pause);
    if (!send(end)) return false;
    cursor.begin = 0;
    cursor.since = m_clock->steady();
    return true;
}

bool PieceReader::makeRoom(Cursor& cursor)
{
    if (m_piece.size >= m_target && !sendComplete(cursor, Because::Full)) return false;
    // What was sent took its buffer along, unless something is left over.
    if (!m_piece.buffer) m_piece.buffer = m_queue.takeBuffer();
    return true;
}

void PieceReader::endSource(Cursor& cursor, const std::optional<Error>& error, bool stopped)
{
    const Source& source = cursor.source;
    const bool open = !error && (stopped ? !source.pipe || source.kept : source.keepsOpen);
    // Looked at, and there was nothing new: no commit for that.
    if (open && source.continues && cursor.begin == m_piece.size) return;
    if (open && cursor.parallel) {
        // What follows may continue the last record: from here on, state passes from span to span.
        const std::string_view bytes(m_piece.buffer.get() + cursor.begin, m_piece.size - cursor.begin);
        closeSpan(cursor, cursor.begin + lastCut(bytes, *cursor.probe), false);
        goSequential(cursor);
    }
    // After a stop the last event may still grow: it is left for the next run, whole.
    closeSpan(cursor, m_piece.size, open && !stopped);
    SourceSpan& span = m_piece.spans.back();
    span.ends = !open;
    if (error) {
        span.state = SourceState::Incomplete;
        span.detail = error->line();
    } else if (stopped || open) {
        span.state = SourceState::Reading;
    } else {
        span.state = SourceState::Complete;
    }
}

bool PieceReader::fill(Cursor& cursor, std::optional<Error>& error)
{
    Source& source = cursor.source;
    std::uint64_t consumed = source.continues ? source.input->consumed() : 0;
    int afterStop = 0;
    for (;;) {
        // A pipe gives what it had taken before the stop, then nothing.
        const bool stop = m_stop.stop_requested();
        if (stop && !source.pipe) return false;
        if (!makeRoom(cursor)) return false;
        const std::size_t want = std::min(kReadBytes, std::max(m_target, m_piece.size + 1) - m_piece.size);
        const auto chunk = source.input->read(m_piece.buffer.get() + m_piece.size, want);
        m_counters.diskBytes += source.input->consumed() - consumed;
        consumed = source.input->consumed();
        if (!chunk) {
            error = chunk.error();
            return true;
        }
        const bool first = m_piece.size == cursor.begin;
        m_piece.size += chunk->bytes;
        m_counters.decodedBytes += chunk->bytes;
        if (chunk->eof) return true;
        if (stop && (chunk->bytes == 0 || ++afterStop == kReadsAfterStop)) return false;
        if (!source.pipe) continue;
        if (first) cursor.since = m_clock->steady();
        const bool late = m_clock->steady() - cursor.since >= kLiveDelay;
        if (m_piece.size == cursor.begin || (chunk->bytes != 0 && !(late && chunk->bytes < want))) continue;
        if (!sendComplete(cursor, chunk->bytes == 0 ? Because::Silent : Because::Late)) return false;
    }
}

bool PieceReader::read(Source& source, Left& left)
{
    if (!m_piece.spans.empty() && (m_piece.size + source.head.size() > m_target / 2)) {
        if (!flush()) return false;
    }
    if (!m_piece.buffer) m_piece.buffer = m_queue.takeBuffer();
    Cursor cursor{source,
                  makeDecoder(source.run->context.format, {.innerJson = source.run->context.innerJson}),
                  false,
                  m_piece.size,
                  source.position,
                  source.nextSpan,
                  source.hash.clone(),
                  m_clock->steady()};
    cursor.parallel =
        cursor.probe->splittable() && !source.continues && !(source.pipe && cursor.probe->holdsLines());
    if (!cursor.parallel && !source.continues) goSequential(cursor);
    source.head.copy(m_piece.buffer.get() + m_piece.size, source.head.size());
    m_piece.size += source.head.size();
    m_counters.decodedBytes += source.head.size();
    m_target = std::max(m_target, m_piece.size);

    std::optional<Error> error;
    const bool whole = fill(cursor, error);
    endSource(cursor, error, !whole);
    left = {cursor.position, cursor.span, std::move(cursor.hash), error.has_value() || !source.keepsOpen};
    if (whole && !source.continues) ++m_counters.sourcesDone;
    return whole;
}

} // namespace faultline
