// What the Sources screen says when there is nothing, not yet all, something wrong, or silence.
#include "models/store/sqlite.h"
#include "models/tables/source_list_model.h"
#include "tests/support/store_fixture.h"
#include "views/sources/sources_page.h"

#include <QLabel>
#include <QLineEdit>
#include <QStackedWidget>
#include <QTableView>
#include <QTest>

using namespace faultline;
using namespace faultline::testing;

namespace {

constexpr TimeNs kStart = 1'767'322'800 * kSecondNs; // 2026-01-02T03:00:00Z

/// The screen in a process that reads a store, which another writes: the test itself.
class Screen
{
public:
    explicit Screen(bool show = true)
    {
        auto opened = Store::open(folder.file(), {});
        if (!opened) qFatal("%s", describe(opened.error()).c_str());
        writer = std::move(*opened);
        if (show) open();
    }
    void open()
    {
        auto workspace = Workspace::open({folder.file(), false, false, 1, clock});
        if (!workspace) qFatal("%s", describe(workspace.error()).c_str());
        page = std::make_unique<SourcesPage>(*workspace, [](std::shared_ptr<void>) {});
        page->resize(1000, 600);
        page->show();
    }
    SourceId add(const SourceRecord& record) const
    {
        auto id = writer->addSource(record);
        if (!id) qFatal("%s", describe(id.error()).c_str());
        return *id;
    }
    void commit(CommitBatch batch) const
    {
        if (auto done = writer->commit(std::move(batch)); !done) qFatal("%s", describe(done.error()).c_str());
    }
    template <class Widget> Widget* find(const char* name) const
    {
        auto* const widget = page->findChild<Widget*>(QLatin1String(name));
        if (widget == nullptr) qFatal("no widget named %s", name);
        return widget;
    }
    QString note() const
    {
        auto* const label = find<QLabel>("sourcesNote");
        return label->isVisible() ? label->text() : QString();
    }
    QString cell(int row, int column) const
    {
        return find<QTableView>("sourceTable")->model()->index(row, column).data().toString();
    }
    void picture(const char* name) const
    {
        const QString out = qEnvironmentVariable("FAULTLINE_PICTURES");
        if (out.isEmpty()) return;
        for (const Theme& theme : {Theme::lightTheme(), Theme::darkTheme()}) {
            QApplication::setPalette(theme.palette());
            page->setTheme(theme);
            QCoreApplication::sendPostedEvents();
            page->grab().save(
                QStringLiteral("%1/state-%2-%3.png")
                    .arg(out, QLatin1String(name), QLatin1String(theme.dark ? "dark" : "light")));
        }
    }

    StoreFolder folder;
    std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>(kStart);
    std::shared_ptr<Store> writer;
    std::unique_ptr<SourcesPage> page;
};

/// How much of a picture has about this colour.
int pixelsLike(const QImage& image, const QColor& colour)
{
    int count = 0;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) {
            const QColor pixel = image.pixelColor(x, y);
            count += std::abs(pixel.red() - colour.red()) < 24 &&
                     std::abs(pixel.green() - colour.green()) < 24 &&
                     std::abs(pixel.blue() - colour.blue()) < 24;
        }
    return count;
}

} // namespace

