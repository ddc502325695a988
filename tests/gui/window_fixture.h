#pragma once
#include "models/query/engine.h"
#include "models/records/time_text.h"
#include "models/session/store_places.h"
#include "views/window/main_window.h"

#include <QAction>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

namespace faultline {

/// A window on a case of its own in a temporary folder, with its questions to the user answered by the test.
class WindowFixture
{
public:
    /// `zone`: of the user. `data`: a folder of another fixture, as another run of the program has it.
    /// `change` what the window is started with.
    explicit WindowFixture(const std::string& zone = "UTC", const QString& data = {}, bool experiments = true,
                           const std::function<void(CaseOpener::Places&)>& change = {})
    {
        CaseOpener::Places places;
        places.clock = std::make_shared<SystemClock>();
        places.storeFor = [root = m_root.path(), this](const CaseRequest&) {
            QDir(root).mkpath(QStringLiteral("stores"));
            return (root + QStringLiteral("/stores/") + m_storeName + QStringLiteral(".faultline"))
                .toStdString();
        };
        places.recent = [root = m_root.path()] {
            return StorePlaces((root + QStringLiteral("/data")).toStdString()).recent(20);
        };
        places.remember = [root = m_root.path()](const std::string& path) {
            StorePlaces((root + QStringLiteral("/data")).toStdString()).rememberLast(path);
        };
        places.makeDemo = [](std::stop_token) -> Result<std::vector<std::string>> {
            return makeError(ErrorKind::NotFound, "make the demo", "this test has none");
        };
        places.localZone = zone;
        m_data = data.isEmpty() ? m_root.path() : data;
        const auto state =
            std::make_shared<const UserState>((m_data + QStringLiteral("/data")).toStdString());
        std::vector<Error> damaged;
        places.settings = readSettings(*state, damaged);
        for (const Experiment& each : faultline::experiments())
            if (experiments) (void)places.settings.experiments.enable(each.name);
        places.state = state;
        places.dataDirectory = (m_data + QStringLiteral("/data")).toStdString();
        if (change) change(places);
        MainWindow::Prompts prompts;
        prompts.chooseFiles = [this](QWidget*) { return m_files; };
        prompts.nameView = [this](QWidget*, const ViewQuestion& question,
                                  std::function<void(const ViewName&)> answered) {
            m_viewQuestion = question;
            m_answerView = std::move(answered);
            if (!m_viewName.isEmpty()) answerViewName();
        };
        prompts.chooseFolder = [](QWidget*) { return QString(); };
        prompts.chooseStore = [this](QWidget*) { return m_store; };
        prompts.cancelRead = [](QWidget*, quint64) { return MainWindow::Prompts::CancelAnswer::Keep; };
        prompts.joinFiles = [this](QWidget*, const QString& store, quint64 events, qsizetype files) {
            m_joins.push_back(QStringLiteral("%1 %2 %3").arg(store).arg(events).arg(files));
            return m_join;
        };
        prompts.askCommand = [this](QWidget*) { return m_command; };
        prompts.saveAnswer = [this](QWidget*) { return m_answerFile; };
        m_window = std::make_unique<MainWindow>(std::move(places), std::move(prompts));
    }

    MainWindow& window() { return *m_window; }
    /// The answer when a view is to be saved or renamed; empty: it is not.
    void setViewName(const QString& name, bool everywhere = false)
    {
        m_viewName = name;
        m_everywhere = everywhere;
    }
    /// What was asked with last, and the answer to it, where it comes later: setViewName({}) before.
    const ViewQuestion& viewQuestion() const { return m_viewQuestion; }
    void answerViewName() { std::exchange(m_answerView, {})({m_viewName, m_everywhere}); }
    /// Ends the program: what it keeps is on disk then.
    void end() { m_window.reset(); }
    template <class Widget> Widget* find(const char* name)
    {
        auto* const widget = m_window->findChild<Widget*>(QLatin1String(name));
        if (widget == nullptr) qFatal("no widget named %s", name);
        return widget;
    }
    void setChosenFiles(const QStringList& files) { m_files = files; }
    /// The file that the answer of an SQL statement is written to.
    void setAnswerFile(const QString& path) { m_answerFile = path; }
    void setChosenStore(const QString& path) { m_store = path; }
    /// The command that is typed when one is asked for; nothing: cancelled.
    void setCommand(const std::optional<QString>& command) { m_command = command; }
    /// The name of the store that the next files get, when they get one of their own.
    void setStoreName(const QString& name) { m_storeName = name; }
    void setJoinAnswer(MainWindow::Prompts::JoinAnswer answer) { m_join = answer; }
    /// What was asked before files joined a store: its name, its events, their number.
    const QStringList& joins() const { return m_joins; }
    QString storePath() const { return m_root.path() + QStringLiteral("/stores/case.faultline"); }
    QString countText() { return find<QLabel>("countLabel")->text(); }
    /// Types a query and Enter.
    void search(const QString& query)
    {
        auto* const input = find<QLineEdit>("searchInput");
        input->setFocus();
        input->selectAll();
        QTest::keyClicks(input, query);
        QTest::keyClick(input, Qt::Key_Return);
    }

