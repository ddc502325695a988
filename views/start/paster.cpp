#include "views/start/paster.h"

#include "models/session/pasted_text.h"

#include <QMimeData>
#include <QUrl>

namespace faultline {

Paster::Paster(std::string dataDirectory, std::shared_ptr<const Clock> clock, QObject* parent)
    : QObject(parent)
    , m_directory(std::move(dataDirectory))
    , m_clock(std::move(clock))
    , m_worker(std::make_unique<WorkerPool>(1))
{}

Paster::~Paster()
{
    m_worker.reset();
    m_mailbox.close();
}

void Paster::paste(const QMimeData* clipboard)
{
    QStringList paths;
    if (clipboard != nullptr && clipboard->hasUrls()) {
        const QList<QUrl> urls = clipboard->urls();
        for (const QUrl& url : urls)
            if (url.isLocalFile()) paths.push_back(url.toLocalFile());
    }
    if (!paths.isEmpty()) {
        Q_EMIT files(paths);
        return;
    }
    const QString text = clipboard != nullptr && clipboard->hasText() ? clipboard->text() : QString();
    if (m_directory.empty()) {
        Q_EMIT failed(makeError(ErrorKind::Store, "keep the pasted lines", "there is no data directory"));
        return;
    }
    // UTF-8 is at least as long; the exact length is known on the worker.
    if (static_cast<std::uint64_t>(text.size()) > kMostPastedBytes) {
        Q_EMIT failed(tooMuchPasted(static_cast<std::uint64_t>(text.size())));
        return;
    }
    m_worker->post([this, text, now = m_clock->now()] {
        const QByteArray bytes = text.toUtf8();
        const std::string_view view(bytes.constData(), static_cast<std::size_t>(bytes.size()));
        auto saved = savePasted(m_directory, view, now);
        m_mailbox.post([this, saved = std::move(saved)] {
            if (saved)
                Q_EMIT lines(QString::fromStdString(*saved));
            else
                Q_EMIT failed(saved.error());
        });
    });
}

} // namespace faultline
