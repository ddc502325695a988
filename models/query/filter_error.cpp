#include "models/query/filter.h"
#include "models/records/utf8.h"

#include <algorithm>

namespace faultline {

namespace {

constexpr std::size_t kShownColumns = 100;

/// How wide a terminal shows a code point: combining marks none, East Asian and emoji two.
std::size_t columnsOf(char32_t point)
{
    const auto in = [point](char32_t first, char32_t last) { return point >= first && point <= last; };
    if (in(0x300, 0x36f) || in(0x483, 0x489) || in(0x591, 0x5bd) || in(0x610, 0x61a) || in(0x64b, 0x65f) ||
        in(0x1ab0, 0x1aff) || in(0x1dc0, 0x1dff) || in(0x20d0, 0x20ff) || in(0xfe00, 0xfe0f) ||
        in(0xfe20, 0xfe2f))
        return 0;
    if (in(0x1100, 0x115f) || in(0x2e80, 0x303e) || in(0x3041, 0xa4cf) || in(0xac00, 0xd7a3) ||
        in(0xf900, 0xfaff) || in(0xfe30, 0xfe6f) || in(0xff00, 0xff60) || in(0xffe0, 0xffe6) ||
        in(0x1f300, 0x1f64f) || in(0x1f680, 0x1f6ff) || in(0x1f900, 0x1faff) || in(0x20000, 0x3fffd))
        return 2;
    return 1;
}

/// A terminal may act on it, or show it where it is not: one question mark, a space for white space.
bool isUnsafe(char32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0xad || point == 0x061c ||
           (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2060 && point <= 0x206f) || point == 0xfeff || (point >= 0xfff9 && point <= 0xfffb) ||
           (point >= 0xe0000 && point <= 0xe0fff);
}

struct Cell
{
    std::size_t offset; ///< in the query
    std::string shown;
    std::size_t columns;
};

std::vector<Cell> cellsOf(std::string_view text)
{
    std::vector<Cell> cells;
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Step step = decodeUtf8(text.substr(at));
        Cell cell{at, std::string(text.substr(at, step.length)), columnsOf(step.codePoint)};
        const char c = text[at];
        if (c >= '\t' && c <= '\r') {
            cell.shown = " ";
        } else if (!step.valid || isUnsafe(step.codePoint)) {
            cell.shown = "?";
            cell.columns = 1;
        }
        cells.push_back(std::move(cell));
        at += step.length;
    }
    return cells;
}

} // namespace

std::string explainFilterError(std::string_view text, const Error& error)
{
    const Error::Place place = error.place.value_or(Error::Place{0, 1});
    // Far parts of a hostile text are never decoded.
    std::size_t from =
        place.offset > 4 * kShownColumns ? std::min(place.offset, text.size()) - 4 * kShownColumns : 0;
    while (from > 0 && from < text.size() && (static_cast<unsigned char>(text[from]) & 0xc0) == 0x80) --from;
    std::vector<Cell> cells = cellsOf(text.substr(from, 12 * kShownColumns));
    for (Cell& cell : cells) cell.offset += from;

    std::size_t first = 0, at = cells.size();
    for (std::size_t i = 0; i < cells.size(); ++i)
        if (cells[i].offset <= place.offset) at = i;
    if (place.offset >= text.size()) at = cells.size();
    std::size_t last = cells.size();
    if (from > 0 || cells.size() > kShownColumns || from + 12 * kShownColumns < text.size()) {
        first = at > kShownColumns / 2 ? at - kShownColumns / 2 : 0;
        last = std::min(cells.size(), first + kShownColumns);
    }
    const bool cutBefore = from > 0 || first > 0;
    const bool cutBehind = last < cells.size() || from + 12 * kShownColumns < text.size();

    std::string shown = cutBefore ? "..." : "";
    std::string mark = cutBefore ? "   " : "";
    std::size_t carets = 0;
    for (std::size_t i = first; i < last; ++i) {
        shown += cells[i].shown;
        if (i < at)
            mark.append(cells[i].columns, ' ');
        else if (i == at || cells[i].offset < place.offset + place.length)
            carets += cells[i].columns;
    }
    if (cutBehind) shown += "...";
    mark.append(std::max<std::size_t>(carets, 1), '^');
    std::string why = error.why;
    for (const auto& hint : error.hints) why += "; " + hint;
    // The reason may quote the text.
    std::string safe;
    for (const Cell& cell : cellsOf(why)) safe += cell.shown;
    return shown + "\n" + mark + "\n" + safe;
}

} // namespace faultline
