#pragma once
#include "app/cli/command.h"
#include "models/session/workspace.h"

#include <memory>
#include <string>
#include <vector>

namespace faultline::cli {

/// What `ingest`, `demo` and `overview` share: a store for the paths, a run with progress and cancel.
struct ReadIn
{
    std::shared_ptr<Workspace> workspace;
    IngestReport report;
    /// No record was read, and nothing of what was named is known from before: why, such as "a.bin is
    /// skipped: binary data". Empty otherwise.
    std::string nothing;
};

/// A store is made in a folder that is there; only the data directory's own is made with it. A path that
/// leads nowhere is a slip of the fingers.
Status folderOfStoreExists(const Context& context, const std::string& store);

/// Opens (makes) `store` and reads the request into it. When nothing is there under any of the paths that is
/// an error, and no store is made. On Ctrl-C asks on a terminal whether to keep or to
/// discard what was committed; elsewhere keeps it. Either way says so on stderr; report.cancelled tells the
/// caller.
Result<ReadIn> readIn(const Context& context, const std::string& store, const IngestRequest& request);

/// Lets go of the store, which brings its file into its final form, and prints its path and its size: what ls
/// says.
void printStoreLine(const Context& context, ReadIn& done);

/// The exit code of a run: Trouble when it was cancelled or a named source could not be read; AnswerIsNo when
/// nothing that was named is a log, which is said on stderr.
int exitCodeOf(const Context& context, const ReadIn& done);

} // namespace faultline::cli
