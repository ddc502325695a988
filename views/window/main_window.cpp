#include "views/window/main_window.h"

#include "views/investigate/investigate_page.h"
#include "views/marks/mark_memory.h"
#include "views/parts/eliding_label.h"
#include "views/render/counts.h"
#include "views/render/plain_text.h"
#include "views/start/feed_bar.h"
#include "views/start/hint_strip.h"
#include "views/start/start_page.h"
#include "views/window/case_screens.h"
#include "views/window/focus_ring.h"
#include "views/window/ingest_bar.h"
#include "views/window/main_window_case.h"
#include "views/window/skipped_text.h"
#include "views/window/status_room.h"
#include "views/window/system_look.h"
#include "views/window/view_shelf.h"

#include <QAbstractButton>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QKeyEvent>
#include <QLabel>
#include <QMimeData>
#include <QStackedWidget>
#include <QStatusBar>

#include <utility>

namespace faultline {

MainWindow::MainWindow(CaseOpener::Places places, Prompts prompts, QWidget* parent)
    : QMainWindow(parent)
    , m_prompts(std::move(prompts))
    , m_settings(places.settings)
    , m_localZone(places.localZone.empty() ? QTimeZone::systemTimeZone()
                                           : QTimeZone(QByteArray::fromStdString(places.localZone)))
    , m_keeper(new StateKeeper(places.state, this))
    , m_shelf(new ViewShelf(m_keeper, m_prompts, this))
    , m_systemLook(new SystemLook(this))
    , m_opener(new CaseOpener(std::move(places), this))
    , m_theme(Theme::darkTheme())
    , m_stack(new QStackedWidget(this))
    , m_start(new StartPage(this))
    , m_focusRing(new FocusRing(this))
    , m_ingestBar(new IngestBar(this))
    , m_countLabel(new ElidingLabel(24, this))
    , m_missedLabel(new ElidingLabel(12, this))
    , m_storeLabel(new ElidingLabel(12, this))
{
    setObjectName(QStringLiteral("mainWindow"));
    setWindowTitle(tr("Faultline"));
    setAcceptDrops(true);
    resize(m_settings.window.width > 0 ? QSize(m_settings.window.width, m_settings.window.height)
                                       : QSize(1400, 900));
    if (m_settings.window.maximized) setWindowState(windowState() | Qt::WindowMaximized);
    m_stack->addWidget(m_start);
    setCentralWidget(m_stack);
    for (QLabel* const label : {m_countLabel, m_missedLabel, m_storeLabel})
        label->setContentsMargins(6, 0, 6, 0);
    m_countLabel->setObjectName(QStringLiteral("countLabel"));
    m_storeLabel->setObjectName(QStringLiteral("storeLabel"));
    m_missedLabel->setObjectName(QStringLiteral("missedLabel"));
    m_missedLabel->hide();
    statusBar()->addWidget(m_countLabel);
    statusBar()->addWidget(m_missedLabel);
    makeFeeding();
    statusBar()->addPermanentWidget(m_ingestBar);
    statusBar()->addPermanentWidget(m_storeLabel);
    makeRoomForMessages(statusBar(), {findChild<QLabel*>(QStringLiteral("ingestText")),
                                      findChild<QLabel*>(QStringLiteral("feedText")), m_storeLabel});
    connect(m_start, &StartPage::openFilesRequested, this,
            [this] { openPaths(m_prompts.chooseFiles(this)); });
    connect(m_start, &StartPage::openFolderRequested, this,
            [this] { openPaths({m_prompts.chooseFolder(this)}); });
    connect(m_start, &StartPage::demoRequested, this, [this] { openCase({{}, {}, true}); });
    connect(m_start, &StartPage::storeRequested, this, &MainWindow::openStore);
    connect(m_ingestBar, &IngestBar::cancelRequested, this, &MainWindow::stopReading);
    connect(m_keeper, &StateKeeper::failed, this, &MainWindow::showError);
    connect(m_opener, &CaseOpener::opened, this, &MainWindow::showCase);
    connect(m_opener, &CaseOpener::failed, this, [this](const Error& error) {
        if (m_case)
            showError(error);
        else
            m_start->showFailure(QString::fromStdString(error.line()));
    });
    connect(m_opener, &CaseOpener::alreadyOpen, this, [this](const CaseRequest& request) {
        if (m_case == nullptr) return openCase(request); // it has ended meanwhile
        if (!request.paths.empty() || !request.command.empty()) return begin(request);
        statusBar()->showMessage(tr("This store is open already"), 5'000);
    });
    connect(m_opener, &CaseOpener::recentChanged, this, &MainWindow::setRecent);
    makeActions();
    connect(m_systemLook, &SystemLook::changed, this, &MainWindow::showLook);
    connect(m_shelf, &ViewShelf::saveRequested, this, &MainWindow::saveView);
    connect(m_shelf, &ViewShelf::noticed, this,
            [this](const QString& text) { statusBar()->showMessage(text, 5'000); });
    connect(m_shelf, &ViewShelf::opened, this, [this](const QJsonObject& content) {
        if (m_page != nullptr) m_page->openSaved(content);
    });
    applySettings();
    connect(m_keeper, &StateKeeper::changed, this,
            [this](const std::string&, const std::string& name, const QJsonObject& document) {
                if (name == kSettingsDocument) hearSettings(document);
            });
    m_keeper->follow({}, kSettingsDocument);
    m_opener->listRecent();
}

MainWindow::~MainWindow()
{
    hide(); // at once: what ends now may wait for the disk
    // The tickets of the screens belong to the case's services: the screens go first.
    m_hints->watch(nullptr);
    delete m_screens;
    delete m_page;
}

void MainWindow::openCase(const CaseRequest& request)
{
    QString what = request.demo ? tr("Making the demo incident") : QString::fromStdString(request.storePath);
    if (!request.paths.empty()) what = QString::fromStdString(request.paths.front());
    if (!request.command.empty()) what = QString::fromStdString(request.command);
    if (m_case == nullptr) m_start->showOpening(what);
    m_opener->open(request, m_case != nullptr ? m_case->opened->request.storePath : std::string());
}

void MainWindow::openPaths(const QStringList& paths)
{
    auto request = requestOf(paths);
    if (!request) return;
    const quint64 events = m_case != nullptr ? m_case->monitor->summary().events : 0;
    const bool canJoin = m_case != nullptr && m_case->opened->workspace->store()->isWriter();
    if (!request->storePath.empty() || !canJoin) return openCase(*request);
    if (events == 0) return read(std::move(request->paths));
    const std::shared_ptr<OpenedCase> asked = m_case->opened;
    const auto answer =
        m_prompts.joinFiles(this, storeName(), events, static_cast<qsizetype>(request->paths.size()));
    // Another case may have opened while the question stood.
    if (m_case == nullptr || m_case->opened != asked) return;
    switch (answer) {
    case Prompts::JoinAnswer::Add: return read(std::move(request->paths));
    case Prompts::JoinAnswer::OpenNew: return openCase(*request);
    case Prompts::JoinAnswer::Cancel: return;
    }
}

QString MainWindow::storeName() const
{
    const CaseRequest& request = m_case->opened->request;
    if (request.demo) return tr("Demo incident");
    return elidedMiddle(
        oneLine(QFileInfo(QString::fromStdString(request.storePath)).completeBaseName().toStdString()), 60);
}

void MainWindow::endCase(bool takeBack)
{
    keepSession();
    m_keeper->flush();
    m_feedBar->setFeeds(nullptr);
    m_hints->watch(nullptr);
    delete std::exchange(m_screens, nullptr);
    delete std::exchange(m_page, nullptr);
    if (m_case == nullptr) return;
    // Services end, and the store's file is closed, where that may wait.
    std::shared_ptr<OpenedCase> last = m_case->opened;
    m_case->retire();
    m_opener->release(std::move(m_case));
    if (takeBack) m_opener->takeBack(std::move(last));
}

void MainWindow::showCase(const std::shared_ptr<OpenedCase>& opened)
{
    endCase(false);
    m_kept = false;
    auto next = std::make_unique<Case>();
    next->opened = opened;
    const std::shared_ptr<Workspace> workspace = opened->workspace;
    next->queries = std::make_shared<QueryService>(workspace->engine());
    next->monitor = std::make_unique<StoreMonitor>(workspace->store());
    next->ingest = std::make_unique<IngestService>(
        [workspace](const IngestRequest& request, std::function<void(const IngestProgress&)> progress,
                    std::stop_token stop) {
            return workspace->ingest(request, std::move(progress), std::move(stop));
        },
        [workspace, before = opened->before](const IngestReport& report) -> Status {
            auto kept = workspace->discard(report, before);
            if (!kept) return std::move(kept).error();
            return {};
        });
    m_case = std::move(next);
    m_page = new InvestigatePage(m_case->queries, workspace->clock(), m_prompts.editFilter, this);
    m_page->setTheme(m_theme);
    m_page->setZone(zone());
    m_page->setExperiments(m_settings.experiments);
    m_stack->addWidget(m_page);
    m_stack->setCurrentWidget(m_page);
    offerScreens();
    beginFeeding();
    connect(m_page, &InvestigatePage::countSaid, this, [this](const QString& text) {
        m_countLabel->setText(text);
        showMissed();
    });
    connect(m_page, &InvestigatePage::failed, this, &MainWindow::showError);
    keepMarks(m_keeper, workspace->store()->path(), m_page);
    connect(m_page, &InvestigatePage::noticed, this,
            [this](const QString& text) { statusBar()->showMessage(text, 5'000); });
    connect(m_case->monitor.get(), &StoreMonitor::changed, this, &MainWindow::showSummary);
    connect(m_case->monitor.get(), &StoreMonitor::failed, this, &MainWindow::showError);
    connect(m_case->ingest.get(), &IngestService::progressed, this, [this](const IngestProgress& progress) {
        m_eventsRead = progress.events;
        m_ingestBar->showProgress(progress);
    });
    connect(m_case->ingest.get(), &IngestService::finished, this, [this](const IngestReport& report) {
        m_ingestBar->showReport(report);
        finishRead(report);
    });
    connect(m_case->ingest.get(), &IngestService::failed, this, [this](const Error& error) {
        m_ingestBar->showError(error);
        m_page->endFilling(m_case->monitor->look());
        Q_EMIT readFinished();
    });
    const CaseRequest& request = opened->request;
    recallCase();
    const bool byStore = opened->named || request.paths.empty();
    const std::string& named = !request.command.empty() ? request.command
                               : byStore                ? request.storePath
                                                        : request.paths.front();
    setWindowTitle(tr("%1 – Faultline").arg(request.demo ? tr("Demo incident") : oneLine(named)));
    begin(request);
    m_page->setFocus();
    Q_EMIT caseOpened();
}

void MainWindow::read(std::vector<std::string> paths)
{
    m_case->flow->showAgain();
    if (m_case->flow->asking())
        statusBar()->showMessage(tr("Say first what is to be read of these; then open the others"), 5000);
    else if (m_case->ingest->running())
        statusBar()->showMessage(tr("Still reading: open these when it is done, or stop it first"), 5000);
    else
        m_case->flow->begin(std::move(paths));
}

void MainWindow::finishRead(const IngestReport& report)
{
    m_page->endFilling(m_case->monitor->look());
    const bool nothing = report.total.received.records == 0 && !report.cancelled;
    const QString why = skippedText(report);
    m_page->setNothing(tr("No events") + QLatin1Char('\n') + why);
    if (!nothing) keepStore();
    if (!nothing || m_kept || !m_case->opened->created) {
        Q_EMIT readFinished();
        return;
    }
    // A store that was made for this is not worth keeping. Later, for it is the case's service that calls.
    const auto end = [this, why, ended = std::weak_ptr(m_case->opened)] {
        if (m_case == nullptr || m_case->opened != ended.lock() || m_case->ingest->running()) return;
        if (!m_case->feeds->feeds().empty()) return;
        leaveUnread();
        m_start->showNothing(why + QStringLiteral("\n\n") + whatIsRead());
        Q_EMIT readFinished();
    };
    QMetaObject::invokeMethod(this, end, Qt::QueuedConnection);
}

void MainWindow::keepStore()
{
    if (m_kept) return;
    m_kept = true;
    m_opener->keep(*m_case->opened);
}

void MainWindow::stopReading()
{
    if (m_case == nullptr || !m_case->ingest->running()) return;
    const std::shared_ptr<OpenedCase> asked = m_case->opened;
    const auto answer = m_prompts.cancelRead(this, m_eventsRead);
    // The read, or the case, may have ended while the question stood.
    if (m_case == nullptr || m_case->opened != asked || !m_case->ingest->running()) return;
    switch (answer) {
    case Prompts::CancelAnswer::Keep: m_case->ingest->cancel(IngestService::CancelMode::Keep); break;
    case Prompts::CancelAnswer::Discard: m_case->ingest->cancel(IngestService::CancelMode::Discard); break;
    case Prompts::CancelAnswer::GoOn: break;
    }
}

void MainWindow::showSummary(const StoreSummary& summary)
{
    m_page->setSummary(summary);
    if (summary.events > 0) keepStore();
    QString text = tr("%1 in the store, %2")
                       .arg(eventCount(summary.events), formatBytes(static_cast<double>(summary.fileBytes)));
    if (!summary.writer) text += tr(", written by another process");
    m_storeLabel->setText(text);
}

void MainWindow::showMissed()
{
    const auto missed = m_case->queries->missed();
    m_missedLabel->setVisible(!missed.empty());
    if (missed.empty()) return;
    qulonglong events = 0;
    QString lines;
    for (const MissedEvents& one : missed) {
        events += one.events;
        lines += QString::fromStdString(one.line()) + u'\n';
    }
    m_missedLabel->setText(tr("⚠ In no answer, for they are damaged: %1").arg(eventCount(events)));
    m_missedLabel->setToolTip(Qt::convertFromPlainText(
        tr("%1Close this window and run: faultline doctor --repair").arg(lines), Qt::WhiteSpaceNormal));
}

void MainWindow::showError(const Error& error)
{
    statusBar()->showMessage(QString::fromStdString(error.line()), 10'000);
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->hasUrls()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    QStringList paths;
    const QList<QUrl> urls = event->mimeData()->urls();
    for (const QUrl& url : urls)
        if (url.isLocalFile()) paths.push_back(url.toLocalFile());
    event->acceptProposedAction();
    // Whoever was dragged from waits for this to return: what is asked is asked afterwards.
    QMetaObject::invokeMethod(
        this, [this, paths] { openPaths(paths); }, Qt::QueuedConnection);
}

void MainWindow::keyPressEvent(QKeyEvent* event)
{
    // Where a platform takes Shift for a part of the shortcut, the sign itself still counts.
    if (event->text() == QLatin1String("?")) return showKeys();
    // Fusion's buttons take only Space where there is no dialog around them.
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (auto* const button = qobject_cast<QAbstractButton*>(focusWidget()); enter && button != nullptr)
        return button->click();
    QMainWindow::keyPressEvent(event);
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    // What is committed stays; the next start goes on from there.
    if (m_case != nullptr) {
        m_case->feeds->stopAll();
        m_case->ingest->cancel(IngestService::CancelMode::Keep);
    }
    keepSession();
    keepSize();
    m_keeper->flush();
    event->accept();
}

} // namespace faultline
