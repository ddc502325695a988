#pragma once
#include "models/query/engine.h"
#include "models/tables/event_list_model.h"

#include <QObject>

#include <optional>
#include <utility>
#include <vector>

class QTimer;

namespace faultline {

class EventListView;

/// Keeps the list where it is while what it shows changes: an event stays at its height on the screen when
/// another selection has it too, and rows in sight do not move when more events come or a range moves on.
/// What is current and what is selected is kept by its events, never by the numbers of rows. GUI thread.
///
/// Order    One refresh at a time: those asked for meanwhile are one more behind it, so that a store that
///          changes all the time is shown too. Rows in sight are read before the next one.
class PlaceKeeper final : public QObject
{
    Q_OBJECT
public:
    PlaceKeeper(EventListModel* model, EventListView* list, QObject* parent = nullptr);
    /// Before the model gets another selection: where this event is now. Refreshes of the one before are off.
    void hold(const EventKey& key);
    /// After it: the list goes to the event, or to the place where it would be; found() tells.
    void restore();
    /// Where an event is, or would be, among the rows of now: EventListModel::located() tells.
    void locate(const EventKey& key);
    /// Before the model gets another selection, whatever is current.
    void leave();
    /// More events of the same filter may have come, and its range may be another one.
    void stay(const TimeRange& range);
    /// What stay() began is off: true when something was.
    bool stop();
    /// A stay() whose answer is not there yet, or has not begun.
    bool staying() const;
    /// The user has moved: nothing is restored.
    void forget();
    bool waiting() const { return m_anchor.has_value(); }

Q_SIGNALS:
    void found(const faultline::EventKey& key, bool there);

private:
    /// Rows that mean something.
    struct Marked
    {
        int current = -1;
        std::optional<std::pair<int, int>> run;
        bool operator==(const Marked&) const = default;
    };
    struct Anchor
    {
        EventKey key;
        std::optional<int> below; ///< rows below the top of the list; none: the list has been scrolled since
        std::optional<qint64> foundRow = std::nullopt;
        bool there = false;
    };
    Marked marked() const;
    std::optional<EventKey> keyOf(int row) const;
    void settle();
    void refresh();
    void take(const std::vector<EventListModel::Place>& places);
    EventListModel* m_model;
    EventListView* m_list;
    QTimer* m_later;
    std::optional<Anchor> m_anchor;
    std::optional<TimeRange> m_next;               ///< of the refresh to come
    TimeRange m_range;                             ///< of the one under way
    std::vector<EventListModel::Place> m_places;   ///< asked about in it, and where they were
    Marked m_asked;                                ///< when the refresh under way began
    Marked m_before;                               ///< when its answer came
    std::vector<EventListModel::Place> m_known;    ///< where its events went
    Marked m_knownOf;                              ///< as they were marked then
    std::optional<EventListModel::Place> m_placed; ///< the list went to it; its row may not be read yet
};

} // namespace faultline
