#pragma once
#include "models/query/engine.h"

#include <QMenu>

#include <functional>
#include <vector>

namespace faultline {

/// What a right click on a row offers.
struct EventMenuActions
{
    std::function<void(const QString& field, const QString& value, bool exclude)> filter;
    std::function<void(const QString& trace)> showTrace;
    std::function<void(TimeNs time)> around;
    std::function<void(const QString& field)> removeColumn;
    std::function<void()> copy;
};

/// A menu for one event; deletes itself when it is closed. `column` is one of EventListModel's, `fields`
/// those that are shown as columns.
QMenu* makeEventMenu(const EventRow& event, int column, const std::vector<std::string>& fields,
                     const EventMenuActions& actions, QWidget* parent);

} // namespace faultline
