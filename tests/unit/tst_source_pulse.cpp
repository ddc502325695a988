// When a source is silent, and when it is merely over.
#include "models/session/source_pulse.h"

#include <QTest>

using namespace faultline;

class TestSourcePulse : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void silence()
    {
        SourcePulse pulse;
        SourceRecord source;
        source.path = "/var/log/app.log";
        source.state = SourceState::Reading;
        TimeNs now = 1'000 * kSecondNs;
        source.firstArrival = now;
        for (int i = 0; i < 10; ++i) { // every 10 s, with one late
            now += (i == 4 ? 25 : 10) * kSecondNs;
            source.lastArrival = now;
            source.ledger.events += 50;
            pulse.observe(now, source);
        }
        QCOMPARE(*pulse.usualGap(), 10 * kSecondNs);
        // 50 each 10 s; the minute that is looked at begins before the late one.
        QVERIFY2(*pulse.rate() > 3.9 && *pulse.rate() <= 5.0, std::to_string(*pulse.rate()).c_str());
        QCOMPARE(lifeOf(source, pulse, now + 30 * kSecondNs, true, true), SourceLife::Live);
        QCOMPARE(lifeOf(source, pulse, now + 31 * kSecondNs, true, true), SourceLife::Silent);
        QCOMPARE(lifeOf(source, pulse, now + 31 * kSecondNs, false, true), SourceLife::Reading);
        QCOMPARE(lifeOf(source, pulse, now + 31 * kSecondNs, false, false), SourceLife::Interrupted);
        // Nothing more comes: the rate goes down.
        for (int i = 0; i < 8; ++i) pulse.observe(now += 10 * kSecondNs, source);
        QVERIFY(*pulse.rate() < 1.0);
    }

    void onlyWhatIsFollowedIsSilent()
    {
        SourcePulse pulse;
        SourceRecord source;
        source.firstArrival = source.lastArrival = kSecondNs;
        pulse.observe(kSecondNs, source);
        const TimeNs late = 1'000'000 * kSecondNs;
        QVERIFY(!pulse.rate() && !pulse.usualGap());
        source.state = SourceState::Reading;
        QCOMPARE(lifeOf(source, pulse, late, true, true), SourceLife::Live); // its gap is not known
        const std::pair<SourceState, SourceLife> words[] = {{SourceState::Complete, SourceLife::Ended},
                                                            {SourceState::Unreadable, SourceLife::Unreadable},
                                                            {SourceState::Incomplete, SourceLife::Incomplete},
                                                            {SourceState::Skipped, SourceLife::Skipped},
                                                            {SourceState::Duplicate, SourceLife::Duplicate}};
        for (const auto& [state, life] : words) {
            source.state = state;
            QCOMPARE(lifeOf(source, pulse, late, true, true), life);
        }
        source.state = SourceState::Reading;
        source.path = "/var/log/app.log (before 2026-01-31T12:00:00Z)";
        QCOMPARE(lifeOf(source, pulse, late, true, true), SourceLife::RotatedAway);
    }

    /// A program that has just started knows the gap of what the store says.
    void fromCheckpoints()
    {
        SourcePulse pulse;
        SourceRecord source;
        source.state = SourceState::Reading;
        source.firstArrival = 100 * kSecondNs;
        source.lastArrival = 140 * kSecondNs;
        source.checkpoints.resize(5);
        pulse.observe(150 * kSecondNs, source);
        QCOMPARE(*pulse.usualGap(), 10 * kSecondNs);
        QCOMPARE(pulse.silence(150 * kSecondNs), 10 * kSecondNs);
        QCOMPARE(lifeOf(source, pulse, 171 * kSecondNs, true, true), SourceLife::Silent);
    }
};

QTEST_APPLESS_MAIN(TestSourcePulse)
#include "tst_source_pulse.moc"
