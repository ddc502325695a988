#pragma once
#include "models/session/ingest_service.h"

#include <QWidget>

class QLabel;
class QProgressBar;
class QPushButton;

namespace faultline {

/// Progress of a read: how far, how fast, how long, and a way to stop. Afterwards its ledger in one line.
class IngestBar final : public QWidget
{
    Q_OBJECT
public:
    explicit IngestBar(QWidget* parent = nullptr);
    void showProgress(const IngestProgress& progress);
    void showReport(const IngestReport& report);
    void showError(const Error& error);

Q_SIGNALS:
    void cancelRequested();

private:
    QProgressBar* m_bar;
    QLabel* m_text;
    QPushButton* m_cancel;
};

/// "1.2 GB", "340 MB/s": sizes for people, in powers of ten.
QString formatBytes(double bytes);

} // namespace faultline
