#include "models/session/workspace.h"
#include "tests/gui/window_fixture.h"
#include "views/search/chip_bar.h"
#include "views/search/query_completer.h"
#include "views/search/query_edit.h"

#include <QImage>
#include <QListWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <cmath>

using namespace faultline;

namespace {

bool hasColour(const QImage& image, const QColor& wanted)
{
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x)
            if (image.pixelColor(x, y) == wanted) return true;
    return false;
}

/// The filter bar, with what it last asked for applied to it.
struct Chips
{
    explicit Chips(const std::vector<FilterChip>& chips)
    {
        QObject::connect(&bar, &ChipBar::chipsChanged, &bar,
                         [this](const std::vector<FilterChip>& now, bool on) {
                             ++changes;
                             allOn = on;
                             bar.setChips(now, on);
                         });
        bar.setChips(chips, true);
        bar.resize(400, 40);
        bar.show();
    }
    QToolButton* chip(int index)
    {
        auto* const button = bar.findChild<QToolButton*>(QStringLiteral("chip%1").arg(index));
        if (button == nullptr || button->isHidden()) qFatal("there is no chip %d", index);
        return button;
    }
    std::optional<QString> answer;
    QString asked;
    int changes = 0;
    bool allOn = true;
    ChipBar bar{[this](QWidget*, const QString& before) {
        asked = before;
        return answer;
    }};
};

} // namespace

