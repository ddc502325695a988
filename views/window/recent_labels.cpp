#include "views/window/recent_labels.h"

#include "views/render/plain_text.h"

#include <QHash>

namespace faultline {

std::vector<QString> recentLabels(const std::vector<RecentStore>& stores)
{
    constexpr qsizetype kMostName = 60, kMostFolder = 48;
    std::vector<QString> labels;
    QHash<QString, int> seen;
    for (const RecentStore& store : stores) {
        labels.push_back(elidedMiddle(oneLine(store.name), kMostName));
        ++seen[labels.back()];
    }
    for (std::size_t i = 0; i < stores.size(); ++i) {
        if (seen[labels[i]] < 2) continue;
        const std::string& path = stores[i].path;
        const auto slash = path.rfind('/');
        const std::string folder =
            slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
        labels[i] += QStringLiteral("  (") + elidedMiddle(oneLine(folder), kMostFolder) + QLatin1Char(')');
    }
    return labels;
}

} // namespace faultline
