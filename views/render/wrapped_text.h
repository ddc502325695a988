#pragma once
#include <QString>
#include <QStringList>

#include <string_view>

namespace faultline {

/// A text in a font of one width, cut into lines that fit: at the line ends it has, at a space near the edge,
/// else anywhere.
struct WrappedText
{
    QStringList lines;       ///< as many as were asked for, at most
    qint64 more = 0;         ///< further lines
    bool moreOrOver = false; ///< there are even more of them: the text is longer than what was looked at
};

/// Bytes of a text that are looked at.
inline constexpr std::size_t kMostWrapped = 64 * 1024;

/// `cells` a line; characters that take two cells (East Asian, emoji) count as such. Control characters are
/// made visible, tabs are four spaces. Where lines are left out the last of `most` is given up for the words
/// about them, so that `lines` has one less. Any thread.
WrappedText wrapText(std::string_view bytes, int cells, int most);

} // namespace faultline
