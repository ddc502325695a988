// Menus and actions of the window, and what they call.
#include "views/investigate/investigate_page.h"
#include "views/keys/key_help.h"
#include "views/render/counts.h"
#include "views/render/plain_text.h"
#include "views/sources/sources_page.h"
#include "views/sql/sql_console.h"
#include "views/start/start_page.h"
#include "views/window/case_screens.h"
#include "views/window/ingest_bar.h"
#include "views/window/main_window_case.h"
#include "views/window/recent_labels.h"

#include <QAction>
#include <QMenuBar>

namespace faultline {
namespace {

constexpr const char* kSqlScreen = "sql";
constexpr const char* kSourcesScreen = "sources";

template <class Run>
QAction* addEntry(QMenu* menu, const QString& text, const QList<QKeySequence>& keys, QObject* owner, Run run)
{
    QAction* const action = menu->addAction(text, owner, run);
    action->setShortcuts(keys);
    return action;
}

} // namespace

void MainWindow::makeFileMenu()
{
    QMenu* const file = menuBar()->addMenu(tr("&File"));
    const auto add = [this, file](const QString& text, const QKeySequence& key, auto&& run) {
        return addEntry(file, text, {key}, this, run);
    };
    add(tr("&Open files…"), QKeySequence(Qt::CTRL | Qt::Key_O),
        [this] { openPaths(m_prompts.chooseFiles(this)); });
    add(tr("Open &folder…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O),
        [this] { openPaths({m_prompts.chooseFolder(this)}); });
    add(tr("Open &store…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S), [this] {
        openStore(m_prompts.chooseStore(this));
    })->setObjectName(QStringLiteral("openStoreAction"));
    file->addSeparator();
    add(tr("&Paste lines"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_V), [this] {
        paste();
    })->setObjectName(QStringLiteral("pasteAction"));
    add(tr("Follow a &command…"), QKeySequence(Qt::CTRL | Qt::Key_J), [this] {
        followCommand();
    })->setObjectName(QStringLiteral("followCommandAction"));
    add(tr("Fo&llow files…"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_J), [this] {
        followPaths(m_prompts.chooseFiles(this));
    })->setObjectName(QStringLiteral("followFilesAction"));
    file->addAction(tr("Follow fold&er…"), this, [this] { followPaths({m_prompts.chooseFolder(this)}); })
        ->setObjectName(QStringLiteral("followFolderAction"));
    file->addSeparator();
    m_recentMenu = file->addMenu(tr("Open &recent"));
    m_recentMenu->setObjectName(QStringLiteral("recentMenu"));
    m_recentMenu->setToolTipsVisible(true);
    setRecent({});
    file->addAction(tr("&Demo incident"), this, [this] { openCase({{}, {}, true}); });
    file->addSeparator();
    add(tr("&Quit"), QKeySequence(Qt::CTRL | Qt::Key_Q), [this] { close(); });
}

void MainWindow::setRecent(const std::vector<RecentStore>& stores)
{
    m_recentMenu->clear();
    m_recentMenu->setEnabled(!stores.empty());
    const auto labels = recentLabels(stores);
    for (std::size_t i = 0; i < stores.size(); ++i) {
        const RecentStore& store = stores[i];
        const QString path = QString::fromStdString(store.path);
        QAction* const action = m_recentMenu->addAction(menuText(labels[i]) + QLatin1Char('\t') +
                                                            formatBytes(static_cast<double>(store.bytes)),
                                                        this, [this, path] { openStore(path); });
        action->setToolTip(QStringLiteral("<pre>") + oneLine(store.path).toHtmlEscaped() +
                           QStringLiteral("</pre>"));
    }
    m_start->setRecent(stores);
}

void MainWindow::openStore(const QString& path)
{
    if (!path.isEmpty()) openCase({{}, path.toStdString(), false});
}

void MainWindow::offerScreens()
{
    m_case->compares = std::make_shared<CompareService>(m_case->opened->workspace->comparer());
    m_page->addChanges(m_case->compares);
    m_page->setTheme(m_theme);
    m_screens = new CaseScreens(m_stack, m_page, m_theme, this);
    const auto retire = [this](std::shared_ptr<void> service) { m_opener->release(std::move(service)); };
    m_screens->offer(kSqlScreen, [this, retire](QWidget* parent) -> CaseScreens::Screen {
        const std::shared_ptr<Workspace>& workspace = m_case->opened->workspace;
        auto* const console =
            new SqlConsole(workspace->store(), workspace->clock(), m_prompts.saveAnswer, retire, parent);
        connect(console, &SqlConsole::left, m_screens, &CaseScreens::goHome);
        return {console, [console](const Theme& theme) { console->setTheme(theme); }};
    });
    m_screens->offer(kSourcesScreen, [this, retire](QWidget* parent) -> CaseScreens::Screen {
        auto* const sources = new SourcesPage(m_case->opened->workspace, retire, parent);
        connect(sources, &SourcesPage::left, m_screens, &CaseScreens::goHome);
        return {sources, [sources](const Theme& theme) { sources->setTheme(theme); }};
    });
}

void MainWindow::toggleScreen(const char* name)
{
    if (m_screens != nullptr) m_screens->toggle(name);
}

void MainWindow::showKeys()
{
    auto* const help = new KeyHelp(KeyHelp::sectionsFor(this, focusWidget()), this);
    help->show();
}

void MainWindow::makeActions()
{
    makeFileMenu();
    const auto add = [this](QMenu* menu, const QString& text, const QKeySequence& key, auto&& run) {
        return addEntry(menu, text, {key}, this, run);
    };
    QMenu* const view = menuBar()->addMenu(tr("&View"));
    add(view, tr("&Find"), QKeySequence(Qt::CTRL | Qt::Key_F), [this] {
        if (m_page != nullptr) m_page->focusSearch();
    });
    add(view, tr("&Back"), QKeySequence(Qt::ALT | Qt::Key_Left), [this] {
        if (m_page != nullptr) m_page->back();
    });
    add(view, tr("&Forward"), QKeySequence(Qt::ALT | Qt::Key_Right), [this] {
        if (m_page != nullptr) m_page->forward();
    });
    add(view, tr("&All time"), QKeySequence(Qt::CTRL | Qt::Key_0), [this] {
        if (m_page != nullptr) m_page->showAllTime();
    });
    view->addSeparator();
    add(view, tr("&Sources"), QKeySequence(Qt::Key_F8), [this] {
        toggleScreen(kSourcesScreen);
    })->setObjectName(QStringLiteral("sourcesAction"));
    add(view, tr("S&QL console"), QKeySequence(Qt::Key_F7), [this] {
        toggleScreen(kSqlScreen);
    })->setObjectName(QStringLiteral("sqlAction"));
    view->addSeparator();
    QAction* const dark = add(view, tr("&Dark"), QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_D), [] {});
    dark->setCheckable(true);
    dark->setChecked(true);
    dark->setObjectName(QStringLiteral("darkAction"));
    connect(dark, &QAction::toggled, this, &MainWindow::setDark);
    add(view, tr("Se&ttings…"), QKeySequence(Qt::CTRL | Qt::Key_Comma), [this] {
        showSettings();
    })->setObjectName(QStringLiteral("settingsAction"));
    add(view, tr("Sa&ve this view…"), QKeySequence(Qt::CTRL | Qt::Key_S), [this] { saveView(); });
    QMenu* const help = menuBar()->addMenu(tr("&Help"));
    addEntry(help, tr("&Commands…"), {QKeySequence(Qt::CTRL | Qt::Key_K)}, this, [this] {
        showPalette();
    })->setObjectName(QStringLiteral("paletteAction"));
    addEntry(help, tr("&Keys here"), {QKeySequence(Qt::Key_F1), QKeySequence(Qt::Key_Question)}, this,
             [this] { showKeys(); })
        ->setObjectName(QStringLiteral("keysAction"));
}

} // namespace faultline
