// Where lines come from: reads with what is asked before them, pasted lines, what is followed.
#include "models/session/pasted_text.h"
#include "views/investigate/investigate_page.h"
#include "views/render/plain_text.h"
#include "views/start/feed_bar.h"
#include "views/start/hint_strip.h"
#include "views/start/paster.h"
#include "views/start/start_page.h"
#include "views/window/main_window_case.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QStackedWidget>
#include <QStatusBar>

namespace faultline {
namespace {

constexpr int kErrorMs = 10'000;
constexpr qsizetype kMostName = 60;

} // namespace

void MainWindow::makeFeeding()
{
    const CaseOpener::Places& places = m_opener->places();
    m_paster = new Paster(places.dataDirectory, places.clock, this);
    m_feedBar = new FeedBar(this);
    statusBar()->addPermanentWidget(m_feedBar);
    m_hints = new HintStrip(m_keeper, this);
    addToolBar(Qt::BottomToolBarArea, m_hints);
    m_hints->hide();
    connect(m_start, &StartPage::pasteRequested, this, &MainWindow::paste);
    connect(m_start, &StartPage::followCommandRequested, this, &MainWindow::followCommand);
    connect(m_start, &StartPage::followFilesRequested, this,
            [this] { followPaths(m_prompts.chooseFiles(this)); });
    connect(m_paster, &Paster::files, this, &MainWindow::openPaths);
    connect(m_paster, &Paster::lines, this, &MainWindow::takePasted);
    connect(m_paster, &Paster::failed, this, [this](const Error& error) {
        if (m_case != nullptr)
            showError(error);
        else
            m_start->showFailure(QString::fromStdString(error.line()));
    });
}

void MainWindow::beginFeeding()
{
    const std::shared_ptr<Workspace> workspace = m_case->opened->workspace;
    const CaseOpener::Places& places = m_opener->places();
    m_case->feeds = std::make_unique<LiveFeeds>(
        [workspace](const IngestRequest& request, std::function<void(const IngestProgress&)> progress,
                    std::stop_token stop) {
            return workspace->ingest(request, std::move(progress), std::move(stop));
        });
    connect(
        m_case->feeds.get(), &LiveFeeds::ended, this, [this](const std::string& name, const QString& why) {
            const QString what = elidedMiddle(oneLine(name), kMostName);
            statusBar()->showMessage(why.isEmpty() ? tr("No longer following: %1").arg(what)
                                                   : what + QStringLiteral(": ") + oneLine(why.toStdString()),
                                     kErrorMs);
            if (!why.isEmpty())
                m_page->setNothing(tr("No events") + QLatin1Char('\n') + what + QStringLiteral(": ") + why);
        });
    m_feedBar->setFeeds(m_case->feeds.get());
    m_case->flow = std::make_unique<ReadFlow>(
        m_stack,
        [workspace](const std::vector<std::string>& paths, std::stop_token stop) {
            return lookAhead(paths, workspace->store()->path(), workspace->clock(), std::move(stop));
        },
        places.large, workspace->clock(), m_theme);
    connect(m_case->flow.get(), &ReadFlow::cancelled, this, &MainWindow::leaveUnread, Qt::QueuedConnection);
    connect(m_case->flow.get(), &ReadFlow::chosen, this, [this](const ReadFlow::Read& read) {
        IngestRequest request;
        request.paths = read.paths;
        request.first = read.first;
        for (const std::string& path : read.paths)
            if (auto name = pastedName(m_opener->places().dataDirectory, path))
                request.names[path] = std::move(*name);
        if (!m_case->ingest->start(std::move(request))) return;
        m_page->setNothing(tr("No events yet"));
        m_page->beginFilling();
        if (read.range) m_page->setRange(*read.range);
    });
    m_hints->watch(m_case->opened->request.demo ? m_page : nullptr);
}

void MainWindow::begin(const CaseRequest& request)
{
    if (!request.command.empty()) {
        m_page->setNothing(
            tr("No events yet\nWaiting for what is followed: %1").arg(oneLine(request.command)));
        m_case->feeds->followCommand(request.command);
    } else if (request.paths.empty()) {
        m_page->setNothing(tr("No events in this store\nOpen files… (Ctrl+O) reads logs into it."));
    } else if (request.follow) {
        m_page->setNothing(tr("No events yet"));
        m_case->feeds->followFiles(request.paths);
    } else {
        read(request.paths);
    }
}

/// A store that was made for a read is not worth keeping when nothing is read into it.
void MainWindow::leaveUnread()
{
    if (m_case == nullptr || m_kept || !m_case->opened->created || m_case->ingest->running() ||
        !m_case->feeds->feeds().empty() || m_case->monitor->summary().events > 0)
        return;
    endCase(true);
    for (QLabel* const label : {m_countLabel, m_storeLabel, m_missedLabel}) label->clear();
    setWindowTitle(tr("Faultline"));
    m_stack->setCurrentWidget(m_start);
    m_start->showIdle();
    m_start->setFocus();
}

void MainWindow::paste()
{
    m_paster->paste(QGuiApplication::clipboard()->mimeData());
}

void MainWindow::takePasted(const QString& path)
{
    if (m_case != nullptr) return read({path.toStdString()});
    CaseRequest request;
    request.paths = {path.toStdString()};
    openCase(request);
}

void MainWindow::followCommand()
{
    const auto command = m_prompts.askCommand(this);
    if (!command || command->trimmed().isEmpty()) return;
    CaseRequest request;
    request.command = command->trimmed().toStdString();
    if (m_case != nullptr) return begin(request);
    openCase(request);
}

std::optional<CaseRequest> MainWindow::requestOf(const QStringList& paths)
{
    std::vector<std::string> names;
    for (const QString& path : paths)
        if (!path.isEmpty()) names.push_back(path.toStdString());
    if (names.empty()) return std::nullopt;
    auto request = caseRequest(names);
    if (request) return std::move(*request);
    showError(request.error());
    return std::nullopt;
}

void MainWindow::followPaths(const QStringList& paths)
{
    auto request = requestOf(paths);
    if (!request) return;
    request->follow = true;
    if (m_case != nullptr && request->storePath.empty()) return begin(*request);
    openCase(*request);
}

} // namespace faultline
