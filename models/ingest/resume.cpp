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

/// How far a source's checkpoints agree with the input.
struct Match
{
    KnownSources::Ptr source;
    Checkpoint last;
    bool all = false; ///< up to its last one
};

/// What was read too much, then the rest.
class RestFirst final : public ByteInput
{
public:
    RestFirst(std::string rest, std::unique_ptr<ByteInput> input)
        : m_rest(std::move(rest)), m_input(std::move(input))
    {}
    Result<Chunk> read(char* buffer, std::size_t capacity) override
    {
        if (m_at == m_rest.size()) return m_input->read(buffer, capacity);
        const std::size_t given = m_rest.copy(buffer, capacity, m_at);
        m_at += given;
        return Chunk{given, false};
    }
    std::uint64_t consumed() const override { return m_input->consumed(); }
    std::uint64_t size() const override { return m_input->size(); }

private:
    std::string m_rest;
    std::size_t m_at = 0;
    std::unique_ptr<ByteInput> m_input;
};

/// Reads an input from byte 0 and holds it against the checkpoints.
class Comparison
{
public:
    Comparison(std::unique_ptr<ByteInput> input, const KnownSources& sources, bool toDisk,
               const ResumeRules& rules)
        : m_input(std::move(input))
        , m_sources(sources)
        , m_spool(toDisk, rules.spoolFolder)
        , m_buffer(kPiece)
        , m_patience(rules.patience)
    {}

    /// Against one source alone. False when stopped.
    bool runAgainst(const KnownSources::Ptr& source, const std::stop_token& stop)
    {
        const auto all = KnownSources::checkpointsOf(*source);
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (all[i].position <= m_position) continue;
            if (!advance(all[i].position, stop)) return false;
            if (m_position < all[i].position || !(m_hash.digest() == all[i].hash)) return true;
            if (m_matches.empty()) m_matches.push_back({source, {}, false});
            m_matches.front().last = all[i];
            m_matches.front().all = i + 1 == all.size();
            noteMatch(m_position);
        }
        return true;
    }

    /// False when stopped.
    bool run(const std::stop_token& stop)
    {
        std::vector<std::uint64_t> firsts = m_sources.firstPositions(0); // the next few
        std::size_t next = 0;
        for (;;) {
            if (next == firsts.size() && next != 0) {
                firsts = m_sources.firstPositions(firsts.back());
                next = 0;
            }
            const bool first = next < firsts.size();
            if (!first && m_open.empty()) return true;
            std::uint64_t place = first ? firsts[next] : m_open.top().position;
            if (!m_open.empty()) place = std::min(place, m_open.top().position);
            if (!advance(place, stop)) return false;
            if (m_position < place) return true; // it ends before
            const Hash128 digest = m_hash.digest();
            bool matched = false;
            std::vector<Next> here;
            for (; !m_open.empty() && m_open.top().position == place; m_open.pop())
                here.push_back(m_open.top());
            for (const Next& one : here) matched = goOn(one, digest) || matched;
            if (first && firsts[next] == place) {
                ++next;
                for (KnownSources::Ptr& source : m_sources.beginningWith(place, digest))
                    matched = begin(std::move(source), place) || matched;
            }
            if (matched) noteMatch(place);
        }
    }

    const std::vector<Match>& matches() const { return m_matches; }

    /// True when the input has nothing after `position`.
    bool endsAt(std::uint64_t position, const std::stop_token& stop)
    {
        if (m_position > position) return false;
        return advance(position + 1, stop) && m_position == position && m_ended && m_from == m_filled;
    }
    /// True when the bytes from `position` on are at hand.
    bool canReplay(std::uint64_t position) const
    {
        return m_spool.complete() && m_spool.begin() <= position && (position == 0 || position == m_matched);
    }
    std::unique_ptr<ByteInput> replay(std::uint64_t position)
    {
        if (m_from < m_filled)
            m_input = std::make_unique<RestFirst>(std::string(m_buffer.data() + m_from, m_filled - m_from),
                                                  std::move(m_input));
        return makeReplayInput(std::move(m_spool), position, std::move(m_input));
    }
    RunningHash hashAt(std::uint64_t position) const
    {
        return position == 0 ? RunningHash() : m_matchedHash.clone();
    }

