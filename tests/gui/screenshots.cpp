// Pictures of the real window, offscreen:
//   faultline_screenshots OUT_FOLDER DATA_FOLDER            those of the README, on the demo incident
//   faultline_screenshots OUT_FOLDER DATA_FOLDER WxH        every screen at that size, to be looked at
#include "models/session/demo_files.h"
#include "models/session/store_places.h"
#include "views/fields/field_panel.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/keys/key_help.h"
#include "views/palette/pick_dialog.h"
#include "views/start/preflight_page.h"
#include "views/timeline/histogram_view.h"
#include "views/timeline/timeline_pane.h"
#include "views/window/app_style.h"
#include "views/window/main_window.h"
#include "views/window/settings_dialog.h"
#include "views/window/view_name_dialog.h"

#include <QAction>
#include <QApplication>
#include <QDir>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTest>
#include <QToolButton>

#include <filesystem>

using namespace faultline;

namespace {

constexpr int kMostWait = 120'000;

/// Events that nobody would write, and somebody will read.
QString writeHostileLog(const QString& folder)
{
    QFile file(QDir(folder).filePath(QStringLiteral("hostile.log")));
    if (!file.open(QIODevice::WriteOnly)) return {};
    auto line = [&file, second = 0](const QByteArray& rest) mutable {
        file.write("{\"time\":\"2026-01-02T03:00:" + QByteArray::number(second++).rightJustified(2, '0') +
                   "Z\"," + rest + "}\n");
    };
    line("\"level\":\"info\",\"service\":\"pay\",\"message\":\"plain\"");
    line("\"level\":\"warn\",\"service\":\"\u0634\u0631\u0627\u0621\",\"message\":"
         "\"\u0645\u0631\u062d\u0628\u0627 "
         "\u0628\u0627\u0644\u0639\u0627\u0644\u0645 order 17 failed\"");
    line("\"level\":\"error\",\"service\":\"pay\",\"message\":\"turned \\u202egnirts desrever\\u202c "
         "around\"");
    line("\"level\":\"error\",\"service\":\"pay\",\"message\":\"nul \\u0000 inside, bell \\u0007\"");
    line("\"level\":\"warn\",\"service\":\"pay\",\"message\":\"\\u001b[31mred\\u001b[0m and "
         "\\u001b]0;title\\u0007\"");
    line("\"level\":\"info\",\"service\":\"pay\",\"message\":\"<b>bold</b> <img src=x onerror=alert(1)> "
         "&amp;\"");
    line("\"level\":\"info\",\"service\":"
         "\"\u6771\u4eac\u306e\u30b5\u30fc\u30d3\u30b9\u306f\u9577\u3044\u540d\u524d\",\"message\":"
         "\"\u6771\u4eac "
         "\U0001F600\U0001F680 wide characters\"");
    line("\"level\":\"fatal\",\"service\":\"a-service-with-a-very-long-name-that-does-not-fit\",\"message\":"
         "\"two\\nlines\\tand a tab\"");
    line("\"level\":\"info\",\"code\":7,\"reason\":\"no message at all\",\"nested\":{\"a\":[1,2,3]}");
    line("\"level\":\"info\",\"service\":\"pay\",\"message\":\"" + QByteArray(1'000'000, 'x') + "\"");
    for (int i = 0; i < 12; ++i)
        file.write("{\"level\":\"info\",\"service\":\"pay\",\"message\":\"without a time " +
                   QByteArray::number(i) + "\"}\n");
    return file.fileName();
}

/// A day's hours, and a few events of years before.
QString writeOutliers(const QString& folder)
{
    QFile file(QDir(folder).filePath(QStringLiteral("outliers.log")));
    if (!file.open(QIODevice::WriteOnly)) return {};
    for (int i = 0; i < 4; ++i)
        file.write("{\"time\":\"2013-09-06T20:00:4" + QByteArray::number(i) +
                   "Z\",\"level\":\"info\",\"message\":\"old\",\"n\":" + QByteArray::number(i) + "}\n");
    for (int i = 0; i < 21'600; ++i) {
        const auto two = [](int number) { return QByteArray::number(number).rightJustified(2, '0'); };
        file.write("{\"time\":\"2026-11-17T" + two(12 + i / 3'600) + ":" + two(i / 60 % 60) + ":" +
                   two(i % 60) + "Z\",\"level\":\"" + (i % 100 == 7 ? "error" : "info") +
                   "\",\"service\":\"pay\",\"message\":\"m\",\"n\":" + QByteArray::number(i) + "}\n");
    }
    return file.fileName();
}

class Pictures
{
public:
    Pictures(QString out, std::string data) : m_out(std::move(out)), m_data(std::move(data))
    {
        CaseOpener::Places places;
        places.clock = std::make_shared<SystemClock>();
        places.storeFor = [root = m_data](const CaseRequest& request) {
            const StorePlaces stores(root);
            return request.demo ? stores.named("demo") : stores.forPaths(request.paths);
        };
        places.recent = [root = m_data] { return StorePlaces(root).recent(20); };
        places.remember = [root = m_data](const std::string& path) { StorePlaces(root).rememberLast(path); };
        places.makeDemo = [root = m_data](std::stop_token stop) {
            return ensureDemoFiles(root, DemoOptions(), false, std::move(stop));
        };
        m_window = std::make_unique<MainWindow>(places, MainWindow::Prompts::dialogs());
    }
    MainWindow& window() { return *m_window; }
    EventListView* list() { return m_window->findChild<EventListView*>(QStringLiteral("eventList")); }
    void save(const char* name)
    {
        settle();
        m_window->grab().save(QDir(m_out).filePath(QLatin1String(name) + QStringLiteral(".png")));
    }
    /// Answers come from other threads: until the chart is whole, and what else was asked has had its time.
    void settle()
    {
        auto* const histogram = m_window->findChild<HistogramView*>(QStringLiteral("histogram"));
        if (histogram != nullptr) (void)QTest::qWaitFor([histogram] { return histogram->exact(); }, 5'000);
        QTest::qWait(700);
    }
    bool open(const CaseRequest& request)
    {
        QSignalSpy finished(m_window.get(), &MainWindow::readFinished);
        m_window->openCase(request);
        return finished.wait(kMostWait);
    }
    void choose(int row)
    {
        list()->setFocus();
        list()->setCurrentRow(row, true);
        settle();
    }
    void query(const char* text)
    {
        m_window->page()->submit(QString::fromUtf8(text));
        settle();
    }
    /// Drags over a part of the histogram, from one share of its width to another, and takes a picture before
    /// the button is let go.
    void brush(double from, double to, const char* name)
    {
        auto* const histogram = m_window->findChild<HistogramView*>(QStringLiteral("histogram"));
        const QRect plot = histogram->plot();
        const auto at = [&](double share) {
            return QPoint(plot.left() + static_cast<int>(share * plot.width()), plot.center().y());
        };
        QTest::mousePress(histogram, Qt::LeftButton, {}, at(from));
        QTest::mouseMove(histogram, at(to));
        save(name);
        QTest::mouseMove(histogram, at(from));
        QTest::mouseRelease(histogram, Qt::LeftButton, {}, at(from));
    }
    /// The panel of fields and patterns: the lists, a field of texts, one of numbers.
    void fields(const QString& suffix);
    /// Filters beside the query, completion, and the chart by another field and as rates.
    void searching(const QString& suffix);
    /// Two lists, several lines a row, marks, columns chosen, the JSON of an event; of errors alone.
    void lists(const QString& suffix);
    /// The SQL console: empty, with an answer, with a fault and the help.
    void sql(const QString& suffix);
    void preflight(const QString& suffix);
    /// The Sources screen: settings with a preview, quarantine, account, nothing found.
    void sources(const QString& suffix);
    /// Settings, the palette of commands, the name of a saved view that is taken.
    void dialogs(const QString& suffix);
    bool readme();
    bool everything();

private:
    QString m_out;
    std::string m_data;
    std::unique_ptr<MainWindow> m_window;
};

bool Pictures::readme()
{
    if (!open({{}, {}, true})) return false;
    query("level:>=warn");
    choose(1'205);
    save("window-dark");
    m_window->setDark(false);
    save("window-light");
    return true;
}

void Pictures::lists(const QString& suffix)
{
    query("level:>=error");
    choose(300);
    const auto press = [this](int key, Qt::KeyboardModifiers with = {}) {
        QTest::keyClick(list(), static_cast<Qt::Key>(key), with);
        settle();
    };
    press(Qt::Key_M);
    press(Qt::Key_X);
    press(Qt::Key_V);
    save(qPrintable(QStringLiteral("around") + suffix));
    press(Qt::Key_W);
    press(Qt::Key_Down, Qt::ShiftModifier);
    press(Qt::Key_Down, Qt::ShiftModifier);
    press(Qt::Key_G, Qt::ControlModifier);
    save(qPrintable(QStringLiteral("around-wrapped") + suffix));
    QTest::keyClick(m_window->findChild<QLineEdit*>(QStringLiteral("timeInput")), Qt::Key_Escape);
    list()->setFocus();
    press(Qt::Key_L);
    if (auto* const picker = m_window->findChild<QWidget*>(QStringLiteral("columnPicker"))) {
        picker->grab().save(
            QDir(m_out).filePath(QStringLiteral("columns") + suffix + QStringLiteral(".png")));
        picker->hide();
    }
    m_window->page()->setListLayout({});
    m_window->page()->submit({});
    settle();
}

void Pictures::fields(const QString& suffix)
{
    auto* const panel = m_window->findChild<FieldPanel*>();
    auto* const tabs = m_window->findChild<QTabWidget*>(QStringLiteral("fieldTabs"));
    if (panel == nullptr || tabs == nullptr) return;
    panel->show();
    panel->focusList();
    save(qPrintable(QStringLiteral("fields") + suffix));
    panel->openField(QStringLiteral("service"));
    save(qPrintable(QStringLiteral("fields-values") + suffix));
    panel->openField(QStringLiteral("duration_ms"));
    save(qPrintable(QStringLiteral("fields-number") + suffix));
    if (auto* const card = m_window->findChild<QScrollArea*>(QStringLiteral("fieldCard")))
        card->verticalScrollBar()->setValue(card->verticalScrollBar()->maximum());
    save(qPrintable(QStringLiteral("fields-trend") + suffix));
    tabs->setCurrentIndex(1);
    panel->focusList();
    save(qPrintable(QStringLiteral("patterns") + suffix));
    tabs->setCurrentIndex(0);
}

void Pictures::searching(const QString& suffix)
{
    InvestigatePage& page = *m_window->page();
    InvestigationView view;
    view.chips = {{"service:pricing"},
                  {"level:debug", true, true},
                  {"host:\"orders-db-0\"", false},
                  {"message:\"connection is not available, request timed out after\"", true, true, true}};
    page.show(view);
    save(qPrintable(QStringLiteral("chips") + suffix));
    view.chipsOn = false;
    page.show(view);
    save(qPrintable(QStringLiteral("chips-off") + suffix));
    page.show({});
    settle();
    auto* const input = m_window->findChild<QLineEdit*>(QStringLiteral("searchInput"));
    input->setFocus();
    QTest::keyClicks(input, QStringLiteral("level:>=warn ser"));
    save(qPrintable(QStringLiteral("names") + suffix));
    QTest::keyClicks(input, QStringLiteral("vice:"));
    save(qPrintable(QStringLiteral("values") + suffix));
    QTest::keyClick(input, Qt::Key_Escape);
    input->clear();
    page.show({});
    auto* const timeline = m_window->findChild<TimelinePane*>();
    timeline->setGroup(QStringLiteral("service"));
    save(qPrintable(QStringLiteral("by-service") + suffix));
    auto* const rate = m_window->findChild<QToolButton*>(QStringLiteral("rateButton"));
    rate->setChecked(true);
    save(qPrintable(QStringLiteral("rates") + suffix));
    rate->setChecked(false);
    timeline->setGroup(QStringLiteral("severity"));
}

void Pictures::sql(const QString& suffix)
{
    m_window->findChild<QAction*>(QStringLiteral("sqlAction"))->trigger();
    auto* const statement = m_window->findChild<QPlainTextEdit*>(QStringLiteral("sqlStatement"));
    save(qPrintable(QStringLiteral("sql-empty") + suffix));
    const auto run = [&](const char* text) {
        statement->setPlainText(QString::fromLatin1(text));
        QTest::keyClick(statement, Qt::Key_Return, Qt::ControlModifier);
        const auto* const stop = m_window->findChild<QPushButton*>(QStringLiteral("sqlStop"));
        (void)QTest::qWaitFor([stop] { return !stop->isEnabled(); }, 20'000);
        settle();
    };
    run("SELECT service, severity, count(*) AS events,\n       percentile(field(row, 'duration_ms'), 95) AS "
        "p95,\n"
        "       max(message) AS message\nFROM events\nGROUP BY service, severity\nORDER BY events DESC");
    save(qPrintable(QStringLiteral("sql") + suffix));
    m_window->findChild<QToolButton*>(QStringLiteral("sqlHelpButton"))->click();
    run("SELECT service,\n       severty\nFROM events");
    save(qPrintable(QStringLiteral("sql-fault") + suffix));
    m_window->findChild<QToolButton*>(QStringLiteral("sqlHelpButton"))->click();
    QTest::keyClick(statement, Qt::Key_Escape);
    settle();
}

/// The screen before a large read, of the demo's files.
void Pictures::preflight(const QString& suffix)
{
    const auto clock = std::make_shared<SystemClock>();
    PreflightPage page(clock);
    page.setTheme(suffix.isEmpty() ? Theme::darkTheme() : Theme::lightTheme());
    page.resize(m_window->size());
    page.show();
    page.showLooking(QString::fromStdString(m_data));
    const auto grab = [&](const char* name) {
        settle();
        page.grab().save(QDir(m_out).filePath(QLatin1String(name) + suffix + QStringLiteral(".png")));
    };
    grab("preflight-looking");
    auto found = lookAhead({m_data}, m_data + "/x.faultline", clock, {});
    if (!found) return;
    page.showPreflight(std::make_shared<const Preflight>(std::move(*found)));
    grab("preflight");
    if (auto* const hour = page.findChild<QPushButton*>(QStringLiteral("last1h"))) hour->click();
    grab("preflight-range");
}

void Pictures::sources(const QString& suffix)
{
    m_window->findChild<QAction*>(QStringLiteral("sourcesAction"))->trigger();
    settle();
    settle();
    save(qPrintable(QStringLiteral("sources") + suffix));
    auto* const clock = m_window->findChild<QLineEdit*>(QStringLiteral("sourceOffset"));
    QTest::keyClicks(clock, QStringLiteral("-90s"));
    settle();
    save(qPrintable(QStringLiteral("sources-preview") + suffix));
    clock->clear();
    auto* const tabs = m_window->findChild<QTabWidget*>(QStringLiteral("sourceTabs"));
    tabs->setCurrentIndex(1);
    save(qPrintable(QStringLiteral("sources-quarantine") + suffix));
    tabs->setCurrentIndex(2);
    save(qPrintable(QStringLiteral("sources-account") + suffix));
    tabs->setCurrentIndex(0);
    auto* const filter = m_window->findChild<QLineEdit*>(QStringLiteral("sourceFilter"));
    filter->setText(QStringLiteral("nothing has this name"));
    save(qPrintable(QStringLiteral("sources-nothing") + suffix));
    filter->clear();
    QTest::keyClick(filter, Qt::Key_Escape);
    settle();
}

void Pictures::dialogs(const QString& suffix)
{
    const auto grab = [&](QDialog* dialog, const char* name) {
        if (dialog == nullptr) return;
        settle();
        dialog->grab().save(QDir(m_out).filePath(QLatin1String(name) + suffix + QStringLiteral(".png")));
        dialog->close();
    };
    m_window->findChild<QAction*>(QStringLiteral("settingsAction"))->trigger();
    grab(m_window->findChild<SettingsDialog*>(), "settings");
    m_window->findChild<QAction*>(QStringLiteral("paletteAction"))->trigger();
    grab(m_window->findChild<PickDialog*>(), "palette");
    ViewNameDialog::ask(m_window.get(), {{}, {QStringLiteral("Errors of pay")}, {}}, [](const ViewName&) {});
    auto* const name = m_window->findChild<QLineEdit*>(QStringLiteral("viewName"));
    name->setText(QStringLiteral("Errors of pay"));
    grab(m_window->findChild<ViewNameDialog*>(), "save-view");
}

bool Pictures::everything()
{
    save("start");
    m_window->setDark(false);
    save("start-light");
    m_window->setDark(true);
    QSignalSpy finished(m_window.get(), &MainWindow::readFinished);
    QSignalSpy opened(m_window.get(), &MainWindow::caseOpened);
    m_window->openCase({{}, {}, true});
    QTest::qWait(50);
    m_window->grab().save(QDir(m_out).filePath(QStringLiteral("opening.png")));
    if (opened.isEmpty() && !opened.wait(kMostWait)) return false;
    QTest::qWait(600);
    m_window->grab().save(QDir(m_out).filePath(QStringLiteral("loading.png")));
    if (finished.isEmpty() && !finished.wait(kMostWait)) return false;
    choose(120'000);
    save("hints");
    m_window->setDark(false);
    save("hints-light");
    preflight(QStringLiteral("-light"));
    m_window->setDark(true);
    preflight({});
    for (int i = 0; i < 3; ++i) m_window->findChild<QToolButton*>(QStringLiteral("hintDismiss"))->click();
    save("results");
    lists({});
    fields({});
    searching({});
    sql({});
    sources({});
    dialogs({});
    choose(120'000);
    m_window->setDark(false);
    save("results-light");
    lists(QStringLiteral("-light"));
    fields(QStringLiteral("-light"));
    searching(QStringLiteral("-light"));
    sql(QStringLiteral("-light"));
    sources(QStringLiteral("-light"));
    dialogs(QStringLiteral("-light"));
    query("servce:checkout level:error");
    save("unknown-light");
    m_window->setDark(true);
    save("unknown");
    query("service:checkout AND (duration_ms>");
    save("error");
    m_window->setDark(false);
    save("error-light");
    m_window->setDark(true);
    query("level:>=warn");
    brush(0.55, 0.75, "brush");
    brush(0.98, 0.6, "brush-right");
    query("nothing_has_this_word");
    save("nothing");
    query("level:>=warn");
    choose(400);
    const QPoint at(600, 40);
    QContextMenuEvent menu(QContextMenuEvent::Mouse, at, list()->viewport()->mapToGlobal(at));
    QApplication::sendEvent(list()->viewport(), &menu);
    settle();
    if (auto* const popup = m_window->findChild<QMenu*>(QStringLiteral("rowMenu"))) {
        popup->grab().save(QDir(m_out).filePath(QStringLiteral("menu.png")));
        popup->close();
    }
    list()->setFocus();
    if (auto* const keys = m_window->findChild<QAction*>(QStringLiteral("keysAction"))) keys->trigger();
    settle();
    if (auto* const help = m_window->findChild<KeyHelp*>()) {
        help->grab().save(QDir(m_out).filePath(QStringLiteral("keys.png")));
        help->close();
    }
    if (!open({{writeHostileLog(QString::fromStdString(m_data)).toStdString()},
               StorePlaces(m_data).named("hostile"),
               false}))
        return false;
    for (const int row : {1, 2, 4, 9}) {
        choose(row);
        save(qPrintable(QStringLiteral("hostile-%1").arg(row)));
    }
    query("service:pay without");
    save("no-time");
    if (!open({{writeOutliers(QString::fromStdString(m_data)).toStdString()},
               StorePlaces(m_data).named("outliers"),
               false}))
        return false;
    save("outliers");
    m_window->page()->showAllTime();
    save("all-time");
    QFile program(QDir(QString::fromStdString(m_data)).filePath(QStringLiteral("bin.log")));
    if (!program.open(QIODevice::WriteOnly)) return false;
    program.write(QByteArray("\x7f"
                             "ELF\2\1\1",
                             7) +
                  QByteArray(4'000, '\0'));
    program.close();
    if (!open({{program.fileName().toStdString()}, StorePlaces(m_data).named("bin"), false})) return false;
    save("nothing-read");
    m_window->setDark(false);
    save("nothing-read-light");
    return true;
}

} // namespace

int main(int argc, char** argv)
{
    const QApplication application(argc, argv);
    QApplication::setStyle(new AppStyle);
    const QStringList size =
        argc == 4 ? QString::fromLocal8Bit(argv[3]).split(QLatin1Char('x')) : QStringList();
    if (argc < 3 || argc > 4 || (argc == 4 && size.size() != 2)) {
        qWarning("usage: faultline_screenshots OUT_FOLDER DATA_FOLDER [WxH]");
        return 2;
    }
    Pictures pictures(QString::fromLocal8Bit(argv[1]), argv[2]);
    pictures.window().resize(argc == 4 ? QSize(size[0].toInt(), size[1].toInt()) : QSize(1400, 860));
    pictures.window().show();
    if (argc == 4 ? pictures.everything() : pictures.readme()) return 0;
    qWarning("the events were not read in two minutes");
    return 1;
}
