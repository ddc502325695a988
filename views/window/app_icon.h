#pragma once
#include <QIcon>

namespace faultline {

/// The program's icon from the SVG that is compiled in, as bitmaps of the usual sizes: it needs no plug-in
/// and no installed icon theme. GUI thread.
QIcon appIcon();

} // namespace faultline
