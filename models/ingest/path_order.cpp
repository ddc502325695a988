#include "models/ingest/path_order.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace faultline {
namespace {

bool digit(char c)
{
    return c >= '0' && c <= '9';
}

std::string_view digitRun(std::string_view text)
{
    std::size_t length = 0;
    while (length < text.size() && digit(text[length])) ++length;
    return text.substr(0, length);
}

/// Length of a date at the beginning of `text`: YYYYMMDD or YYYY-MM-DD; 0 without one.
std::size_t dateLength(std::string_view text)
{
    const auto shape = [&](std::string_view form) {
        if (text.size() < form.size()) return false;
        for (std::size_t i = 0; i < form.size(); ++i)
            if (form[i] == 'd' ? !digit(text[i]) : text[i] != form[i]) return false;
        const bool century = text.substr(0, 2) == "19" || text.substr(0, 2) == "20";
        return century && (text.size() == form.size() || !digit(text[form.size()]) || form.size() == 8);
    };
    if (shape("dddd-dd-dd")) return 10;
    const std::size_t run = digitRun(text).size();
    return (run == 8 || run == 10 || run == 12 || run == 14) && shape("dddddddd") ? run : 0;
}

} // namespace

int naturalCompare(std::string_view a, std::string_view b)
{
    const std::string_view wholeA = a, wholeB = b;
    while (!a.empty() && !b.empty()) {
        if (digit(a[0]) && digit(b[0])) {
            const std::string_view runA = digitRun(a), runB = digitRun(b);
            const std::string_view numberA = runA.substr(std::min(runA.find_first_not_of('0'), runA.size()));
            const std::string_view numberB = runB.substr(std::min(runB.find_first_not_of('0'), runB.size()));
            if (numberA.size() != numberB.size()) return numberA.size() < numberB.size() ? -1 : 1;
            if (const int order = numberA.compare(numberB); order != 0) return order;
            a.remove_prefix(runA.size());
            b.remove_prefix(runB.size());
            continue;
        }
        if (a[0] != b[0]) return static_cast<unsigned char>(a[0]) < static_cast<unsigned char>(b[0]) ? -1 : 1;
        a.remove_prefix(1);
        b.remove_prefix(1);
    }
    if (a.empty() != b.empty()) return a.empty() ? -1 : 1;
    return wholeA.compare(wholeB); // they differ in leading zeros at most
}

SeriesName seriesName(std::string_view name)
{
    SeriesName series;
    constexpr std::array<std::string_view, 7> kCompressors = {".gz",  ".zst", ".zstd", ".xz",
                                                              ".bz2", ".lz4", ".Z"};
    for (const std::string_view suffix : kCompressors) {
        if (name.size() > suffix.size() && name.ends_with(suffix)) {
            name.remove_suffix(suffix.size());
            series.compressed = true;
            break;
        }
    }
    // The first separator that a date follows, so that "app.log-20260131.1" keeps its number behind the date.
    for (std::size_t at = name.find_first_of("-._"); at != std::string_view::npos;
         at = name.find_first_of("-._", at + 1)) {
        if (at == 0 || dateLength(name.substr(at + 1)) == 0) continue;
        std::string_view rest = name.substr(at + 1 + dateLength(name.substr(at + 1)));
        // "app-2026-01-31.log": the extension belongs to the stem.
        const std::size_t dot = rest.find_last_of('.');
        const bool extension =
            dot != std::string_view::npos && dot + 1 < rest.size() && !digit(rest[dot + 1]);
        series.stem =
            std::string(name.substr(0, at)) + (extension ? std::string(rest.substr(dot)) : std::string());
        series.date = std::string(
            name.substr(at + 1, extension ? name.size() - at - 1 - (rest.size() - dot) : name.npos));
        return series;
    }
    const std::size_t dot = name.find_last_of('.');
    if (dot != std::string_view::npos && dot > 0) {
        const std::string_view number = name.substr(dot + 1);
        if (!number.empty() && number.size() <= 5 && digitRun(number).size() == number.size()) {
            series.number = std::stol(std::string(number));
            name = name.substr(0, dot);
        }
    }
    series.stem = std::string(name);
    return series;
}

bool pathBefore(std::string_view a, std::string_view b)
{
    for (;;) {
        const std::size_t slashA = a.find('/'), slashB = b.find('/');
        const bool fileA = slashA == std::string_view::npos, fileB = slashB == std::string_view::npos;
        if (fileA != fileB) return fileA;
        if (fileA) break;
        const int order = naturalCompare(a.substr(0, slashA), b.substr(0, slashB));
        if (order != 0) return order < 0;
        a.remove_prefix(slashA + 1);
        b.remove_prefix(slashB + 1);
    }
    const SeriesName seriesA = seriesName(a), seriesB = seriesName(b);
    if (const int order = naturalCompare(seriesA.stem, seriesB.stem); order != 0) return order < 0;
    const auto rank = [](const SeriesName& series) {
        return !series.date.empty() ? 0 : series.number >= 0 ? 1 : 2;
    };
    if (rank(seriesA) != rank(seriesB)) return rank(seriesA) < rank(seriesB);
    if (const int order = naturalCompare(seriesA.date, seriesB.date); order != 0) return order < 0;
    if (seriesA.number != seriesB.number) return seriesA.number > seriesB.number;
    return naturalCompare(a, b) < 0;
}

} // namespace faultline
