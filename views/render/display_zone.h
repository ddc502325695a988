#pragma once
#include "models/base/time.h"

#include <QString>
#include <QTimeZone>

#include <optional>
#include <string_view>
#include <vector>

namespace faultline {

/// How times are shown: in UTC, in the zone of the user, or each event with the offset that its own text had
/// (then what belongs to no single event is in UTC). Rules come from the system's zone database, so that a
/// range over a change of the clocks is right on both sides. A value; any thread.
class DisplayZone
{
public:
    enum class Kind { Utc, Local, Source };
    DisplayZone() = default;
    /// `local` is the zone of the user; one that is not valid is UTC.
    DisplayZone(Kind kind, const QTimeZone& local) : m_kind(kind), m_local(local) {}
    Kind kind() const { return m_kind; }
    /// "utc", "local", "source": in links and settings.
    static Kind kindOf(std::string_view name);
    const char* name() const;
    DisplayZone with(Kind kind) const { return {kind, m_local}; }

    /// Seconds east of UTC at that time; 0 in UTC and where no event says it.
    int offset(TimeNs time) const;
    /// The same for an event whose text had this offset, in minutes, where that is known.
    int offset(TimeNs time, std::optional<std::int16_t> textMinutes) const;
    /// The time at which clocks of the zone show `wall` (a time as if it were UTC): the first of two, and
    /// what follows a time that the clocks leave out.
    TimeNs fromWall(TimeNs wall) const;
    /// Times of one offset, in order, which together are the range. At most `most`; later times have the
    /// offset of the last one.
    struct Piece
    {
        TimeRange range;
        int offset = 0;
    };
    std::vector<Piece> pieces(TimeRange range, std::size_t most) const;

    /// What stands behind a time: "UTC", "+01:00". For one time of no event.
    QString suffix(TimeNs time) const;
    /// The same for an event.
    QString suffix(TimeNs time, std::optional<std::int16_t> textMinutes) const;
    /// What is always visible: "UTC", "Europe/Berlin +01:00", "Source zones, chart in UTC".
    QString label(TimeNs time) const;
    /// For a heading: "UTC", "local", "source".
    QString shortName() const;

private:
    Kind m_kind = Kind::Utc;
    QTimeZone m_local;
};

/// "+01:00"; "UTC" for 0.
QString offsetText(int seconds);

} // namespace faultline
