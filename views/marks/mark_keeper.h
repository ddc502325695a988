#pragma once
#include "models/session/marks.h"
#include "models/session/query_service.h"

#include <QObject>

#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace faultline {

/// The marks of a store: which events have one, in this store, and where they go when they change.
///
/// Marks are anchored by content; where their events are in the store at hand is found out on a worker, and
/// again when the store has changed.
/// Threads  GUI thread.
class MarkKeeper final : public QObject
{
    Q_OBJECT
public:
    explicit MarkKeeper(std::shared_ptr<QueryService> queries, QObject* parent = nullptr);
    /// Those that are kept by now, from another day or through another window; they take the place of all.
    void setMarks(std::vector<Mark> marks);
    const std::vector<Mark>& marks() const { return m_marks; } ///< in order of time
    /// Marks the event, or takes its mark away; changed() tells when it is done.
    void toggle(const EventKey& key);
    void setLabel(const EventAnchor& anchor, const QString& label);
    void remove(const EventAnchor& anchor);
    /// The store has changed: events may have come or gone.
    void refresh();
    /// Events of this store that have a mark.
    const std::shared_ptr<const std::set<EventKey>>& keys() const { return m_keys; }
    /// Where the event of a mark is; nothing while it is looked for, and when this store does not have it.
    std::optional<EventKey> keyOf(const EventAnchor& anchor) const;
    /// The next marked event behind `from`, or before it.
    std::optional<EventKey> next(const EventKey& from, bool back) const;

Q_SIGNALS:
    void changed();     ///< by the user: to be kept
    void marksSet();    ///< by setMarks()
    void keysChanged(); ///< which events have one
    void said(const QString& text);

private:
    struct Place
    {
        EventAnchor anchor;
        EventKey key;
    };
    struct Making
    {
        EventKey key;
        QueryService::Ticket ticket;
    };
    void find();
    void take(const std::vector<EventAnchor>& asked, std::vector<Place> places);
    void setPlaces(std::vector<Place> places);
    void add(const Mark& mark, const EventKey& key);
    std::shared_ptr<QueryService> m_queries;
    std::vector<Mark> m_marks;
    std::vector<Place> m_places; ///< of marks whose events are in this store, in order of keys
    std::shared_ptr<const std::set<EventKey>> m_keys;
    QueryService::Ticket m_find;
    std::vector<Making> m_making; ///< marks whose events are being read
    bool m_again = false;         ///< the store changed while its events were looked for
};

} // namespace faultline
