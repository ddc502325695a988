#pragma once
#include "models/session/case_opener.h"
#include "models/session/ingest_service.h"
#include "models/session/query_service.h"
#include "models/session/settings.h"
#include "models/session/state_keeper.h"
#include "models/session/store_monitor.h"
#include "views/render/display_zone.h"
#include "views/render/theme.h"
#include "views/window/window_prompts.h"

#include <QMainWindow>

#include <functional>
#include <memory>

class QLabel;
class QMenu;
class QStackedWidget;

namespace faultline {

class CaseScreens;
class FeedBar;
class FocusRing;
class HintStrip;
class IngestBar;
class InvestigatePage;
class Paster;
class StartPage;
class SystemLook;
class ViewShelf;

/// The window: one case at a time. Owns the case's services and the actions; a screen owns its widgets.
class MainWindow final : public QMainWindow
{
    Q_OBJECT
public:
    using Prompts = WindowPrompts;
    MainWindow(CaseOpener::Places places, Prompts prompts, QWidget* parent = nullptr);
    ~MainWindow() override;

    void openCase(const CaseRequest& request);
    void setDark(bool dark);
    /// Something to be told in the status line, such as settings that cannot be read.
    void tell(const Error& error) { showError(error); }
    const Settings& settings() const { return m_settings; }
    InvestigatePage* page() const { return m_page; }
    /// What it keeps of its user is written; gives what could not be. Blocks, at most some seconds.
    std::vector<Error> finish() { return m_keeper->finish(); }

Q_SIGNALS:
    void caseOpened();
    void readFinished();

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct Case;
    void makeActions();
    void makeFileMenu();
    void openStore(const QString& path);
    void setRecent(const std::vector<RecentStore>& stores);
    void showKeys();
    DisplayZone zone() const;
    void chooseZone(DisplayZone::Kind kind);
    /// A choice of the user, in force at once and kept.
    void choose(const SettingsChange& change);
    /// Kept, and nothing to show of it.
    void keepSetting(const SettingsChange& change);
    /// The settings' document is another one: another window has chosen something.
    void hearSettings(const QJsonObject& document);
    void applySettings();
    void showLook();
    void showSettings();
    void keepSession();
    void keepSize();
    /// What was kept of the case that opens.
    void recallCase();
    void saveView();
    void showHistory();
    void showPalette();
    void showCase(const std::shared_ptr<OpenedCase>& opened);
    void offerScreens();
    void toggleScreen(const char* name);
    void endCase(bool takeBack);
    /// The store has something in it.
    void keepStore();
    void finishRead(const IngestReport& report);
    QString storeName() const;
    void read(std::vector<std::string> paths);
    // Where lines come from: main_window_feeds.cpp
    void makeFeeding();
    void beginFeeding();
    /// What a case was opened for.
    void begin(const CaseRequest& request);
    void paste();
    void takePasted(const QString& path);
    void followCommand();
    void followPaths(const QStringList& paths);
    /// What these paths are a request for; nothing when there are none, or it was said what is wrong.
    std::optional<CaseRequest> requestOf(const QStringList& paths);
    void leaveUnread();
    void openPaths(const QStringList& paths);
    void stopReading();
    void showSummary(const StoreSummary& summary);
    void showMissed();
    void showError(const Error& error);

    Prompts m_prompts;
    Settings m_settings;
    QTimeZone m_localZone;
    StateKeeper* m_keeper;
    ViewShelf* m_shelf;
    SystemLook* m_systemLook;
    CaseOpener* m_opener;
    Theme m_theme;
    QStackedWidget* m_stack;
    StartPage* m_start;
    FocusRing* m_focusRing;
    InvestigatePage* m_page = nullptr;
    CaseScreens* m_screens = nullptr;
    QMenu* m_recentMenu = nullptr;
    IngestBar* m_ingestBar;
    FeedBar* m_feedBar = nullptr;
    HintStrip* m_hints = nullptr;
    Paster* m_paster = nullptr;
    QLabel* m_countLabel;
    QLabel* m_missedLabel; ///< what is damaged and therefore in no answer
    QLabel* m_storeLabel;
    quint64 m_eventsRead = 0;
    bool m_kept = false; ///< the store was told to be worth keeping
    std::unique_ptr<Case> m_case;
};

} // namespace faultline
