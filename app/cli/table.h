#pragma once
#include "app/cli/command.h"

#include <string>
#include <vector>

namespace faultline::cli {

enum class Format { Table, Ndjson, Csv, Json };
Result<Format> formatOf(const Arguments& arguments, Format fallback = Format::Table);

/// Rows for people: columns as wide as their widest cell, numbers to the right. Cells are shown
/// terminal-safe, on one line each; on a terminal the last column is cut to the width with an ellipsis.
class Table
{
public:
    struct Column
    {
        std::string title;
        bool right = false;
    };
    explicit Table(std::vector<Column> columns) : m_columns(std::move(columns)) {}
    void add(std::vector<std::string> cells) { m_rows.push_back(std::move(cells)); }
    bool empty() const { return m_rows.empty(); }
    void print(const Context& context) const;

private:
    std::vector<Column> m_columns;
    std::vector<std::vector<std::string>> m_rows;
};

/// Columns that a text takes on a terminal: code points, wide ones (East Asian, emoji) count two, marks none.
std::size_t displayWidth(std::string_view text);
/// At most `width` columns; the cut is shown by an ellipsis.
std::string cutToWidth(std::string_view text, std::size_t width);
/// 12,345,678.
std::string grouped(std::uint64_t number);
/// "1 event", "2,000 events"; `many` where an s behind the word does not do.
std::string counted(std::uint64_t number, std::string_view one, std::string_view many = {});
/// 1.2 MB and such, for people.
std::string humanBytes(std::uint64_t bytes);
/// Up to six significant digits, no trailing zeros; for people.
std::string plainNumber(double value);
/// "2026-11-17 12:00:00.123" in UTC.
std::string humanTime(TimeNs time);
/// What stands for a time where an event has none of its own.
inline constexpr std::string_view kNoTime = "(no time)";
/// Terminal-safe on one line.
std::string safe(std::string_view text);
void print(const Context& context, std::string_view text);

} // namespace faultline::cli
