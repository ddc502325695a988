#pragma once
#include "models/base/result.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace faultline {

/// Small documents of the user, kept over restarts by name: settings, the session of a store, saved views,
/// the history of searches. Each is a JSON object of at most 4 MiB.
///
///   DATA/state/NAME.json            of the user
///   DATA/state/stores/KEY/NAME.json of a store; KEY is XXH3-128 of the canonical path of its file
///
/// Readable by the user alone. A document is replaced as a whole (written beside, synchronised, renamed), so
/// that no reader sees half of one; update() holds a lock file meanwhile, so that two processes that add to
/// one document lose nothing. One that cannot be read is kept aside under another name, and said once.
///
/// Threads  Any; blocks on disk.
class UserState
{
public:
    static constexpr std::size_t kMostBytes = 4 * 1024 * 1024;
    /// Stores that are remembered; those not written for longest are forgotten.
    static constexpr std::size_t kMostStores = 500;

    /// Below this data directory (StorePlaces::directory()).
    explicit UserState(std::string dataDirectory);

    struct Document
    {
        std::string json; ///< empty: there is none
        /// There was one, and it could not be read: where it is kept now. To be shown to the user.
        std::optional<Error> damaged;
    };
    /// `store` is the path of a store's file, empty for the user's own documents. `name` is of a-z, 0-9 and
    /// '-'. Error: Store, where the disk fails; a document that is not there is no error.
    Result<Document> read(const std::string& store, std::string_view name) const;
    /// Error: Input when it is no JSON object, Limit when it is too large, Store, DiskFull.
    Status write(const std::string& store, std::string_view name, std::string_view json) const;
    /// Replaces the document by what `change` makes of it, while no other process does; empty: leaves it.
    Status update(const std::string& store, std::string_view name,
                  const std::function<std::string(const std::string& before)>& change) const;
    /// Whoever reads it cannot make sense of it: puts it aside, and gives what to say about that.
    Error setAside(const std::string& store, std::string_view name, const std::string& why) const;
    /// Where a document lies.
    std::string path(const std::string& store, std::string_view name) const;

private:
    std::string folder(const std::string& store) const;
    Status makeFolder(const std::string& store) const;
    void forgetOldStores() const;
    std::string m_root;
};

} // namespace faultline
