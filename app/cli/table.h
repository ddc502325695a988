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
/// 1.2 MB and such, for people.
std::string humanBytes(std::uint64_t bytes);
/// Up to six significant digits, no trailing zeros; for people and JSON alike.
std::string plainNumber(double value);
/// "2026-11-17 12:00:00.123" in UTC.
std::string humanTime(TimeNs time);
/// Terminal-safe on one line.
std::string safe(std::string_view text);
/// A CSV cell: quoted when it holds a comma, a quote or a line end (RFC 4180).
std::string csvCell(std::string_view text);
/// Writes a row of cells and "\r\n".
void printCsv(const Context& context, const std::vector<std::string>& cells);
void print(const Context& context, std::string_view text);

} // namespace faultline::cli
