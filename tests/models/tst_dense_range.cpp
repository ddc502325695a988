#include "models/records/time_text.h"
#include "models/session/dense_range.h"
#include "models/session/workspace.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace faultline;

/// Where a store says that its events lie, with a few of them far away.
class TestDenseRange : public QObject
{
    Q_OBJECT
private:
    static constexpr TimeNs kNoon = 1'794'916'800LL * kSecondNs; ///< 2026-11-17T12:00:00Z
    static constexpr TimeNs kOld = 1'378'497'648LL * kSecondNs;  ///< 2013-09-06T20:00:48Z
    QTemporaryDir m_folder;
    int m_files = 0;

    std::shared_ptr<Workspace> newStore()
    {
        Workspace::Options options;
        options.storePath = m_folder.filePath(QStringLiteral("%1.faultline").arg(++m_files)).toStdString();
        options.write = options.create = true;
        options.threads = 1;
        auto workspace = Workspace::open(options);
        if (!workspace) qFatal("no store");
        return *workspace;
    }
    void read(Workspace& workspace, const std::vector<TimeNs>& times)
    {
        QFile file(m_folder.filePath(QStringLiteral("%1.log").arg(++m_files)));
        if (!file.open(QIODevice::WriteOnly)) qFatal("no log");
        for (std::size_t i = 0; i < times.size(); ++i)
            file.write("{\"time\":\"" + QByteArray::fromStdString(formatRfc3339(times[i])) +
                       "\",\"level\":\"info\",\"message\":\"" + QByteArray::number(m_files) + " " +
                       QByteArray::number(static_cast<int>(i)) + "\"}\n");
        file.close();
        IngestRequest request;
        request.paths = {file.fileName().toStdString()};
        auto report = workspace.ingest(request, {}, {});
        if (!report || report->total.stored.records != times.size()) qFatal("the log was not read");
    }
    static DenseRange of(Workspace& workspace)
    {
        auto snapshot = workspace.store()->snapshot();
        if (!snapshot) qFatal("no snapshot");
        return denseRange(**snapshot, *workspace.store());
    }
    static std::vector<TimeNs> sixHours(int events)
    {
        std::vector<TimeNs> times;
        for (int i = 0; i < events; ++i) times.push_back(kNoon + i * (6 * 3'600 * kSecondNs / events));
        return times;
    }
    static QString text(TimeRange range)
    {
        return QString::fromStdString(formatRfc3339(range.begin) + " to " + formatRfc3339(range.end));
    }

private Q_SLOTS:
    /// A segment that spans years has bars of months: the range must not grow to one of them.
    void oldEventsInTheSameSegmentDoNotWidenIt()
    {
        auto workspace = newStore();
        std::vector<TimeNs> times{kOld, kOld + kSecondNs, kOld + 7'200 * kSecondNs, kOld + 7'201 * kSecondNs};
        const auto many = sixHours(3'000);
        times.insert(times.end(), many.begin(), many.end());
        read(*workspace, times);
        const DenseRange found = of(*workspace);
        QCOMPARE(text(found.dense), text({kNoon, many.back() + 1}));
        QCOMPARE(found.outside, std::uint64_t{4});
        QCOMPARE(text(found.whole), text({kOld, many.back() + 1}));
        QCOMPARE(text(found.outsideTimes), text({kOld, kOld + 7'201 * kSecondNs + 1}));
    }

    void onBothSidesAndInSeveralSegments()
    {
        auto workspace = newStore();
        read(*workspace, sixHours(5'000));
        std::vector<TimeNs> odd = sixHours(40);
        odd.push_back(kNoon + 400LL * 86'400 * kSecondNs);
        odd.push_back(kOld);
        read(*workspace, odd);
        const DenseRange found = of(*workspace);
        const TimeNs last = sixHours(5'000).back();
        QCOMPARE(text(found.dense), text({kNoon, last + 1}));
        QCOMPARE(found.outside, std::uint64_t{2});
        QCOMPARE(text(found.whole), text({kOld, odd[40] + 1}));
    }

    void withoutOutliersItIsAllThereIs()
    {
        auto workspace = newStore();
        QCOMPARE(text(of(*workspace).dense), text({0, 0}));
        QCOMPARE(text(of(*workspace).whole), text({0, 0}));
        const auto times = sixHours(777);
        read(*workspace, times);
        const DenseRange found = of(*workspace);
        QCOMPARE(text(found.dense), text({times.front(), times.back() + 1}));
        QCOMPARE(text(found.whole), text(found.dense));
        QCOMPARE(found.outside, std::uint64_t{0});
    }

    void deletedEventsAreNotInIt()
    {
        auto workspace = newStore();
        std::vector<TimeNs> times{kOld};
        const auto many = sixHours(100);
        times.insert(times.end(), many.begin(), many.end());
        read(*workspace, times);
        auto snapshot = workspace->store()->snapshot();
        QVERIFY(snapshot.ok());
        QVERIFY(workspace->store()->deleteRows((*snapshot)->segments.front().info->id,
                                               {1})); // bits: its first row;
        const DenseRange found = of(*workspace);
        QCOMPARE(text(found.whole), text({many.front(), many.back() + 1}));
        QCOMPARE(found.outside, std::uint64_t{0});
    }
};

QTEST_APPLESS_MAIN(TestDenseRange)
#include "tst_dense_range.moc"
