#include "models/ingest/resume.h"

#include "models/ingest/open_input.h"
#include "models/ingest/replay_input.h"

#include <queue>

#include <sys/stat.h>

#include <algorithm>
#include <ctime>
#include <vector>

namespace faultline {
namespace {

constexpr std::size_t kPiece = 256u << 10;
// A shorter common beginning with a file that still exists is a header (a banner, a printed configuration).
constexpr std::uint64_t kCommonHeader = 64u << 10;

std::span<const Checkpoint> checkpointsOf(const SourceRecord& source)
{
    if (!source.checkpoints.empty()) return source.checkpoints;
    return {&source.checkpoint, 1};
}

bool hasContent(const SourceRecord& source)
{
    return checkpointsOf(source).back().position > 0;
}

/// How far a source's checkpoints agree with the input.
struct Match
{
    std::size_t source = 0;
    Checkpoint last;
    bool all = false; ///< up to its last one
};

/// Reads an input from byte 0 and holds it against the checkpoints.
class Comparison
{
public:
    Comparison(std::unique_ptr<ByteInput> input, std::span<const SourceRecord> sources, bool toDisk,
               const ResumeRules& rules)
        : m_input(std::move(input))
        , m_sources(sources)
        , m_spool(toDisk, rules.spoolFolder)
        , m_buffer(kPiece)
        , m_patience(rules.patience)
    {}

    /// False when stopped.
    bool run(const std::stop_token& stop)
    {
        struct Next
        {
            std::uint64_t position;
            std::size_t source, checkpoint;
            bool operator>(const Next& other) const { return position > other.position; }
        };
        std::priority_queue<Next, std::vector<Next>, std::greater<>> open;
        const auto push = [&](std::size_t source, std::size_t from) {
            const auto all = checkpointsOf(m_sources[source]);
            while (from < all.size() && all[from].position <= m_position)
                ++from; // 0, or the same place twice
            if (from < all.size()) open.push({all[from].position, source, from});
        };
        for (std::size_t i = 0; i < m_sources.size(); ++i) push(i, 0);
        std::vector<std::size_t> matchOf(m_sources.size(), kNone);
        while (!open.empty()) {
            const std::uint64_t place = open.top().position;
            if (!advance(place, stop)) return false;
            if (m_position < place) break; // it ends before
            const Hash128 digest = m_hash.digest();
            std::vector<Next> here;
            for (; !open.empty() && open.top().position == place; open.pop()) here.push_back(open.top());
            bool matched = false;
            for (const Next& next : here) {
                const auto all = checkpointsOf(m_sources[next.source]);
                if (!(all[next.checkpoint].hash == digest)) continue;
                matched = true;
                std::size_t& at = matchOf[next.source];
                if (at == kNone) {
                    at = m_matches.size();
                    m_matches.push_back({next.source, {}, false});
                }
                m_matches[at].last = all[next.checkpoint];
                m_matches[at].all = all.back().position == place;
                push(next.source, next.checkpoint + 1);
            }
            if (matched) {
                m_matched = place;
                m_matchedHash = m_hash.clone();
                if (place >= kCommonHeader) m_spool.restart(place);
            }
        }
        return true;
    }

    const std::vector<Match>& matches() const { return m_matches; }

    /// True when the input has nothing after `position`.
    bool endsAt(std::uint64_t position, const std::stop_token& stop)
    {
        if (m_position > position) return false;
        return advance(position + 1, stop) && m_position == position && m_ended;
    }
    /// True when the bytes from `position` on are at hand.
    bool canReplay(std::uint64_t position) const
    {
        return m_spool.complete() && m_spool.begin() <= position && (position == 0 || position == m_matched);
    }
    std::unique_ptr<ByteInput> replay(std::uint64_t position)
    {
        return makeReplayInput(std::move(m_spool), position, std::move(m_input));
    }
    RunningHash hashAt(std::uint64_t position) const
    {
        return position == 0 ? RunningHash() : m_matchedHash.clone();
    }

private:
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    /// Reads up to `place` or the end; false when stopped.
    bool advance(std::uint64_t place, const std::stop_token& stop)
    {
        auto heard = std::chrono::steady_clock::now();
        while (m_position < place && !m_ended && !m_silent) {
            if (stop.stop_requested()) return false;
            const std::size_t wanted =
                static_cast<std::size_t>(std::min<std::uint64_t>(m_buffer.size(), place - m_position));
            auto chunk = m_input->read(m_buffer.data(), wanted);
            if (!chunk) {
                m_ended = true;
                break;
            }
            const std::string_view bytes(m_buffer.data(), chunk->bytes);
            m_hash.add(bytes);
            m_spool.add(bytes);
            m_position += bytes.size();
            m_ended = chunk->eof;
            if (chunk->bytes != 0 || chunk->eof || m_position == 0)
                heard = std::chrono::steady_clock::now();
            else
                m_silent = std::chrono::steady_clock::now() - heard >= m_patience;
        }
        return true;
    }

