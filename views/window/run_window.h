#pragma once
#include "models/session/case_opener.h"
#include "models/session/view_link.h"

#include <optional>
#include <stop_token>
#include <vector>

namespace faultline {

/// What the window is started with.
struct WindowRequest
{
    CaseRequest first;            ///< opened at once when it names paths, a store or the demo
    std::optional<ViewLink> link; ///< the view to begin with: its query and its range
    CaseOpener::Places places;
    std::optional<Error> failure; ///< why what was asked for cannot be opened; shown
    std::vector<Error> damaged;   ///< of the user's settings: told in the status line
};

/// Whether a window can be shown here: a display is there, or a platform was named.
bool canShowWindow();

/// Settings of the process for a window, to be made early: as many heaps as cores, and not eight times
/// as many, so that what a question gave back is used by the next one (a sixth less memory after many
/// questions over ten million events).
void prepareProcess();

/// Runs the window until it is closed, or `stop` is requested (Ctrl-C, SIGTERM); gives the exit code of the
/// process.
int runWindow(int& argc, char** argv, const WindowRequest& request, std::stop_token stop);

} // namespace faultline
