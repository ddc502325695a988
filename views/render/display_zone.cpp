#include "views/render/display_zone.h"

#include <QCoreApplication>
#include <QDateTime>

#include <algorithm>

namespace faultline {
namespace {

constexpr TimeNs kMs = 1'000'000;

qint64 milliseconds(TimeNs time)
{
    return time / kMs - (time % kMs < 0 ? 1 : 0);
}

int offsetAt(const QTimeZone& zone, TimeNs time)
{
    if (!zone.isValid()) return 0;
    return zone.offsetFromUtc(QDateTime::fromMSecsSinceEpoch(milliseconds(time), Qt::UTC));
}

TimeNs shifted(TimeNs time, int seconds)
{
    TimeNs moved = 0;
    return __builtin_add_overflow(time, seconds * kSecondNs, &moved) ? time : moved;
}

} // namespace

DisplayZone::Kind DisplayZone::kindOf(std::string_view name)
{
    return name == "local" ? Kind::Local : name == "source" ? Kind::Source : Kind::Utc;
}

const char* DisplayZone::name() const
{
    return m_kind == Kind::Local ? "local" : m_kind == Kind::Source ? "source" : "utc";
}

int DisplayZone::offset(TimeNs time) const
{
    return m_kind == Kind::Local ? offsetAt(m_local, time) : 0;
}

int DisplayZone::offset(TimeNs time, std::optional<std::int16_t> textMinutes) const
{
    return m_kind == Kind::Source && textMinutes ? *textMinutes * 60 : offset(time);
}

TimeNs DisplayZone::fromWall(TimeNs wall) const
{
    if (m_kind != Kind::Local) return wall;
    // Clocks change by hours at most: the offsets in force a day before and after are all that can hold.
    constexpr int kDay = 86'400;
    const int before = offsetAt(m_local, shifted(wall, -kDay)),
              after = offsetAt(m_local, shifted(wall, kDay));
    std::optional<TimeNs> found;
    for (const int each : {before, after}) {
        const TimeNs time = shifted(wall, -each);
        if (offset(time) == each) found = found ? std::min(*found, time) : time;
    }
    // Left out: as far behind the change as the clock shows.
    return found ? *found : shifted(wall, -before);
}

std::vector<DisplayZone::Piece> DisplayZone::pieces(TimeRange range, std::size_t most) const
{
    std::vector<Piece> pieces{{range, offset(range.begin)}};
    if (m_kind != Kind::Local || !m_local.isValid() || !m_local.hasTransitions()) return pieces;
    QDateTime at = QDateTime::fromMSecsSinceEpoch(milliseconds(range.begin), Qt::UTC);
    while (pieces.size() < most) {
        const auto change = m_local.nextTransition(at);
        if (!change.atUtc.isValid()) break;
        const qint64 when = change.atUtc.toMSecsSinceEpoch();
        if (when <= at.toMSecsSinceEpoch() || when > milliseconds(range.end)) break;
        const TimeNs time = when * kMs;
        if (time >= range.end) break;
        at = change.atUtc;
        if (change.offsetFromUtc == pieces.back().offset) continue;
        pieces.back().range.end = time;
        pieces.push_back({{time, range.end}, change.offsetFromUtc});
    }
    return pieces;
}

QString DisplayZone::suffix(TimeNs time) const
{
    return m_kind == Kind::Local ? offsetText(offset(time)) : QStringLiteral("UTC");
}

QString DisplayZone::suffix(TimeNs time, std::optional<std::int16_t> textMinutes) const
{
    return m_kind == Kind::Source && textMinutes ? offsetText(*textMinutes * 60) : suffix(time);
}

QString DisplayZone::label(TimeNs time) const
{
    switch (m_kind) {
    case Kind::Utc: return QStringLiteral("UTC");
    case Kind::Local: {
        const QString id = QString::fromLatin1(m_local.id()), offsetNow = offsetText(offset(time));
        return id.endsWith(offsetNow) ? id : id + QLatin1Char(' ') + offsetNow; // "Etc/UTC" says it
    }
    case Kind::Source: return QCoreApplication::translate("faultline", "Source zones, chart in UTC");
    }
    return {};
}

QString DisplayZone::shortName() const
{
    switch (m_kind) {
    case Kind::Utc: return QStringLiteral("UTC");
    case Kind::Local: return QCoreApplication::translate("faultline", "local");
    case Kind::Source: return QCoreApplication::translate("faultline", "source");
    }
    return {};
}

QString offsetText(int seconds)
{
    if (seconds == 0) return QStringLiteral("UTC");
    const int size = std::abs(seconds);
    QString text = QStringLiteral("%1%2:%3")
                       .arg(seconds < 0 ? QLatin1Char('-') : QLatin1Char('+'))
                       .arg(size / 3'600, 2, 10, QLatin1Char('0'))
                       .arg(size / 60 % 60, 2, 10, QLatin1Char('0'));
    // Before zones were agreed on, towns had seconds.
    if (size % 60 != 0) text += QStringLiteral(":%1").arg(size % 60, 2, 10, QLatin1Char('0'));
    return text;
}

} // namespace faultline
