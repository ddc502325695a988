#pragma once
#include <QStringList>

#include <string_view>

namespace faultline {

/// Text of a log made safe to paint: nothing moves the pen, turns the direction of what follows or hides
/// itself. Any thread.

/// For one line, at most `mostBytes` of the text: line ends and tabs become spaces, other control and bidi
/// characters a dot.
QString oneLine(std::string_view bytes, std::size_t mostBytes = 1'000);

/// For several lines: line ends and tabs stay, control characters become their pictures (␀ ␛), bidi ones
/// their number (‹U+202E›), broken UTF-8 the replacement character. At most `mostBytes` of the text.
QString severalLines(std::string_view bytes, std::size_t mostBytes);

/// Both ends of a text that is too long, with an ellipsis between: at most `mostCharacters`.
QString elidedMiddle(const QString& text, qsizetype mostCharacters);

/// Names without what most of them begin or end with (a part before the first or behind the last of - . / _),
/// an ellipsis in its place: for where there is no room for all of them. The others are as they were.
QStringList withoutShared(const QStringList& names);

/// For a menu, where an ampersand would mark a key.
QString menuText(QString text);

/// A number for a narrow place, at most five characters: 9,999 12.3k 319k 1.23M.
QString compactNumber(quint64 number);

} // namespace faultline
