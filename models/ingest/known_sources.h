#pragma once
#include "models/store/source_record.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace faultline {

/// What the store knows of its sources, with an index for the question which of them an input may be: nobody
/// goes over all of them for one input.
///
/// Threads  Any. What is handed out is a copy, or never changes.
class KnownSources
{
public:
    using Ptr = std::shared_ptr<const SourceRecord>;
    KnownSources() = default;
    explicit KnownSources(std::span<const SourceRecord> sources);

    void assign(std::vector<SourceRecord> sources);
    void put(SourceRecord source); ///< adds it, or takes the place of the one with its id
    void erase(SourceId id);
    /// Adds what a commit made durable to the account of a source that is known.
    void note(SourceId id, const Ledger& delta, const std::optional<Checkpoint>& checkpoint,
              const std::optional<SourceState>& state, const std::string& detail, const std::string& format);

    /// While a run reads many inputs for the first time, what it stores of one is no candidate for the
    /// others, or each would be held against all: only where two begin alike is the first one revealed.
    void hideNew(bool hide);
    void reveal(SourceId id);

    Ptr find(SourceId id) const;
    std::vector<Ptr> withPath(const std::string& path) const; ///< by id
    bool anyContent() const;
    /// Positions behind `after` at which some source has its first checkpoint: the next few, ascending.
    std::vector<std::uint64_t> firstPositions(std::uint64_t after) const;
    /// Sources whose first checkpoint is this one, by id.
    std::vector<Ptr> beginningWith(std::uint64_t position, const Hash128& hash) const;

    /// All checkpoints of a source; the last one alone where the list was not asked for.
    static std::span<const Checkpoint> checkpointsOf(const SourceRecord& source);
    static bool hasContent(const SourceRecord& source) { return checkpointsOf(source).back().position > 0; }

private:
    static const Checkpoint* firstOf(const SourceRecord& source);
    void insert(SourceRecord source); // with m_mutex held, as the next ones
    void remove(SourceId id);
    void indexFirst(const SourceRecord& source);
    void unindexFirst(const SourceRecord& source);

    mutable std::mutex m_mutex;
    bool m_hideNew = false;
    std::set<SourceId> m_hidden; ///< have content, and are not in m_firsts
    std::map<SourceId, std::shared_ptr<SourceRecord>>
        m_sources; ///< changed in place while nobody else has it
    std::unordered_map<std::string, std::set<SourceId>> m_byPath;
    std::map<std::uint64_t, std::map<std::array<std::uint8_t, 16>, std::set<SourceId>>> m_firsts;
};

} // namespace faultline
