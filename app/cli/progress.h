#pragma once
#include "app/cli/command.h"
#include "models/ingest/ingest.h"

#include <mutex>

namespace faultline::cli {

/// One line on stderr that is written over: how far an ingest is. Silent where stderr is not a terminal. Any
/// thread.
class ProgressLine
{
public:
    explicit ProgressLine(const Context& context) : m_context(context) {}
    ~ProgressLine() { clear(); }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(const IngestProgress& progress);
    void show(const std::string& text);
    void clear();

private:
    const Context& m_context;
    std::mutex m_mutex;
    bool m_shown = false;
};

} // namespace faultline::cli
