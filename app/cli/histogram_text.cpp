#include "app/cli/histogram_text.h"

#include "app/cli/table.h"
#include "models/session/dense_range.h"

#include <algorithm>

namespace faultline::cli {

Result<TimeNs> automaticStep(Workspace& workspace, TimeRange range, unsigned buckets)
{
    auto snapshot = workspace.store()->snapshot();
    if (!snapshot) return snapshot.error();
    // Where nearly all events lie: one event of 1970 must not make a bucket of a year.
    const TimeRange dense = denseRange(**snapshot, *workspace.store()).dense;
    const TimeNs begin = std::max(range.begin, dense.begin), end = std::min(range.end, dense.end);
    // In halves, so that the widest range does not overflow.
    const TimeNs half = end > begin ? end / 2 - begin / 2 : 0;
    constexpr TimeNs kSecond = kSecondNs, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
    constexpr TimeNs kSteps[] = {
        1'000'000,   5'000'000,    10'000'000,   50'000'000,   100'000'000,  500'000'000, kSecond,
        2 * kSecond, 5 * kSecond,  10 * kSecond, 15 * kSecond, 30 * kSecond, kMinute,     2 * kMinute,
        5 * kMinute, 10 * kMinute, 15 * kMinute, 30 * kMinute, kHour,        2 * kHour,   3 * kHour,
        6 * kHour,   12 * kHour,   kDay,         7 * kDay,     30 * kDay,    90 * kDay,   365 * kDay};
    for (const TimeNs step : kSteps)
        if (half / step <= static_cast<TimeNs>(buckets) / 2) return step;
    return 10 * 365 * kDay;
}

void printHistogram(const Context& context, const HistogramQuestion& question, const HistogramAnswer& answer)
{
    // What fits on a terminal; a pipe gets every column.
    const std::size_t columns = context.outIsTerminal ? 6 : answer.series.size();
    std::vector<std::string> titles;
    std::vector<std::vector<std::uint64_t>> series;
    std::vector<std::uint64_t> sum(answer.buckets);
    for (std::size_t s = 0; s < answer.series.size(); ++s) {
        const HistogramAnswer::Series& from = answer.series[s];
        for (std::size_t i = 0; i < answer.buckets; ++i) sum[i] += from.counts[i];
        if (question.by.empty()) continue;
        if (s < columns) {
            std::string title;
            for (std::size_t k = 0; k < from.group.size(); ++k)
                title += (k > 0 ? "/" : "") + (from.absent[k] ? std::string("(absent)") : from.group[k]);
            title = safe(from.other ? "(other)" : title);
            titles.push_back(context.outIsTerminal ? cutToWidth(title, 20) : title);
            series.push_back(from.counts);
        } else {
            if (s == columns) {
                titles.push_back("(more)");
                series.emplace_back(answer.buckets);
            }
            for (std::size_t i = 0; i < answer.buckets; ++i) series.back()[i] += from.counts[i];
        }
    }
    titles.insert(titles.begin(), "events");
    series.insert(series.begin(), sum);
    std::vector<std::size_t> widths;
    std::size_t used = 21;
    for (std::size_t c = 0; c < titles.size(); ++c) {
        std::uint64_t most = 0;
        for (const std::uint64_t count : series[c]) most = std::max(most, count);
        widths.push_back(std::max(displayWidth(titles[c]), grouped(most).size()));
        used += widths.back() + 2;
    }
    const std::size_t room = context.outIsTerminal ? context.width : 120;
    const std::size_t bar = room > used + 12 ? std::min<std::size_t>(room - used - 2, 60) : 10;
    std::uint64_t most = 1;
    for (const std::uint64_t count : sum) most = std::max(most, count);

    const auto right = [](const std::string& text, std::size_t width) {
        const std::size_t own = displayWidth(text);
        return std::string(width > own ? width - own : 0, ' ') + text;
    };
    std::string line = "time (UTC)           ";
    for (std::size_t c = 0; c < titles.size(); ++c) line += right(titles[c], widths[c]) + "  ";
    while (line.ends_with(' ')) line.pop_back();
    print(context, line + '\n');
    for (std::size_t i = 0; i < answer.buckets; ++i) {
        const TimeNs time =
            question.origin + (answer.firstBucket + static_cast<std::int64_t>(i)) * question.step;
        const std::string stamp = humanTime(time);
        line = question.step % kSecondNs == 0 ? stamp.substr(0, 19) + "  " : stamp.substr(2) + "";
        for (std::size_t c = 0; c < titles.size(); ++c)
            line += right(grouped(series[c][i]), widths[c]) + "  ";
        // Eighths of a column where the terminal can show them; any event at all shows as something.
        const std::uint64_t eighths = std::max<std::uint64_t>(
            static_cast<std::uint64_t>(static_cast<double>(sum[i]) / static_cast<double>(most) *
                                       static_cast<double>(bar) * 8),
            sum[i] > 0 ? 1 : 0);
        if (context.utf8) {
            constexpr const char* kBlocks[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
            for (std::uint64_t k = 0; k < eighths / 8; ++k) line += "█";
            line += kBlocks[eighths % 8];
        } else {
            line.append((eighths + 7) / 8, '#');
        }
        while (line.ends_with(' ')) line.pop_back();
        print(context, line + '\n');
    }
}

} // namespace faultline::cli
