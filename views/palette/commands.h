#pragma once
#include "views/palette/pick_dialog.h"

class QMenu;
class QMenuBar;
class QWidget;

namespace faultline {

/// Everything that can be done: the entries of the menus, then the keys of a page and of what lies in it, but
/// not those of fields that letters are typed in. Made from what the menus and KeyTables have, so that
/// nothing is listed twice or forgotten. What cannot be done now is left out.
std::vector<Choice> commandsOf(const QMenuBar* menus, QWidget* page);

} // namespace faultline
