#pragma once
#include "models/base/error.h"
#include "models/base/time.h"
#include "models/base/worker_pool.h"
#include "models/session/mailbox.h"

#include <QObject>
#include <QStringList>

#include <memory>
#include <string>

class QMimeData;

namespace faultline {

/// Takes what is on the clipboard as something to read: files that were copied, or lines, which become a file
/// of the data directory.
///
/// Threads  GUI thread; the lines are written on a thread of its own.
class Paster final : public QObject
{
    Q_OBJECT
public:
    Paster(std::string dataDirectory, std::shared_ptr<const Clock> clock, QObject* parent = nullptr);
    ~Paster() override;
    /// `clipboard` may be null. One answer follows, later for lines.
    void paste(const QMimeData* clipboard);

Q_SIGNALS:
    void files(const QStringList& paths); ///< that were copied
    void lines(const QString& path);      ///< the file that they were written to
    void failed(const faultline::Error& error);

private:
    std::string m_directory;
    std::shared_ptr<const Clock> m_clock;
    Mailbox m_mailbox;
    std::unique_ptr<WorkerPool> m_worker; ///< one thread; last, so that it ends before what it uses
};

} // namespace faultline
