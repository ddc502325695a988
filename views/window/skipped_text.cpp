#include "views/window/skipped_text.h"

#include "views/render/counts.h"
#include "views/render/plain_text.h"

#include <QCoreApplication>
#include <QLocale>

namespace faultline {
namespace {

constexpr qsizetype kMostName = 60, kMostReason = 120;

QString translated(const char* text)
{
    return QCoreApplication::translate("faultline", text);
}

} // namespace

QString skippedText(const IngestReport& report, std::size_t most)
{
    if (report.sources.empty()) return translated("There is no file in it.");
    QStringList lines;
    for (const SourceReport& source : report.sources) {
        if (static_cast<std::size_t>(lines.size()) == most) break;
        QString why = elidedMiddle(oneLine(source.detail), kMostReason);
        if (why.isEmpty())
            why = source.state == SourceState::Duplicate ? translated("read already")
                                                         : translated("empty, or nothing new");
        lines.push_back(elidedMiddle(oneLine(source.name), kMostName) + QStringLiteral(": ") + why);
    }
    if (report.sources.size() > most)
        lines.push_back(translated("and %1").arg(
            counted(report.sources.size() - most, translated("other"), translated("others"))));
    return lines.join(QLatin1Char('\n'));
}

QString whatIsRead()
{
    return translated(
        "Logs are files of text: JSON lines, logfmt, plain lines, also in .gz, .zst, .zip and .tar. "
        "Open others, or a folder of them.");
}

} // namespace faultline
