#pragma once
#include "models/ingest/byte_input.h"

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// InputEntry::skipReason of a file without a byte.
inline constexpr std::string_view kSkippedEmpty = "empty";

/// Finds what there is to read behind paths as people type them: files, folders (recursive), globs (glob.h),
/// archives (each member is an entry, archives in archives too, kMaxNesting deep), "-" for standard input.
///
/// Order    As named; what is found under one name in the order of pathBefore() (rotated series oldest
/// first);
///          members in the order of their archive. The same in every run.
/// Skipped  Nothing vanishes: an entry with a skipReason stands for what is not read: no log by its first 4
/// KiB
///          (decompressed), empty, encrypted, unreadable, a link to nothing, a device, a CSV table, prose
///          (not when named), editors' and version control folders' files (only in folders, never when
///          named), a file that was reached before by another name.
/// Links    Followed, files and folders; a folder is entered once. A path without a link is preferred.
/// Limits   At most 100,000 members of one file; the rest is one skipped entry. Memory is bounded by the list
/// itself. Errors   Cancelled. Everything else is said in the entries. Threads  Any. The entries' open() may
/// be called from any thread; members of one archive share a cursor, so that
///          opening them in order, one after another, decompresses a tar.gz once. `stop` also ends reads of
///          pipes.
Result<std::vector<InputEntry>> discoverInputs(const std::vector<std::string>& paths,
                                               std::stop_token stop = {});

/// A look that must not take long.
struct DiscoverWithin
{
    /// True when the time is over; asked before each file and folder, and within archives. What is left then
    /// is listed by its name and size, and unlooked; a folder or archive that was not listed to its end says
    /// so in an entry of its own, unlooked too.
    std::function<bool()> over;
    std::size_t headBytes = 16u << 20; ///< of all InputEntry::head together
};
/// The same for somebody who asks what there is, and does not read: as long as there is time.
Result<std::vector<InputEntry>> discoverWithin(const std::vector<std::string>& paths,
                                               const DiscoverWithin& within, std::stop_token stop = {});

/// Why a file or folder with this name is left out when a folder is read ("a file of an editor"), or empty.
std::string junkReason(std::string_view name, bool folder);

/// The entry of one plain file, looked into as discoverInputs() does; archives give one entry with a
/// skipReason. For following: `path` is absolute; `named`: a person named it, so that prose is read.
InputEntry inspectFile(const std::string& path, const std::string& name, bool named,
                       std::stop_token stop = {});

} // namespace faultline
