#pragma once
#include <QString>

namespace faultline {

/// How well a text fits what was typed: 0 not at all, else higher is better. Every word of `typed` must be in
/// `text`, its letters in order and in any case; whole words, beginnings of words and letters side by side
/// count more. Time is the product of both lengths.
int fuzzyScore(const QString& typed, const QString& text);

} // namespace faultline
