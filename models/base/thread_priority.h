#pragma once

namespace faultline {

/// The calling thread, and those that it begins from here on, give way to the others of the program: a window
/// that wants to paint gets a core at once though scans keep all of them busy. Alone on the machine they lose
/// nothing. Not to be taken back. Linux: nice +5 of the thread, about a third of another one's share.
void workInBackground();

} // namespace faultline
