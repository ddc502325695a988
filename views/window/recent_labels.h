#pragma once
#include "models/session/store_places.h"

#include <QString>

#include <vector>

namespace faultline {

/// Names of stores for a menu, one each: the folder stands behind those that would look alike. Not yet
/// menuText().
std::vector<QString> recentLabels(const std::vector<RecentStore>& stores);

} // namespace faultline
