#pragma once
#include "models/base/result.h"

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace faultline {

/// What may have changed since the last time it was asked. A hint: it is always checked against the file
/// system.
struct FileChanges
{
    bool rescan = false;               ///< names changed, or events were lost: look at everything
    std::vector<std::string> modified; ///< paths whose content changed, each once
};

/// Tells when to look again. One thread.
class ChangeSource
{
public:
    virtual ~ChangeSource() = default;
    /// Adds a folder; again is harmless. An Error (limit of watches, not a local file system) leaves it
    /// unwatched.
    virtual Status watch(const std::string& folder) = 0;
    /// Returns as soon as there is a change, after `timeout`, or on `stop`.
    virtual Result<FileChanges> wait(std::chrono::milliseconds timeout, std::stop_token stop) = 0;
    /// False: it sees nothing by itself, look regularly.
    virtual bool sees() const = 0;
};

/// inotify(7); where the kernel has none to give, the polling one.
std::unique_ptr<ChangeSource> makeInotifySource();
/// Only waits.
std::unique_ptr<ChangeSource> makePollingSource();

} // namespace faultline
