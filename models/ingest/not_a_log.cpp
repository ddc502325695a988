#include "models/ingest/not_a_log.h"

#include "models/ingest/detect.h"

#include <algorithm>
#include <array>
#include <vector>

namespace faultline {
namespace {

std::string lowered(std::string_view text)
{
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    return out;
}

/// The file's own name in lower case, without the endings of compression.
std::string plainName(std::string_view path)
{
    const std::size_t slash = path.find_last_of("/!");
    std::string name = lowered(slash == std::string_view::npos ? path : path.substr(slash + 1));
    for (bool again = true; again;) {
        again = false;
        for (const std::string_view ending : {".gz", ".zst", ".xz", ".bz2", ".lz4"})
            if (name.ends_with(ending)) {
                name.resize(name.size() - ending.size());
                again = true;
            }
    }
    return name;
}

bool isProseName(std::string_view name)
{
    constexpr std::array<std::string_view, 9> kNames = {"readme",  "license",      "licence",
                                                        "copying", "notice",       "authors",
                                                        "credits", "contributing", "changelog"};
    constexpr std::array<std::string_view, 4> kEndings = {".md", ".rst", ".adoc", ".markdown"};
    const std::string_view stem = name.substr(0, name.find_first_of("._-"));
    return std::find(kNames.begin(), kNames.end(), stem) != kNames.end() ||
           std::any_of(kEndings.begin(), kEndings.end(),
                       [name](auto ending) { return name.ends_with(ending); });
}

/// The cells of one line; a quoted cell may hold the separator. False when a quote is left open.
bool cellsOf(std::string_view line, char separator, std::vector<std::string_view>& cells)
{
    cells.clear();
    std::size_t begin = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"') quoted = !quoted;
        if (line[i] != separator || quoted) continue;
        cells.push_back(line.substr(begin, i - begin));
        begin = i + 1;
    }
    cells.push_back(line.substr(begin));
    return !quoted;
}

/// The name of a column: no number, no time, not empty.
bool isHeaderCell(std::string_view cell)
{
    if (cell.size() >= 2 && cell.front() == '"' && cell.back() == '"') cell = cell.substr(1, cell.size() - 2);
    const bool letter = std::any_of(cell.begin(), cell.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
    });
    const std::size_t digits = std::min(cell.find_first_not_of("0123456789"), cell.size());
    const bool date = digits == 4 && cell.size() > 4 && (cell[4] == '-' || cell[4] == '/');
    return letter && !date && cell.size() <= 128 && cell.find_first_of("={}[]") == std::string_view::npos;
}

/// A header, and rows with as many cells; the index column of a data frame has no name.
bool isTable(std::string_view head, bool complete, char separator)
{
    if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
    std::vector<std::string_view> cells;
    std::size_t columns = 0, rows = 0;
    while (!head.empty() && rows < 50) {
        const std::size_t end = head.find('\n');
        if (end == std::string_view::npos && (!complete || columns == 0)) break;
        std::string_view line = head.substr(0, end);
        head.remove_prefix(end == std::string_view::npos ? head.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) continue;
        if (!cellsOf(line, separator, cells)) return rows > 0; // a cell that goes over the line's end
        if (columns == 0) {
            columns = cells.size();
            const auto names = cells.begin() + (cells.front().empty() ? 1 : 0);
            if (columns < 2 || !std::all_of(names, cells.end(), isHeaderCell)) return false;
        } else if (cells.size() != columns) {
            return false;
        } else {
            ++rows;
        }
    }
    // A header wider than the head is a table too.
    return columns > 0 ? rows > 0 : !complete && std::count(head.begin(), head.end(), separator) >= 32;
}

/// Prometheus's text format: it begins with a comment, and the comments name the types of metrics
/// (https://prometheus.io/docs/instrumenting/exposition_formats/, "Text-based format").
bool isExposition(std::string_view head)
{
    const std::size_t begin = head.find_first_not_of("\n");
    if (begin == std::string_view::npos) return false;
    head.remove_prefix(begin);
    if (!head.starts_with("# HELP ") && !head.starts_with("# TYPE ")) return false;
    constexpr std::array<std::string_view, 8> kTypes = {"counter", "gauge",   "histogram", "summary",
                                                        "untyped", "unknown", "info",      "stateset"};
    while (!head.empty()) {
        std::string_view line = head.substr(0, head.find('\n'));
        head.remove_prefix(std::min(head.size(), line.size() + 1));
        if (!line.starts_with("# TYPE ")) continue;
        if (line.ends_with('\r')) line.remove_suffix(1);
        const std::string_view type = line.substr(line.rfind(' ') + 1);
        return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
    }
    return false;
}

} // namespace

std::string reasonNotALog(std::string_view path, std::string_view head, bool complete)
{
    const std::string name = plainName(path);
    const bool commas = name.ends_with(".csv"), tabs = name.ends_with(".tsv");
    if ((commas && (isTable(head, complete, ',') || isTable(head, complete, ';'))) ||
        (tabs && isTable(head, complete, '\t')))
        return "a CSV table; metrics are not read yet";
    if (isExposition(head)) return "Prometheus metrics; metrics are not read yet";
    if (!isProseName(name)) return {};
    const Detection found = detectFormat(head, complete);
    if (found.format != "text" || found.confidence >= 0.2) return {};
    return "a text for people, not a log; name it to read it all the same";
}

} // namespace faultline
