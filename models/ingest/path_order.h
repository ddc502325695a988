#pragma once
#include <string>
#include <string_view>

namespace faultline {

/// Compares as people do: digit runs by their number ("n2" before "n10"), the rest by bytes. Below 0, 0,
/// above 0. 0 only for equal texts.
int naturalCompare(std::string_view a, std::string_view b);

/// The part of a file's name that its rotated versions share, and where in the series it stands.
struct SeriesName
{
    std::string stem;        ///< "app.log" for app.log, app.log.1, app.log.2.gz, app.log-20260131.zst
    std::string date;        ///< "20260131" or "2026-01-31-..."; empty without one
    long number = -1;        ///< the last ".N", -1 without one
    bool compressed = false; ///< a suffix of a compressor was taken off
};
SeriesName seriesName(std::string_view fileName);

/// The order in which files are read: by path, files before folders, and the files of a rotated series oldest
/// first (dated ones rising, then numbered ones falling, then the live file), since later lines continue
/// earlier ones and inherit their times. A strict total order.
bool pathBefore(std::string_view a, std::string_view b);

} // namespace faultline