/// Colours, completion and filter chips of the search.
class TestSearchParts : public QObject
{
    Q_OBJECT
    QTemporaryDir m_folder;
    std::shared_ptr<Workspace> m_workspace;

private Q_SLOTS:
    void initTestCase()
    {
        WindowFixture files;
        const QString log = files.writeLog(QStringLiteral("a.log"), 200);
        Workspace::Options options;
        options.storePath = m_folder.filePath(QStringLiteral("s.faultline")).toStdString();
        options.write = options.create = true;
        options.threads = 1;
        auto workspace = Workspace::open(options);
        QVERIFY(workspace.ok());
        m_workspace = *workspace;
        IngestRequest request;
        request.paths = {log.toStdString()};
        QVERIFY(m_workspace->ingest(request, {}, {}).ok());
    }
    void partsHaveColours()
    {
        QueryEdit edit;
        const Theme theme = Theme::lightTheme();
        edit.setTheme(theme);
        edit.setPalette(theme.palette());
        QFont large = edit.font();
        large.setPixelSize(40);
        edit.setFont(large);
        edit.resize(900, 60);
        edit.setText(QStringLiteral("III"));
        QVERIFY(!hasColour(edit.grab().toImage(), theme.accent));
        edit.setText(QStringLiteral("\u00fcIII:LLL"));
        const QImage seen = edit.grab().toImage();
        QVERIFY2(hasColour(seen, theme.accent), "the field has no colour");
        QVERIFY2(hasColour(seen, theme.severity[3]), "the value has no colour");
        QCOMPARE(edit.text(), QStringLiteral("\u00fcIII:LLL"));
        edit.setCursorByte(6); // behind the colon: the letter has two bytes
        QCOMPARE(edit.cursorPosition(), 5);
        QCOMPARE(edit.cursorByte(), std::size_t{6});
        QTest::keyClicks(&edit, QStringLiteral("x"));
        QCOMPARE(edit.text(), QStringLiteral("\u00fcIII:xLLL"));
    }
    void namesAndValuesAreCompleted()
    {
        QueryService queries(m_workspace->engine());
        QWidget window;
        auto* const layout = new QVBoxLayout(&window);
        auto* const edit = new QueryEdit(&window);
        layout->addWidget(edit);
        layout->addStretch(1);
        window.resize(600, 400);
        auto* const completer =
            new QueryCompleter(edit, std::shared_ptr<QueryService>(&queries, [](auto*) {}));
        window.show();
        window.activateWindow();
        edit->setFocus();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        const auto offered = [&] { return completer->offered().join(QLatin1Char(' ')); };
        QTest::keyClicks(edit, QStringLiteral("ser"));
        QTRY_VERIFY(completer->visible());
        QCOMPARE(completer->offered().first(), QStringLiteral("service"));
        QTest::keyClick(edit, Qt::Key_Tab);
        QCOMPARE(edit->text(), QStringLiteral("service:"));
        // The values that the field has, the most frequent first, with their counts.
        QTRY_COMPARE(offered(), QStringLiteral("cart pay"));
        QVERIFY(window.findChild<QListWidget*>(QStringLiteral("completions"))
                    ->item(0)
                    ->text()
                    .endsWith(QStringLiteral("180")));
        QTest::keyClicks(edit, QStringLiteral("p"));
        QTRY_COMPARE(offered(), QStringLiteral("pay"));
        QTest::keyClick(edit, Qt::Key_Down);
        QTest::keyClick(edit, Qt::Key_Return);
        QCOMPARE(edit->text(), QStringLiteral("service:pay "));
        QVERIFY(!completer->visible());
        // Esc closes and Return without a choice is a search of its own.
        QTest::keyClicks(edit, QStringLiteral("us"));
        QTRY_COMPARE(offered(), QStringLiteral("user.id"));
        QSignalSpy entered(edit, &QLineEdit::returnPressed);
        QTest::keyClick(edit, Qt::Key_Escape);
        QVERIFY(!completer->visible());
        QTest::keyClicks(edit, QStringLiteral("e"));
        QTRY_VERIFY(completer->visible());
        QTest::keyClick(edit, Qt::Key_Return);
        QVERIFY(!completer->visible());
        QCOMPARE(entered.size(), 1);
        QCOMPARE(edit->text(), QStringLiteral("service:pay use"));
    }
    void completionsStandOut()
    {
        const auto contrast = [](const QColor& a, const QColor& b) {
            const auto light = [](const QColor& colour) {
                const auto part = [](double value) {
                    return value <= 0.03928 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
                };
                return 0.2126 * part(colour.redF()) + 0.7152 * part(colour.greenF()) +
                       0.0722 * part(colour.blueF());
            };
            const double one = light(a) + 0.05, other = light(b) + 0.05;
            return std::max(one, other) / std::min(one, other);
        };
        QueryService queries(m_workspace->engine());
        QWidget window;
        auto* const layout = new QVBoxLayout(&window);
        auto* const edit = new QueryEdit(&window);
        layout->addWidget(edit);
        layout->addStretch(1);
        window.resize(600, 300);
        auto* const completer =
            new QueryCompleter(edit, std::shared_ptr<QueryService>(&queries, [](auto*) {}));
        window.show();
        window.activateWindow();
        edit->setFocus();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        QTest::keyClicks(edit, QStringLiteral("e"));
        QTRY_VERIFY(completer->visible());
        QTest::keyClick(edit, Qt::Key_Down);
        auto* const list = window.findChild<QListWidget*>(QStringLiteral("completions"));
        for (const Theme& theme : {Theme::darkTheme(), Theme::lightTheme()}) {
            window.setPalette(theme.palette());
            completer->setTheme(theme);
            const QImage seen = list->grab().toImage();
            const QString out = qEnvironmentVariable("FAULTLINE_PICTURES");
            if (!out.isEmpty())
                window.grab().save(out + (theme.dark ? QStringLiteral("/completions-dark.png")
                                                     : QStringLiteral("/completions-light.png")));
            for (const QPoint& edge : {QPoint(0, seen.height() / 2), QPoint(seen.width() - 1, 5),
                                       QPoint(seen.width() / 2, 0), QPoint(20, seen.height() - 1)})
                for (const QColor& beside : {theme.base, theme.window, theme.alternate})
                    QVERIFY2(contrast(seen.pixelColor(edge), beside) >= 3,
                             qPrintable(QStringLiteral("no frame at %1,%2").arg(edge.x()).arg(edge.y())));
            const QRect row = list->visualItemRect(list->currentItem());
            const QPoint ground = list->viewport()->mapTo(list, row.topRight() - QPoint(3, -3));
            QVERIFY2(contrast(seen.pixelColor(ground), theme.base) > 1.2,
                     "the chosen row looks as the others");
            QVERIFY2(contrast(seen.pixelColor(ground), list->palette().color(QPalette::HighlightedText)) >=
                         4.5,
                     "the chosen row cannot be read");
        }
    }
    void chipsByMouse()
    {
        Chips chips({{"service:cart"}, {"level:debug", true, true}});
        QCOMPARE(chips.chip(1)->text(), QStringLiteral("not level:debug"));
        QTest::mouseClick(chips.chip(0), Qt::LeftButton);
        QVERIFY(!chips.bar.chips()[0].enabled);
        QVERIFY2(chips.chip(0)->font().strikeOut(), "a filter that is off is told by its colour alone");
        QVERIFY(chips.chip(0)->accessibleName().contains(QStringLiteral("off")));
        auto* const all = chips.bar.findChild<QToolButton*>(QStringLiteral("chipsAll"));
        QTest::mouseClick(all, Qt::LeftButton);
        QVERIFY(!chips.allOn && chips.bar.chips()[1].enabled);
        QTest::mouseClick(chips.chip(0), Qt::LeftButton); // on again: then all that are enabled count
        QVERIFY(chips.allOn && chips.bar.chips()[0].enabled);
    }
    void chipsByKeys()
    {
        Chips chips({{"service:cart"}, {"host:a&b"}, {"x:1"}});
        QSignalSpy left(&chips.bar, &ChipBar::left);
        QVERIFY(QTest::qWaitForWindowActive(&chips.bar));
        chips.chip(0)->setFocus();
        QTest::keyClick(chips.chip(0), Qt::Key_Right);
        QTRY_VERIFY(chips.chip(1)->hasFocus());
        QCOMPARE(chips.chip(1)->text(), QStringLiteral("host:a&&b")); // no mnemonic
        QTest::keyClick(chips.chip(1), Qt::Key_N);
        QTest::keyClick(chips.chip(1), Qt::Key_P);
        QVERIFY(chips.bar.chips()[1].negated && chips.bar.chips()[1].pinned);
        chips.answer = QStringLiteral("  host:b ");
        QTest::keyClick(chips.chip(1), Qt::Key_F2);
        QCOMPARE(chips.asked, QStringLiteral("host:a&b"));
        QCOMPARE(chips.bar.chips()[1].text, std::string("host:b"));
        chips.answer.reset();
        QTest::keyClick(chips.chip(1), Qt::Key_Return);
        QCOMPARE(chips.bar.chips()[1].text, std::string("host:b"));
        QTest::keyClick(chips.chip(1), Qt::Key_Delete);
        QCOMPARE(chips.bar.chips().size(), std::size_t{2});
        QCOMPARE(chips.bar.chips()[1].text, std::string("x:1"));
        QTest::keyClick(chips.chip(1), Qt::Key_Delete);
        QTest::keyClick(chips.chip(0), Qt::Key_Delete);
        QVERIFY(chips.bar.chips().empty() && chips.bar.isHidden());
        QCOMPARE(left.size(), 1);
    }
    void manyAndLongChipsWrap()
    {
        std::vector<FilterChip> many;
        for (int i = 0; i < 12; ++i)
            many.push_back({"field_" + std::to_string(i) + ":" + std::string(200, 'v')});
        Chips chips(many);
        chips.bar.resize(800, 10);
        const int height = chips.bar.heightForWidth(800);
        QVERIFY2(height > 2 * chips.chip(0)->sizeHint().height(), "they do not wrap");
        chips.bar.resize(800, height);
        for (int i = 0; i < 12; ++i)
            QVERIFY2(chips.chip(i)->geometry().right() < 800 && chips.chip(i)->geometry().bottom() <= height,
                     "a chip stands outside");
    }
};

QTEST_MAIN(TestSearchParts)
#include "tst_search_parts.moc"
