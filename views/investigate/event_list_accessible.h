#pragma once

namespace faultline {

/// Screen readers see a painted list of events as a table: its children are the rows in sight, theirs the
/// cells, and through the table interface every row of the list can be read, as far as it is loaded. Once
/// installed, this holds for every EventListView; installing again changes nothing. GUI thread.
void installEventListAccessibility();

} // namespace faultline