private:
    /// A checkpoint that comes next for a source that agrees so far.
    struct Next
    {
        std::uint64_t position;
        std::size_t match, checkpoint;
        bool operator>(const Next& other) const { return position > other.position; }
    };

    /// Always true: the source's first checkpoint is met.
    bool begin(KnownSources::Ptr source, std::uint64_t place)
    {
        const auto all = KnownSources::checkpointsOf(*source);
        std::size_t at = 0;
        while (all[at].position < place) ++at;
        m_matches.push_back({std::move(source), all[at], all.back().position == place});
        await(m_matches.size() - 1, at + 1);
        return true;
    }

    bool goOn(const Next& next, const Hash128& digest)
    {
        Match& match = m_matches[next.match];
        const auto all = KnownSources::checkpointsOf(*match.source);
        if (!(all[next.checkpoint].hash == digest)) return false;
        match.last = all[next.checkpoint];
        match.all = all.back().position == next.position;
        await(next.match, next.checkpoint + 1);
        return true;
    }

    void await(std::size_t match, std::size_t checkpoint)
    {
        const auto all = KnownSources::checkpointsOf(*m_matches[match].source);
        while (checkpoint < all.size() && all[checkpoint].position <= m_position) ++checkpoint;
        if (checkpoint < all.size()) m_open.push({all[checkpoint].position, match, checkpoint});
    }

    void noteMatch(std::uint64_t place)
    {
        m_matched = place;
        m_matchedHash = m_hash.clone();
        if (place >= kCommonHeader) m_spool.restart(place);
    }

    /// Takes in bytes up to `place` or the end; false when stopped. Reads whole buffers, so that many places
    /// close to each other cost one call of the system.
    bool advance(std::uint64_t place, const std::stop_token& stop)
    {
        auto heard = std::chrono::steady_clock::now();
        while (m_position < place) {
            if (m_from < m_filled) {
                const auto taken =
                    static_cast<std::size_t>(std::min<std::uint64_t>(m_filled - m_from, place - m_position));
                const std::string_view bytes(m_buffer.data() + m_from, taken);
                m_hash.add(bytes);
                m_spool.add(bytes);
                m_position += taken;
                m_from += taken;
                continue;
            }
            if (m_ended || m_silent) return true;
            if (stop.stop_requested()) return false;
            auto chunk = m_input->read(m_buffer.data(), m_buffer.size());
            if (!chunk) {
                m_ended = true;
                return true;
            }
            m_from = 0;
            m_filled = chunk->bytes;
            m_ended = chunk->eof;
            if (chunk->bytes != 0 || chunk->eof || m_position == 0)
                heard = std::chrono::steady_clock::now();
            else
                m_silent = std::chrono::steady_clock::now() - heard >= m_patience;
        }
        return true;
    }

    std::unique_ptr<ByteInput> m_input;
    const KnownSources& m_sources;
    Spool m_spool;
    std::vector<char> m_buffer;
    std::size_t m_from = 0, m_filled = 0; ///< of m_buffer: read, and not yet taken in
    RunningHash m_hash, m_matchedHash;
    std::uint64_t m_position = 0, m_matched = 0;
    std::chrono::milliseconds m_patience;
    bool m_ended = false, m_silent = false; ///< the input; what was read of it may still wait
    std::priority_queue<Next, std::vector<Next>, std::greater<>> m_open;
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
    Decision(const InputEntry& entry, const KnownSources& sources, const ResumeRules& rules,
             std::stop_token stop)
        : m_entry(entry), m_sources(sources), m_rules(rules), m_stop(std::move(stop))
    {
        if (entry.path == "-") return;
        const auto holders = sources.withPath(entry.path);
        if (!holders.empty()) m_holder = holders.back();
        m_oneHolder = holders.size() == 1;
    }

    Result<ResumeDecision> make()
    {
        auto input = m_entry.open();
        if (!input) return std::move(input).error();
        if (m_rules.again || !m_sources.anyContent()) {
            m_result.input = std::move(*input);
            if (m_rules.again && m_holder && KnownSources::hasContent(*m_holder))
                m_result.detail = "read again, as asked";
            return asNew();
        }
        if (looksUnchanged()) {
            // No other source can agree further than to its end.
            Comparison own(std::move(*input), m_sources, false, m_rules);
            if (!own.runAgainst(m_holder, m_stop)) return cancelled();
            const bool all = !own.matches().empty() && own.matches().front().all;
            if (all && own.endsAt(own.matches().front().last.position, m_stop) && isFree(*m_holder))
                return proceed(own, own.matches().front(), true);
            if (m_stop.stop_requested()) return cancelled();
            input = m_entry.open();
            if (!input) return std::move(input).error();
        }
        Comparison comparison(std::move(*input), m_sources, isPipe(), m_rules);
        if (!comparison.run(m_stop)) return cancelled();
        const Match* match = best(comparison);
        if (!match) {
            if (m_holder && KnownSources::hasContent(*m_holder))
                m_result.detail = "other content under the same path: a new generation";
            return place(comparison, Checkpoint{}, asNew());
        }
        const SourceRecord& source = *match->source;
        const bool samePath = source.path == m_entry.path;
        const bool ends = !(match->all && samePath) && comparison.endsAt(match->last.position, m_stop);
        if (m_stop.stop_requested()) return cancelled();
        const bool holds = !samePath && stillHolds(source);
        if (match->all && (samePath || !holds) && isFree(source))
            return proceed(comparison, *match, samePath);
        if (holds && isSameFile(source)) {
            m_result.keepPath = true;
            if (!ends && match->all && isFree(source)) return proceed(comparison, *match, false);
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
    Error cancelled() const
    {
        return makeError(ErrorKind::Cancelled, "read " + m_entry.name, "it was cancelled");
    }
    /// Whether this run may go on with it: no other one writes it.
    bool isFree(const SourceRecord& source) const { return !m_rules.take || m_rules.take(source.id); }
    /// A plain file of just the length that the source with its path has. Only a hint: it is compared.
    bool looksUnchanged() const
    {
        struct stat info = {};
        return m_oneHolder && KnownSources::hasContent(*m_holder) &&
               ::stat(m_entry.path.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
               static_cast<std::uint64_t>(info.st_size) ==
                   KnownSources::checkpointsOf(*m_holder).back().position;
    }
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
            const bool samePath = match.source->path == m_entry.path;
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
        return input && skipTo(**input, KnownSources::checkpointsOf(source), m_stop).has_value();
    }

    void takeHolder()
    {
        if (!m_holder ||
            (m_result.source && *m_result.source == m_holder->id && m_result.what == Newness::Continue))
            return;
        m_result.holder = m_holder->id;
        m_result.renameHolder = KnownSources::hasContent(*m_holder) || m_result.what == Newness::Continue;
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
        const SourceRecord& source = *match.source;
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
            if (m_stop.stop_requested()) return cancelled();
            return makeError(ErrorKind::Input, "read " + m_entry.name, "it changed while it was looked at",
                             {"Read it again."});
        }
        decision.hash = std::move(*hash);
        decision.input = std::move(*input);
        decision.checkpoint = at;
        return decision;
    }

    const InputEntry& m_entry;
    const KnownSources& m_sources;
    const ResumeRules& m_rules;
    std::stop_token m_stop;
    KnownSources::Ptr m_holder; // the last source with the entry's path
    bool m_oneHolder = false;
    ResumeDecision m_result;
};

} // namespace

Result<ResumeDecision> decideWhatIsNew(const InputEntry& entry, const KnownSources& sources,
                                       const ResumeRules& rules, std::stop_token stop)
{
    return Decision(entry, sources, rules, std::move(stop)).make();
}

bool beginsWithSource(const std::string& path, const SourceRecord& source, const std::stop_token& stop)
{
    const auto checkpoints = KnownSources::checkpointsOf(source);
    if (checkpoints.empty() || checkpoints.back().position == 0) return false;
    auto input = openInput(path, stop);
    return input && skipTo(**input, checkpoints, stop).has_value();
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
