#include "views/render/theme.h"
#include "views/window/app_style.h"

#include <QApplication>
#include <QDir>
#include <QFile>
#include <QScrollBar>
#include <QTest>

#include <algorithm>
#include <cmath>

using namespace faultline;

Q_DECLARE_METATYPE(faultline::Theme)

/// What the application's style paints itself.
class TestStyle : public QObject
{
    Q_OBJECT
private:
    /// Relative luminance and contrast as in WCAG 2.1.
    static double luminance(const QColor& color)
    {
        const auto part = [](double c) {
            return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
        };
        return 0.2126 * part(color.redF()) + 0.7152 * part(color.greenF()) + 0.0722 * part(color.blueF());
    }
    static double contrast(const QColor& a, const QColor& b)
    {
        const auto [low, high] = std::minmax({luminance(a), luminance(b)});
        return (high + 0.05) / (low + 0.05);
    }
    /// Threads of Qt's pools in this process, by the name that Qt gives them.
    static int pooledThreads()
    {
        const QDir tasks(QStringLiteral("/proc/self/task"));
        const QStringList all = tasks.entryList(QDir::Dirs | QDir::NoDotAndDotDot);
        return static_cast<int>(std::count_if(all.begin(), all.end(), [&](const QString& task) {
            QFile name(tasks.filePath(task) + QStringLiteral("/comm"));
            return name.open(QIODevice::ReadOnly) && name.readAll().trimmed() == "Thread (pooled)";
        }));
    }

private Q_SLOTS:
    void initTestCase() { QApplication::setStyle(new AppStyle); }

    /// A frame that waits for another thread waits for the scans that keep the cores busy. The first of
    /// all, while there is no such thread yet.
    void aScrollBarIsPaintedWithoutOtherThreads()
    {
        QScrollBar bar(Qt::Vertical);
        bar.setRange(0, 100);
        bar.resize(16, 1'000);
        QImage picture(bar.size(), QImage::Format_RGB32);
        const int before = pooledThreads();
        bar.render(&picture);
        QCOMPARE(pooledThreads(), before);
    }

    void scrollBarsAreSeenInEachTheme_data()
    {
        QTest::addColumn<Theme>("theme");
        QTest::addColumn<Qt::Orientation>("orientation");
        for (const Qt::Orientation orientation : {Qt::Vertical, Qt::Horizontal}) {
            const char* const way = orientation == Qt::Vertical ? "upright" : "lying";
            QTest::addRow("dark, %s", way) << Theme::darkTheme() << orientation;
            QTest::addRow("light, %s", way) << Theme::lightTheme() << orientation;
        }
    }
    void scrollBarsAreSeenInEachTheme()
    {
        QFETCH(Theme, theme);
        QFETCH(Qt::Orientation, orientation);
        QScrollBar bar(orientation);
        bar.setPalette(theme.palette());
        bar.setRange(0, 100);
        bar.setPageStep(50);
        bar.setValue(50);
        const bool upright = orientation == Qt::Vertical;
        bar.resize(upright ? QSize(16, 400) : QSize(400, 16));
        const QImage picture = bar.grab().toImage();
        const auto at = [&](int along) {
            return upright ? picture.pixelColor(8, along) : picture.pixelColor(along, 8);
        };
        const QColor groove = at(100), slider = at(200);
        QVERIFY2(contrast(slider, groove) >= 3, qPrintable(QStringLiteral("slider %1 on %2: %3 to 1")
                                                               .arg(slider.name(), groove.name())
                                                               .arg(contrast(slider, groove))));
        const auto signs = [&](int from) {
            bool any = false;
            for (int along = from; along < from + 16; ++along)
                for (int across = 0; across < 16; ++across)
                    any |= (upright ? picture.pixelColor(across, along)
                                    : picture.pixelColor(along, across)) != groove;
            return any;
        };
        QVERIFY2(signs(0) && signs(384), "the arrows at the ends cannot be seen");
    }

    void nothingToScrollShowsNoSlider()
    {
        QScrollBar bar(Qt::Vertical);
        bar.setPalette(Theme::darkTheme().palette());
        bar.setRange(0, 0);
        bar.resize(16, 400);
        const QImage picture = bar.grab().toImage();
        for (int y = 20; y < 380; ++y)
            QCOMPARE(picture.pixelColor(8, y), Theme::darkTheme().palette().color(QPalette::Window));
    }
};

QTEST_MAIN(TestStyle)
#include "tst_style.moc"
