#pragma once

namespace faultline {

class EventListView;

/// Screen readers see a painted list of events as a table: its children are the rows in sight, theirs the
/// cells, and through the table interface every row of the list can be read, as far as it is loaded. To be
/// called by the view's constructor, first of all. GUI thread.
void makeAccessible(EventListView& view);

} // namespace faultline
