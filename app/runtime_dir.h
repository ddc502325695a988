#pragma once

namespace faultline {

/// Gives XDG_RUNTIME_DIR a value where it has none, as on a machine without a login session (ssh, a
/// container, cron): /run/user/UID when it is there, else a folder of the user's own below the temporary one.
/// Without it Qt makes one too, and complains on stderr about a machine that is well. Call it before the
/// window is made; changes the environment of this process.
void ensureRuntimeDirectory();

} // namespace faultline
