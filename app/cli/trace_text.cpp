#include "app/cli/trace_text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <vector>

namespace faultline::cli {

std::string spanText(std::int64_t ns)
{
    const double value = static_cast<double>(ns), size = value < 0 ? -value : value;
    char text[64];
    if (size >= 3600e9) {
        const auto minutes = static_cast<long long>(size / 60e9);
        std::snprintf(text, sizeof text, "%s%lldh%02lldm", ns < 0 ? "-" : "", minutes / 60, minutes % 60);
    } else if (size >= 1e9) {
        std::snprintf(text, sizeof text, "%.3f s", value / 1e9);
    } else if (size >= 1e6) {
        std::snprintf(text, sizeof text, "%.3f ms", value / 1e6);
    } else if (size >= 1e3) {
        std::snprintf(text, sizeof text, "%.3f us", value / 1e3);
    } else {
        std::snprintf(text, sizeof text, "%.0f ns", value);
    }
    return text;
}

std::string offsetText(TimeNs time, TimeNs begin)
{
    char text[64];
    const double seconds = (static_cast<double>(time) - static_cast<double>(begin)) / 1e9;
    std::snprintf(text, sizeof text, "%+.3f s", seconds);
    return text;
}

std::string laneName(const TraceLane& lane)
{
    if (lane.others) return "(others)";
    return lane.absent ? "(absent)" : lane.name;
}

std::string laneBar(const Trace& trace, std::size_t lane, std::size_t width, bool utf8)
{
    enum Cell : std::uint8_t { Nothing, Between, Event, Span, Error };
    constexpr std::array<std::string_view, 5> kUtf8{" ", "─", "•", "█", "✗"}, kPlain{" ", "-", "o", "#", "X"};
    if (width == 0) return {};
    std::vector<Cell> cells(width, Nothing);
    const double begin = static_cast<double>(trace.begin);
    const double whole = std::max(static_cast<double>(trace.end) - begin, 1.0);
    const auto columnOf = [&](TimeNs time) {
        const double at = (static_cast<double>(time) - begin) / whole * static_cast<double>(width);
        return std::clamp<std::size_t>(at <= 0 ? 0 : static_cast<std::size_t>(at), 0, width - 1);
    };
    const auto fill = [&](TimeNs from, TimeNs to, Cell cell) {
        for (std::size_t i = columnOf(from); i <= columnOf(to); ++i) cells[i] = std::max(cells[i], cell);
    };
    const TraceLane& own = trace.lanes[lane];
    if (own.timed) fill(own.begin, own.end, Between);
    for (const TraceSpan& span : trace.spans)
        if (span.lane == lane && span.begin < span.end) fill(span.begin, span.end, Span);
    for (const TraceEvent& event : trace.list)
        if (event.lane == lane && event.timed)
            fill(event.key.time, event.key.time, event.severity >= 17 ? Error : Event);
    std::string bar;
    for (const Cell cell : cells) bar += (utf8 ? kUtf8 : kPlain)[cell];
    while (bar.ends_with(' ')) bar.pop_back();
    return bar;
}

} // namespace faultline::cli
