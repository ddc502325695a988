#pragma once
#include "models/base/result.h"
#include "models/base/time.h"
#include "models/store/catalogue.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace faultline {

/// A store that was looked at, for lists of what can be opened again.
struct RecentStore
{
    std::string path;
    std::string name;        ///< file name without ".faultline"
    std::uint64_t bytes = 0; ///< database and write-ahead log
};

/// The name for a store of what a command writes, which was begun now: "followed-2026-11-23T01-42-31".
std::string followedStoreName(TimeNs now);

/// Which store a command or a window works on: a case (what the user named) gets a store of its own in the
/// catalogue of the data directory, and the one used last is remembered.
///
/// Threads  Any; touches the disk.
class StorePlaces
{
public:
    /// `dataDirectory` empty: that of the user, see Catalogue.
    explicit StorePlaces(std::string dataDirectory = {}) : m_catalogue(std::move(dataDirectory)) {}
    const std::string& directory() const { return m_catalogue.directory(); }

    /// The store for these paths: the same paths give the same store, in any order and whatever folder they
    /// are named from.
    std::string forPaths(const std::vector<std::string>& paths) const;
    /// A store with a given name, such as the demo's.
    std::string named(const std::string& name) const;

    Result<std::vector<CatalogueEntry>> list() const { return m_catalogue.list(); }
    /// By name, or by path also elsewhere; NotFound with the names there are.
    Result<CatalogueEntry> find(const std::string& nameOrPath) const;

    /// The store used last, empty when there is none (any more).
    std::string last() const;
    /// Best effort: where the data directory cannot be written, --store must be given next time.
    void rememberLast(const std::string& path) const;
    /// Stores that still exist, the one used last first: those that were remembered, wherever they lie, then
    /// the others of the data directory, newest first.
    std::vector<RecentStore> recent(std::size_t most) const;

private:
    Catalogue m_catalogue;
};

} // namespace faultline
