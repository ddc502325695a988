#pragma once
#include <vector>

class QStatusBar;
class QWidget;

namespace faultline {

/// Lets a message of the status line be read: where it does not fit beside the permanent texts (`yielding`),
/// they are hidden while it stands. A tool tip has all of it. GUI thread; they live as long as the bar.
void makeRoomForMessages(QStatusBar* bar, std::vector<QWidget*> yielding);

} // namespace faultline
