#include "app/cli/progress.h"

#include "app/cli/table.h"

namespace faultline::cli {

void ProgressLine::show(const IngestProgress& progress)
{
    if (!m_context.errIsTerminal) return;
    std::string text;
    char buffer[96];
    if (progress.paused) text = "the disk is full, waiting for space: ";
    if (progress.bytesTotal != 0) {
        const double share =
            static_cast<double>(progress.bytesDone) / static_cast<double>(progress.bytesTotal);
        std::snprintf(buffer, sizeof buffer, "%3.0f %%  ", share * 100);
        text += buffer;
    }
    text += counted(progress.events, "event") + "  " + humanBytes(progress.decodedBytes);
    if (progress.bytesPerSecond > 0)
        text += "  " + humanBytes(static_cast<std::uint64_t>(progress.bytesPerSecond)) + "/s";
    if (progress.secondsLeft >= 0) {
        const auto left = static_cast<unsigned long>(progress.secondsLeft + 0.5);
        std::snprintf(buffer, sizeof buffer, "  %lu:%02lu left", left / 60, left % 60);
        text += buffer;
    }
    if (progress.quarantined != 0) text += "  " + grouped(progress.quarantined) + " quarantined";
    if (progress.sourcesTotal > 1)
        text += "  source " + grouped(progress.sourcesDone + 1) + " of " + grouped(progress.sourcesTotal);
    if (!progress.current.empty()) text += "  " + safe(progress.current);
    show(text);
}

void ProgressLine::show(const std::string& text)
{
    if (!m_context.errIsTerminal) return;
    const std::lock_guard lock(m_mutex);
    std::fprintf(m_context.err, "\r\x1b[K%s",
                 cutToWidth(text, m_context.width > 1 ? m_context.width - 1 : 79).c_str());
    std::fflush(m_context.err);
    m_shown = true;
}

void ProgressLine::clear()
{
    const std::lock_guard lock(m_mutex);
    if (!m_shown) return;
    std::fputs("\r\x1b[K", m_context.err);
    std::fflush(m_context.err);
    m_shown = false;
}

} // namespace faultline::cli
