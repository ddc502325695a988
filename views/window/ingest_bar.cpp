#include "views/window/ingest_bar.h"

#include "views/parts/eliding_label.h"
#include "views/render/counts.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>

#include <algorithm>

namespace faultline {

QString formatBytes(double bytes)
{
    static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    std::size_t unit = 0;
    while (bytes >= 999.5 && unit + 1 < std::size(kUnits)) {
        bytes /= 1000;
        ++unit;
    }
    return QLocale().toString(bytes, 'f', unit > 1 && bytes < 10 ? 1 : 0) + QLatin1Char(' ') +
           QLatin1String(kUnits[unit]);
}

IngestBar::IngestBar(QWidget* parent)
    : QWidget(parent)
    , m_bar(new QProgressBar(this))
    , m_text(new ElidingLabel(20, this))
    , m_cancel(new QPushButton(tr("Stop"), this))
{
    setObjectName(QStringLiteral("ingestBar"));
    m_bar->setRange(0, 1000);
    m_bar->setTextVisible(false);
    m_bar->setMinimumWidth(60);
    m_bar->setMaximumWidth(160);
    m_bar->setAccessibleName(tr("Progress of reading"));
    m_text->setObjectName(QStringLiteral("ingestText"));
    m_cancel->setObjectName(QStringLiteral("ingestCancel"));
    m_cancel->setAccessibleName(tr("Stop reading"));
    auto* const layout = new QHBoxLayout(this);
    layout->setContentsMargins(4, 0, 4, 0);
    layout->addWidget(m_text);
    layout->addWidget(m_bar);
    layout->addWidget(m_cancel);
    connect(m_cancel, &QPushButton::clicked, this, &IngestBar::cancelRequested);
    m_bar->hide();
    m_cancel->hide();
}

void IngestBar::showProgress(const IngestProgress& progress)
{
    m_bar->show();
    m_cancel->show();
    if (progress.bytesTotal > 0)
        m_bar->setValue(static_cast<int>(1000.0 * static_cast<double>(progress.bytesDone) /
                                         static_cast<double>(progress.bytesTotal)));
    QString text =
        tr("Reading: %1, %2/s").arg(eventCount(progress.events), formatBytes(progress.bytesPerSecond));
    if (progress.quarantined > 0)
        text += tr(", %1 quarantined").arg(QLocale().toString(static_cast<qulonglong>(progress.quarantined)));
    if (progress.secondsLeft >= 1) text += tr(", %1 s left").arg(static_cast<qint64>(progress.secondsLeft));
    if (progress.paused)
        text = tr("Paused: the disk is full. Search goes on; reading resumes when there is space.");
    m_text->setText(text);
}

void IngestBar::showReport(const IngestReport& report)
{
    m_bar->hide();
    m_cancel->hide();
    const QLocale locale;
    const auto number = [&locale](std::uint64_t value) {
        return locale.toString(static_cast<qulonglong>(value));
    };
    QString text = report.cancelled ? tr("Stopped. ") : QString();
    if (report.total.received.records == 0 && !report.cancelled)
        text += tr("Nothing new to read");
    else
        text += tr("Read %1 (%2): %3 stored, %4 quarantined, %5")
                    .arg(counted(report.total.received.records, tr("record"), tr("records")),
                         formatBytes(static_cast<double>(report.total.received.bytes)),
                         number(report.total.stored.records), number(report.total.quarantined.records),
                         counted(report.total.duplicates.records, tr("duplicate"), tr("duplicates")));
    const auto odd =
        std::count_if(report.sources.begin(), report.sources.end(), [](const SourceReport& source) {
            return source.state == SourceState::Skipped || source.state == SourceState::Unreadable ||
                   source.state == SourceState::Incomplete;
        });
    if (odd > 0)
        text += tr(", %1 skipped or incomplete")
                    .arg(counted(static_cast<quint64>(odd), tr("source"), tr("sources")));
    m_text->setText(text);
    QString tip;
    for (const SourceReport& source : report.sources) {
        if (source.detail.empty() || tip.size() > 2'000) continue;
        tip += QString::fromStdString(source.name) + QStringLiteral(": ") +
               QString::fromStdString(source.detail) + QLatin1Char('\n');
    }
    // A tool tip guesses whether it is rich text: names and reasons may hold anything.
    m_text->setToolTip(
        tip.isEmpty() ? tip : QStringLiteral("<pre>") + tip.toHtmlEscaped() + QStringLiteral("</pre>"));
}

void IngestBar::showError(const Error& error)
{
    m_bar->hide();
    m_cancel->hide();
    m_text->setText(QString::fromStdString(error.line()));
}

} // namespace faultline
