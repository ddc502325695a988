#pragma once
#include "models/query/engine.h"
#include "views/investigate/event_list_view.h"

#include <QMenu>

#include <functional>
#include <vector>

namespace faultline {

/// What a right click on a row offers.
struct EventMenuActions
{
    std::function<void(const QString& field, const QString& value, bool exclude)> filter;
    std::function<void(const QString& field, bool absent)> exists;
    std::function<void(const QString& field)> group; ///< the timeline by this field
    std::function<void(const QString& trace)> showTrace;
    std::function<void(TimeNs time, TimeNs half)> around; ///< `half` 0: to be typed
    std::function<void(const QString& field)> removeColumn;
    std::function<void()> mark;
    std::function<void(EventListView::CopyForm)> copy;
};

/// A menu for one event; deletes itself when it is closed. `column` is one of EventRows', `fields` those that
/// are shown as columns, `marked` whether the event has a mark, `rows` how many copying is about.
QMenu* makeEventMenu(const EventRow& event, int column, const std::vector<std::string>& fields, bool marked,
                     int rows, const EventMenuActions& actions, QWidget* parent);

} // namespace faultline
