#pragma once
// Private to MainWindow's own files.
#include "models/session/compare_service.h"
#include "models/session/live_feeds.h"
#include "views/start/read_flow.h"
#include "views/window/main_window.h"

namespace faultline {

/// The services of the open case. Destroyed in reverse: readers of the store before the store.
struct MainWindow::Case
{
    std::shared_ptr<OpenedCase> opened;
    std::shared_ptr<QueryService> queries;
    std::shared_ptr<CompareService> compares;
    std::unique_ptr<StoreMonitor> monitor;
    std::unique_ptr<IngestService> ingest;
    std::unique_ptr<LiveFeeds> feeds;
    std::unique_ptr<ReadFlow> flow;  ///< what is asked before a read
    std::shared_ptr<void> lookAhead; ///< of `flow`, when that has gone

    /// Nothing of it is told any more; then it may be destroyed on any thread, where it may wait for commits,
    /// for commands that it follows, and for the store's file.
    void retire()
    {
        lookAhead = flow->retire();
        flow.reset();
        feeds->retire();
        ingest->retire();
        monitor->retire();
        compares->retire();
        queries->retire();
    }
};

} // namespace faultline
