#pragma once
#include "models/query/engine.h"

#include <QObject>

#include <optional>

namespace faultline {

class EventListModel;
class EventListView;

/// Keeps the list where it is while what it shows changes: an event stays at its height on the screen when
/// another selection has it too, and rows in sight do not move when more events come. GUI thread.
class PlaceKeeper final : public QObject
{
    Q_OBJECT
public:
    PlaceKeeper(EventListModel* model, EventListView* list, QObject* parent = nullptr);
    /// Before the model gets another selection: where this event is now.
    void hold(const EventKey& key);
    /// After it: the list goes to the event, or to the place where it would be; found() tells.
    void restore();
    /// More events of the same selection may have come.
    void stay();
    /// The user has moved: nothing is restored.
    void forget();
    bool waiting() const { return m_anchor.has_value(); }

Q_SIGNALS:
    void found(const faultline::EventKey& key, bool there);

private:
    struct Anchor
    {
        EventKey key;
        int row = 0;           ///< where it was
        int below = 0;         ///< rows below the top of the list
        bool sameView = false; ///< stay()
        std::optional<qint64> foundRow = std::nullopt;
        bool there = false;
    };
    void settle();
    EventListModel* m_model;
    EventListView* m_list;
    std::optional<Anchor> m_anchor;
};

} // namespace faultline
