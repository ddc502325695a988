#include "views/window/skipped_text.h"

#include "views/render/counts.h"
#include "views/render/plain_text.h"

#include <QCoreApplication>
#include <QLocale>

namespace faultline {
namespace {

constexpr qsizetype kMostName = 60, kMostReason = 120;

} // namespace

QString skippedText(const IngestReport& report, std::size_t most)
{
    if (report.sources.empty()) return QCoreApplication::translate("faultline", "There is no file in it.");
    QStringList lines;
    for (const SourceReport& source : report.sources) {
        if (static_cast<std::size_t>(lines.size()) == most) break;
        QString why = elidedMiddle(oneLine(source.detail), kMostReason);
        if (why.isEmpty())
            why = source.state == SourceState::Duplicate
                      ? QCoreApplication::translate("faultline", "read already")
                      : QCoreApplication::translate("faultline", "empty, or nothing new");
        lines.push_back(elidedMiddle(oneLine(source.name), kMostName) + QStringLiteral(": ") + why);
    }
    if (report.sources.size() > most)
        lines.push_back(
            QCoreApplication::translate("faultline", "and %1")
                .arg(counted(report.sources.size() - most, QCoreApplication::translate("faultline", "other"),
                             QCoreApplication::translate("faultline", "others"))));
    return lines.join(QLatin1Char('\n'));
}

QString whatIsRead()
{
    return QCoreApplication::translate(
        "faultline",
        "Logs are files of text: JSON lines, logfmt, plain lines, also in .gz, .zst, .zip and .tar. "
        "Open others, or a folder of them.");
}

} // namespace faultline
