#include "views/palette/fuzzy.h"

#include <QStringList>

namespace faultline {
namespace {

int scoreOfWord(const QString& word, const QString& text)
{
    // A piece in one is worth more than letters here and there.
    if (const auto at = text.indexOf(word); at >= 0) {
        const bool begins = at == 0 || !text[at - 1].isLetterOrNumber();
        return 1'000 + (begins ? 500 : 0) - static_cast<int>(std::min<qsizetype>(at, 200));
    }
    int score = 1;
    qsizetype from = 0, last = -2;
    for (const QChar letter : word) {
        const auto at = text.indexOf(letter, from);
        if (at < 0) return 0;
        const bool begins = at == 0 || !text[at - 1].isLetterOrNumber();
        score += at == last + 1 ? 8 : begins ? 10 : 1;
        last = at;
        from = at + 1;
    }
    return score;
}

} // namespace

int fuzzyScore(const QString& typed, const QString& text)
{
    const QString in = text.toCaseFolded();
    const QStringList words = typed.toCaseFolded().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    int score = 1;
    for (const QString& word : words) {
        const int part = scoreOfWord(word, in);
        if (part == 0) return 0;
        score += part;
    }
    return score;
}

} // namespace faultline
