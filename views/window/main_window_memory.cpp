// What the window keeps of its user: settings, sessions, saved views, the history; and its commands by name.
#include "models/session/kept_lists.h"
#include "views/investigate/investigate_page.h"
#include "views/investigate/search_bar.h"
#include "views/palette/commands.h"
#include "views/palette/pick_dialog.h"
#include "views/start/hint_strip.h"
#include "views/start/start_page.h"
#include "views/window/case_screens.h"
#include "views/window/focus_ring.h"
#include "views/window/main_window_case.h"
#include "views/window/settings_dialog.h"
#include "views/window/system_look.h"
#include "views/window/view_shelf.h"

#include <QAction>
#include <QApplication>
#include <QMenuBar>
#include <QPointer>
#include <QStatusBar>

#include <algorithm>

namespace faultline {

DisplayZone MainWindow::zone() const
{
    return {DisplayZone::kindOf(m_settings.zone), m_localZone};
}

void MainWindow::chooseZone(DisplayZone::Kind kind)
{
    choose([name = zone().with(kind).name()](Settings& all) { all.zone = name; });
}

void MainWindow::choose(const SettingsChange& change)
{
    keepSetting(change);
    applySettings();
}

void MainWindow::keepSetting(const SettingsChange& change)
{
    change(m_settings);
    m_keeper->change({}, kSettingsDocument, [change](const QJsonObject& before) -> Result<QJsonObject> {
        return changedSettings(before, change);
    });
}

void MainWindow::hearSettings(const QJsonObject& document)
{
    Settings next = m_settings;
    adopt(next, settingsFromJson(document));
    if (next == m_settings) return;
    const bool seen = next.look != m_settings.look || next.zone != m_settings.zone ||
                      next.experiments != m_settings.experiments;
    m_settings = next;
    if (!seen) return;
    applySettings();
    if (auto* const dialog = findChild<SettingsDialog*>()) dialog->setSettings(m_settings);
}

void MainWindow::applySettings()
{
    if (m_page != nullptr) {
        m_page->setZone(zone());
        m_page->setExperiments(m_settings.experiments);
    }
    showLook();
}

void MainWindow::setDark(bool dark)
{
    keepSetting(
        [look = dark ? Settings::Look::Dark : Settings::Look::Light](Settings& all) { all.look = look; });
    showLook();
}

void MainWindow::showLook()
{
    // Where the desktop does not say, dark: for three in the morning.
    const bool dark = m_settings.look == Settings::Look::System ? m_systemLook->dark().value_or(true)
                                                                : m_settings.look == Settings::Look::Dark;
    m_theme = dark ? Theme::darkTheme() : Theme::lightTheme();
    QApplication::setPalette(m_theme.palette());
    m_focusRing->setColor(m_theme.accent);
    m_start->setTheme(m_theme);
    if (m_page != nullptr) m_page->setTheme(m_theme);
    if (m_screens != nullptr) m_screens->setTheme(m_theme);
    m_hints->setTheme(m_theme);
    if (m_case != nullptr) m_case->flow->setTheme(m_theme);
    if (auto* const action = findChild<QAction*>(QStringLiteral("darkAction"))) {
        const QSignalBlocker quiet(action);
        action->setChecked(dark);
    }
}

void MainWindow::showSettings()
{
    auto* const dialog = new SettingsDialog(m_settings, this);
    connect(dialog, &SettingsDialog::changed, this, &MainWindow::choose);
    dialog->show();
}

void MainWindow::keepSession()
{
    // A store that may be taken back leaves nothing behind.
    if (m_page == nullptr || m_case == nullptr || !m_kept) return;
    m_keeper->put(m_case->opened->workspace->store()->path(), kSessionDocument, m_page->session());
}

void MainWindow::keepSize()
{
    Settings::Window shape = m_settings.window;
    shape.maximized = isMaximized();
    if (!isMaximized() && !isFullScreen()) {
        shape.width = width();
        shape.height = height();
    }
    keepSetting([shape](Settings& all) { all.window = shape; });
}

void MainWindow::recallCase()
{
    const OpenedCase& opened = *m_case->opened;
    const std::string& path = opened.workspace->store()->path();
    // Files that were named are to be seen; a store is as one left it.
    m_page->restoreSession(m_keeper->unwritten(path, kSessionDocument).value_or(opened.memory.session),
                           opened.request.paths.empty());
    m_shelf->setStore(path, opened.memory.views, opened.memory.everywhere);
    SearchBar* const search = m_page->searchBar();
    QStringList past;
    for (const std::string& query : historyFromJson(opened.memory.history))
        past.push_back(QString::fromStdString(query));
    search->setHistory(past);
    connect(m_page, &InvestigatePage::zoneChosen, this, &MainWindow::chooseZone);
    connect(m_page, &InvestigatePage::sessionChanged, this, &MainWindow::keepSession);
    connect(search, &SearchBar::asked, this, [this](const QString& text) {
        m_keeper->change({}, kHistoryDocument, [query = text.toStdString()](const QJsonObject& before) {
            QueryHistory history = historyFromJson(before);
            remember(history, query);
            return historyToJson(history);
        });
    });
    connect(search, &SearchBar::historyRequested, this, &MainWindow::showHistory);
    QMenu* const views = search->viewsMenu();
    connect(views, &QMenu::aboutToShow, this, [this, views] { m_shelf->fillMenu(views); });
    m_shelf->fillMenu(views);
    for (const Error& error : opened.memory.damaged) showError(error);
}

void MainWindow::saveView()
{
    if (m_page != nullptr) m_shelf->save(m_page->savedForm());
}

void MainWindow::showHistory()
{
    if (m_page == nullptr) return;
    std::vector<Choice> choices;
    const QStringList past = m_page->searchBar()->history();
    for (auto query = past.rbegin(); query != past.rend(); ++query)
        choices.push_back({*query, {}, {}, [this, text = *query] {
                               if (m_page != nullptr) m_page->submit(text);
                           }});
    auto* const dialog =
        new PickDialog(tr("Searches before"), tr("Part of a search"), std::move(choices), this);
    dialog->show();
}

void MainWindow::showPalette()
{
    std::vector<Choice> choices = m_shelf->choices();
    if (m_page == nullptr) choices.clear();
    for (Choice& command : commandsOf(menuBar(), m_page)) choices.push_back(std::move(command));
    const auto& recent = m_settings.recentCommands;
    const auto age = [&recent](const Choice& choice) {
        return std::find(recent.begin(), recent.end(), choice.title.toStdString()) - recent.begin();
    };
    std::stable_sort(choices.begin(), choices.end(),
                     [&](const Choice& a, const Choice& b) { return age(a) < age(b); });
    const QPointer<QWidget> before(focusWidget());
    for (Choice& choice : choices)
        choice.run = [before, run = std::move(choice.run)] {
            // As if its key had been pressed where the keyboard was.
            if (before) before->setFocus();
            run();
        };
    auto* const dialog = new PickDialog(tr("Commands"), tr("What to do: a command, a saved view, a store"),
                                        std::move(choices), this);
    connect(dialog, &PickDialog::chosen, this, [this](const QString& title) {
        keepSetting([command = title.toStdString()](Settings& all) {
            constexpr std::size_t kMostRecent = 20;
            auto& commands = all.recentCommands;
            std::erase(commands, command);
            commands.insert(commands.begin(), command);
            if (commands.size() > kMostRecent) commands.resize(kMostRecent);
        });
    });
    dialog->show();
}

} // namespace faultline
