#pragma once
#include "models/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// A store in the data directory.
struct CatalogueEntry
{
    std::string path;
    std::string name;         ///< file name without ".faultline"
    std::uint64_t bytes = 0;  ///< database, write-ahead log and shared memory file
    std::int64_t changed = 0; ///< last write, seconds since 1970
    bool inUse = false;       ///< a process has it open for writing
};

/// The stores of this user: one file each in a folder of their own, readable by the user alone. Any thread;
/// blocks on disk.
class Catalogue
{
public:
    /// `directory` empty: $FAULTLINE_DATA_DIR, else $XDG_DATA_HOME/faultline, else ~/.local/share/faultline.
    explicit Catalogue(std::string directory = {});
    const std::string& directory() const { return m_directory; }

    /// Where the store of a folder or file lies: its last names for people, and a hash of its absolute path,
    /// so that the same folder finds the same store again. The store need not exist.
    std::string pathFor(std::string_view absolutePath) const;
    /// The store for input that has no place of its own (stdin).
    std::string defaultPath() const;

    /// By name. A missing directory has no stores.
    Result<std::vector<CatalogueEntry>> list() const;
    /// Deletes a store with its log, shared memory and lock files. Locked while a process writes it; Input
    /// when the file is not a store.
    static Status remove(const std::string& path);
    /// Moves a store, also to another file system. Locked while a process writes it; Input when `to` exists.
    static Status move(const std::string& from, const std::string& to);

private:
    std::string m_directory;
};

} // namespace faultline