class TestSourceStates : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QApplication::setPalette(Theme::darkTheme().palette()); }

    void loadingThenNothing()
    {
        const Screen screen;
        QVERIFY2(screen.note().startsWith(QStringLiteral("Reading")), qPrintable(screen.note()));
        QCOMPARE(screen.find<QLabel>("sourceCount")->text(), QString());
        screen.picture("loading");
        QTRY_VERIFY2(screen.note().startsWith(QStringLiteral("Nothing has been read")),
                     qPrintable(screen.note()));
        QCOMPARE(screen.find<QLabel>("sourceCount")->text(), QStringLiteral("0 sources, reading…"));
        QVERIFY(!screen.find<QWidget>("applySettings")->isEnabled());
        QVERIFY(!screen.find<QWidget>("removeSource")->isEnabled());
        screen.picture("nothing");
    }

    /// While it is read the numbers grow, and what is typed into the form stays.
    void partial()
    {
        Screen screen(false);
        const SourceId id = screen.add(makeSource("growing.log"));
        screen.commit(makeBatch(id, 0, 10, kStart, 1));
        screen.open();
        QTRY_COMPARE(screen.cell(0, SourceListModel::EventsColumn), QStringLiteral("10"));
        QVERIFY(screen.find<QLabel>("sourceCount")->text().endsWith(QStringLiteral("reading…")));
        auto* const zone = screen.find<QLineEdit>("sourceZone");
        QTRY_VERIFY(zone->isEnabled());
        QTest::keyClicks(zone, QStringLiteral("+02:0"));
        screen.picture("partial");
        screen.clock->advance(2 * kSecondNs);
        screen.commit(makeBatch(id, 10, 30, kStart + 2 * kSecondNs, 1));
        QTRY_COMPARE(screen.cell(0, SourceListModel::EventsColumn), QStringLiteral("40"));
        QCOMPARE(screen.cell(0, SourceListModel::QuarantinedColumn), QStringLiteral("2"));
        QCOMPARE(screen.cell(0, SourceListModel::RateColumn), QStringLiteral("15/s"));
        QCOMPARE(screen.cell(0, SourceListModel::ArrivalColumn), QStringLiteral("2026-01-02 03:00:02"));
        QCOMPARE(zone->text(), QStringLiteral("+02:0"));
    }

    /// The numbers of one source grow: the others' rows are not drawn again.
    void onlyWhatChangedIsTold()
    {
        SourceListModel model;
        std::vector<SourceView> views(4);
        for (std::size_t i = 0; i < views.size(); ++i)
            views[i].record.id = SourceId{static_cast<std::uint32_t>(i + 1)};
        model.setSources(views);
        QStringList told;
        connect(&model, &QAbstractItemModel::dataChanged, this, [&told](const auto& from, const auto& to) {
            told << QStringLiteral("%1-%2").arg(from.row()).arg(to.row());
        });
        views[0].silence = 5; // of one that has ended
        model.setSources(views);
        QCOMPARE(told, QStringList());
        views[1].record.ledger.events = 1;
        views[2].record.ledger.events = 1;
        model.setSources(views);
        QCOMPARE(told, QStringList(QStringLiteral("1-2")));
    }

    void error()
    {
        Screen screen(false);
        screen.commit(makeBatch(screen.add(makeSource("a.log")), 0, 3, kStart));
        screen.open();
        QTRY_COMPARE(screen.cell(0, SourceListModel::EventsColumn), QStringLiteral("3"));
        Connection::Options options;
        options.readOnly = false;
        auto connection = Connection::open(screen.folder.file(), options);
        VERIFY_OK(connection);
        VERIFY_OK((*connection)->execute("ALTER TABLE source RENAME TO gone"));
        QTRY_VERIFY2(screen.note().startsWith(QStringLiteral("The sources cannot be read: ")),
                     qPrintable(screen.note()));
        screen.picture("error");
        VERIFY_OK((*connection)->execute("ALTER TABLE gone RENAME TO source"));
        QTRY_COMPARE(screen.note(), QString());
        QCOMPARE(screen.cell(0, SourceListModel::EventsColumn), QStringLiteral("3"));
    }

    /// Something came every ten seconds, and then nothing for 31.
    void silence()
    {
        Screen screen(false);
        SourceRecord record = makeSource("steady.log");
        record.firstArrival = record.lastArrival = kStart;
        const SourceId id = screen.add(record);
        for (Ordinal i = 0; i < 5; ++i)
            screen.commit(makeBatch(id, i * 10, 10, kStart + static_cast<TimeNs>(i) * 10 * kSecondNs));
        screen.clock->advance(70 * kSecondNs);
        screen.open();
        auto* const table = screen.find<QTableView>("sourceTable");
        QTRY_COMPARE(screen.cell(0, SourceListModel::StateColumn), QStringLiteral("live"));
        QCOMPARE(screen.cell(0, SourceListModel::LagColumn), QStringLiteral("30 s"));
        const QColor amber = Theme::darkTheme().severityColor(13);
        const auto drawn = [table, &amber](int column) {
            const QRect place = table->visualRect(table->model()->index(0, column));
            return pixelsLike(table->viewport()->grab(place).toImage(), amber);
        };
        QCOMPARE(drawn(SourceListModel::StateColumn), 0);
        screen.clock->advance(kSecondNs);
        QTRY_COMPARE(screen.cell(0, SourceListModel::StateColumn), QStringLiteral("silent"));
        QCOMPARE(screen.cell(0, SourceListModel::LagColumn), QStringLiteral("31 s"));
        QVERIFY2(drawn(SourceListModel::StateColumn) > 10, "the word is not amber");
        QVERIFY2(drawn(SourceListModel::LagColumn) > 5, "the lag is not amber");
        const QString tip = table->model()->index(0, 0).data(Qt::ToolTipRole).toString();
        QVERIFY2(tip.contains(QStringLiteral("Nothing for 31 s; usually something comes every 10 s.")),
                 qPrintable(tip));
        screen.picture("silent");
        // It speaks again.
        screen.commit(makeBatch(id, 50, 10, kStart + 71 * kSecondNs));
        QTRY_COMPARE(screen.cell(0, SourceListModel::StateColumn), QStringLiteral("live"));
    }

    void words()
    {
        Screen screen(false);
        const std::tuple<const char*, SourceState, const char*> all[] = {
            {"a.log", SourceState::Complete, "ended"},
            {"b.log", SourceState::Unreadable, "unreadable"},
            {"c.log (before 2026-01-01T00:00:00Z)", SourceState::Reading, "rotated away"},
            {"d.log.gz", SourceState::Incomplete, "cut short"},
            {"e.png", SourceState::Skipped, "skipped"},
            {"f.log", SourceState::Duplicate, "duplicate"},
            {"g.log", SourceState::Reading, "live"}};
        for (const auto& [name, state, word] : all) {
            SourceRecord record = makeSource(name);
            record.path = "/var/log/pods/checkout_payments-7c9f/" + std::string(200, 'x') + "/" + record.path;
            record.state = state;
            if (state == SourceState::Unreadable) record.detail = "permission denied";
            screen.add(record);
        }
        screen.open();
        auto* const table = screen.find<QTableView>("sourceTable");
        QTRY_COMPARE(table->model()->rowCount(), 7);
        int row = 0;
        for (const auto& [name, state, word] : all)
            QCOMPARE(screen.cell(row++, SourceListModel::StateColumn), QLatin1String(word));
        const QModelIndex unreadable = table->model()->index(1, 0);
        QVERIFY(unreadable.data(Qt::ToolTipRole).toString().contains(QStringLiteral("permission denied")));
        screen.page->resize(800, 560);
        QVERIFY2(screen.page->minimumSizeHint().width() <= 800,
                 std::to_string(screen.page->minimumSizeHint().width()).c_str());
        screen.picture("words");
        // A word filters.
        QTest::keyClicks(screen.find<QLineEdit>("sourceFilter"), QStringLiteral("rotated"));
        QTRY_COMPARE(table->model()->rowCount(), 1);
    }
};

QTEST_MAIN(TestSourceStates)
#include "tst_source_states.moc"
