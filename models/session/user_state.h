#pragma once
#include "models/base/result.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace faultline {

/// How long another process that holds a lock is waited for; after `stop` there is one more try.
struct LockPatience
{
    std::chrono::milliseconds most{5'000};
    std::stop_token stop;
};

/// Small documents of the user, kept over restarts by name: settings, the session of a store, saved views,
/// the history of searches. Each is a JSON object of at most 4 MiB.
///
///   DATA/state/NAME.json            of the user
///   DATA/state/stores/KEY/NAME.json of a store; KEY is XXH3-128 of the canonical path of its file
///
/// Readable by the user alone. A document is replaced as a whole (written beside, synchronised, renamed), so
/// that no reader sees half of one; update() holds a lock file meanwhile, so that two processes that add to
/// one document lose nothing. One that cannot be read is kept aside under another name, and said once: under
/// that lock too, so that what is put aside is the broken one and not what another process wrote meanwhile.
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
    Result<Document> read(const std::string& store, std::string_view name,
                          const LockPatience& patience = {}) const;
    /// Replaces it, whatever is there; where the lock cannot be had in that time, without it. Error: Input
    /// when it is no JSON object, Limit when it is too large, Store, DiskFull.
    Status write(const std::string& store, std::string_view name, std::string_view json,
                 const LockPatience& patience = {}) const;
    /// What is to become of a document; empty: it stays as it is. An Error says that what is there is no such
    /// document: it is put aside, and asked for once more with nothing before.
    using Change = std::function<Result<std::string>(const std::string& before)>;
    /// Replaces the document by what `change` makes of it, while no other process does; gives what is there
    /// then. Error: those of write(), Locked when another process does not let go in that time.
    Result<Document> update(const std::string& store, std::string_view name, const Change& change,
                            const LockPatience& patience = {}) const;
    /// Where a document lies.
    std::string path(const std::string& store, std::string_view name) const;
    /// The folder of the documents of a store, or of the user; made when it is missing.
    Result<std::string> makeFolder(const std::string& store) const;

private:
    std::string folder(const std::string& store) const;
    void forgetOldStores() const;
    std::string m_root;
};

} // namespace faultline