    std::unique_ptr<ByteInput> m_input;
    std::span<const SourceRecord> m_sources;
    Spool m_spool;
    std::vector<char> m_buffer;
    RunningHash m_hash, m_matchedHash;
    std::uint64_t m_position = 0, m_matched = 0;
    std::chrono::milliseconds m_patience;
    bool m_ended = false, m_silent = false;
    std::vector<Match> m_matches;
};

/// Reads `input` up to the checkpoint; nothing when the bytes before it are others.
std::optional<RunningHash> skipTo(ByteInput& input, std::span<const Checkpoint> checkpoints,
                                  const std::stop_token& stop)
{
    RunningHash hash;
    std::vector<char> buffer(kPiece);
    std::uint64_t position = 0;
    for (const Checkpoint& checkpoint : checkpoints) {
        while (position < checkpoint.position) {
            const auto wanted = static_cast<std::size_t>(
                std::min<std::uint64_t>(buffer.size(), checkpoint.position - position));
            auto chunk = input.read(buffer.data(), wanted);
            if (!chunk || stop.stop_requested()) return std::nullopt;
            hash.add({buffer.data(), chunk->bytes});
            position += chunk->bytes;
            if (chunk->eof && position < checkpoint.position) return std::nullopt;
        }
        if (checkpoint.position > 0 && !(hash.digest() == checkpoint.hash)) return std::nullopt;
    }
    return hash;
}

class Decision
{
public:
    Decision(const InputEntry& entry, std::span<const SourceRecord> sources, const ResumeRules& rules,
             std::stop_token stop)
        : m_entry(entry), m_sources(sources), m_rules(rules), m_stop(std::move(stop))
    {
        for (std::size_t i = 0; i < sources.size(); ++i)
            if (sources[i].path == entry.path && entry.path != "-") m_holder = &sources[i];
    }

    Result<ResumeDecision> make()
    {
        auto input = m_entry.open();
        if (!input) return std::move(input).error();
        const bool anyContent = std::any_of(m_sources.begin(), m_sources.end(), hasContent);
        if (m_rules.again || !anyContent) {
            m_result.input = std::move(*input);
            if (m_rules.again && m_holder && hasContent(*m_holder)) m_result.detail = "read again, as asked";
            return asNew();
        }
        Comparison comparison(std::move(*input), m_sources, isPipe(), m_rules);
        if (!comparison.run(m_stop))
            return makeError(ErrorKind::Cancelled, "read " + m_entry.name, "it was cancelled");
        const Match* match = best(comparison);
        if (!match) {
            if (m_holder && hasContent(*m_holder))
                m_result.detail = "other content under the same path: a new generation";
            return place(comparison, Checkpoint{}, asNew());
        }
        const SourceRecord& source = m_sources[match->source];
        const bool samePath = source.path == m_entry.path;
        const bool ends = !(match->all && samePath) && comparison.endsAt(match->last.position, m_stop);
        if (m_stop.stop_requested())
            return makeError(ErrorKind::Cancelled, "read " + m_entry.name, "it was cancelled");
        const bool holds = !samePath && stillHolds(source);
        if (match->all && (samePath || !holds)) return proceed(comparison, *match, samePath);
        if (holds && isSameFile(source)) {
            m_result.keepPath = true;
            if (!ends && match->all) return proceed(comparison, *match, false);
        }
        if (ends && !samePath) {
            m_result.checkpoint = match->last; // what is not read, for the ledger
            return asDuplicate(source);
        }
        const bool shared = samePath || match->last.position >= kCommonHeader;
        if (!shared) return place(comparison, Checkpoint{}, asNew());
        m_result.source = source.id;
        m_result.detail = "begins with the first " + std::to_string(match->last.position) + " bytes of " +
                          source.name + ", which are in the store already";
        return place(comparison, match->last, asNew());
    }

private:
    bool isPipe() const { return m_entry.path == "-" || isFifo(); }
    bool isFifo() const
    {
        struct stat info = {};
        return ::stat(m_entry.path.c_str(), &info) == 0 && S_ISFIFO(info.st_mode);
    }