    /// Chooses what the menu over a brushed range offers by this name.
    bool chooseForRange(const char* offer)
    {
        QMenu* menu = nullptr;
        if (!QTest::qWaitFor([&] {
                menu = m_window->findChild<QMenu*>(QStringLiteral("rangeMenu"));
                return menu != nullptr && menu->isVisible();
            }))
            return false;
        auto* const action = menu->findChild<QAction*>(QLatin1String(offer));
        if (action == nullptr) return false;
        menu->setActiveAction(action);
        QTest::keyClick(menu, Qt::Key_Return);
        return true;
    }

    /// `count` events, one a second from 2026-01-02T03:00:00Z: every tenth a warning of pay, every fiftieth
    /// an error.
    QString writeLog(const QString& name, int count) const
    {
        QFile file(m_root.filePath(name));
        if (!file.open(QIODevice::WriteOnly)) qFatal("cannot write the log");
        for (int i = 0; i < count; ++i) {
            std::string time;
            formatTime((1'767'322'800 + i) * kSecondNs, rfc3339Millis(), time);
            const char* const level = i % 50 == 49 ? "error" : i % 10 == 9 ? "warn" : "info";
            const char* const service = i % 10 == 9 ? "pay" : "cart";
            file.write(QByteArray("{\"time\":\"") + time.c_str() + "\",\"level\":\"" + level +
                       "\",\"service\":\"" + service + "\",\"message\":\"request " + QByteArray::number(i) +
                       " took " + QByteArray::number(i % 97) +
                       " ms\",\"duration_ms\":" + QByteArray::number(i % 97) + ",\"user\":{\"id\":\"u-" +
                       QByteArray::number(i % 7) + "\"}}\n");
        }
        return file.fileName();
    }
    QString writeLines(const QString& name, const QList<QByteArray>& lines) const
    {
        QFile file(m_root.filePath(name));
        if (!file.open(QIODevice::WriteOnly)) qFatal("cannot write the log");
        for (const QByteArray& line : lines) file.write(line + '\n');
        return file.fileName();
    }
    /// Opens files and waits until they are read and shown.
    bool openAndWait(const QStringList& files)
    {
        QSignalSpy finished(m_window.get(), &MainWindow::readFinished);
        CaseRequest request;
        for (const QString& file : files) request.paths.push_back(file.toStdString());
        m_window->openCase(request);
        return finished.wait(60'000);
    }
    const QTemporaryDir& root() const { return m_root; }

private:
    static TimeLayout rfc3339Millis()
    {
        TimeLayout layout;
        layout.form = TimeLayout::Form::Rfc3339;
        layout.digits = 3;
        layout.zone = TimeLayout::Zone::Z;
        return layout;
    }
    QTemporaryDir m_root;
    QString m_data, m_viewName;
    bool m_everywhere = false;
    ViewQuestion m_viewQuestion;
    std::function<void(const ViewName&)> m_answerView;
    QStringList m_files;
    QString m_answerFile;
    std::optional<QString> m_command;
    QString m_store, m_storeName = QStringLiteral("case");
    MainWindow::Prompts::JoinAnswer m_join = MainWindow::Prompts::JoinAnswer::Add;
    QStringList m_joins;
    std::unique_ptr<MainWindow> m_window;
};

} // namespace faultline