    /// Of the sources that agree: one that agrees to its end, then the farthest, then the one with the same
    /// path, then the first.
    const Match* best(const Comparison& comparison) const
    {
        const Match* chosen = nullptr;
        const auto rank = [&](const Match& match) {
            const bool samePath = m_sources[match.source].path == m_entry.path;
            return std::tuple(match.all, match.last.position, samePath);
        };
        for (const Match& match : comparison.matches())
            if (!chosen || rank(match) > rank(*chosen)) chosen = &match;
        if (chosen && isPipe() && !comparison.canReplay(chosen->last.position)) {
            // A pipe cannot be read again: take what can still be given from its place.
            for (const Match& match : comparison.matches())
                if (match.last.position > chosen->last.position) chosen = &match;
        }
        return chosen;
    }

    Result<std::unique_ptr<ByteInput>> openPath(const std::string& path) const
    {
        return m_rules.openPath ? m_rules.openPath(path) : openInput(path, m_stop);
    }

    bool isSameFile(const SourceRecord& source) const
    {
        struct stat info = {};
        return m_entry.inode != 0 && m_entry.path.find('!') == std::string::npos &&
               ::stat(source.path.c_str(), &info) == 0 && info.st_dev == m_entry.device &&
               info.st_ino == m_entry.inode;
    }

    bool stillHolds(const SourceRecord& source) const
    {
        if (source.path == "-" || source.path.empty()) return false;
        struct stat info = {};
        if (::stat(source.path.c_str(), &info) == 0 && !S_ISREG(info.st_mode))
            return false; // a FIFO holds nothing
        auto input = openPath(source.path);
        return input && skipTo(**input, checkpointsOf(source), m_stop).has_value();
    }

    void takeHolder()
    {
        if (!m_holder ||
            (m_result.source && *m_result.source == m_holder->id && m_result.what == Newness::Continue))
            return;
        m_result.holder = m_holder->id;
        m_result.renameHolder = hasContent(*m_holder) || m_result.what == Newness::Continue;
    }

    ResumeDecision asNew()
    {
        m_result.what = Newness::New;
        takeHolder();
        return std::move(m_result);
    }

    Result<ResumeDecision> asDuplicate(const SourceRecord& source)
    {
        m_result.what = Newness::Duplicate;
        m_result.source = source.id;
        m_result.detail = "the same content as " + (source.path.empty() ? source.name : source.path);
        takeHolder();
        return std::move(m_result);
    }

    Result<ResumeDecision> proceed(Comparison& comparison, const Match& match, bool samePath)
    {
        const SourceRecord& source = m_sources[match.source];
        m_result.what = Newness::Continue;
        m_result.source = source.id;
        m_result.detail = "goes on at byte " + std::to_string(match.last.position);
        if (!samePath)
            m_result.detail += (m_result.keepPath ? ", also known as " : ", known before as ") + source.path;
        if (!m_result.keepPath) takeHolder();
        return place(comparison, match.last, std::move(m_result));
    }

    /// Positions the decision's input and hash.
    Result<ResumeDecision> place(Comparison& comparison, const Checkpoint& at, ResumeDecision decision)
    {
        if (comparison.canReplay(at.position)) {
            decision.hash = comparison.hashAt(at.position);
            decision.input = comparison.replay(at.position);
            decision.checkpoint = at;
            return decision;
        }
        if (isPipe()) {
            return makeError(
                ErrorKind::Limit, "read " + m_entry.name,
                "what was read ahead of the pipe could not be kept for want of space",
                {"Free space in the folder for temporary files, or write the pipe to a file first."});
        }
        auto input = m_entry.open();
        if (!input) return std::move(input).error();
        auto hash = skipTo(**input, {&at, 1}, m_stop);
        if (!hash) {
            if (m_stop.stop_requested())
                return makeError(ErrorKind::Cancelled, "read " + m_entry.name, "it was cancelled");
            return makeError(ErrorKind::Input, "read " + m_entry.name, "it changed while it was looked at",
                             {"Read it again."});
        }
        decision.hash = std::move(*hash);
        decision.input = std::move(*input);
        decision.checkpoint = at;
        return decision;
    }

    const InputEntry& m_entry;
    std::span<const SourceRecord> m_sources;
    const ResumeRules& m_rules;
    std::stop_token m_stop;
    const SourceRecord* m_holder = nullptr; // the last source with the entry's path
    ResumeDecision m_result;
};

} // namespace

Result<ResumeDecision> decideWhatIsNew(const InputEntry& entry, std::span<const SourceRecord> sources,
                                       const ResumeRules& rules, std::stop_token stop)
{
    return Decision(entry, sources, rules, std::move(stop)).make();
}

std::string olderName(const std::string& name, TimeNs now)
{
    const std::time_t seconds = static_cast<std::time_t>(now / kSecondNs);
    std::tm parts = {};
    ::gmtime_r(&seconds, &parts);
    char text[40];
    const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return name + " (before " + std::string(text, length) + ")";
}

} // namespace faultline
