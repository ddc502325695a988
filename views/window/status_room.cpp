#include "views/window/status_room.h"

#include <QStatusBar>
#include <QTextDocument>

#include <utility>

namespace faultline {

void makeRoomForMessages(QStatusBar* bar, std::vector<QWidget*> yielding)
{
    const auto fit = [bar, yielding = std::move(yielding)](const QString& message) {
        constexpr int kBetween = 60; // the margins of the bar, and its grip
        int needed = bar->fontMetrics().horizontalAdvance(message) + kBetween;
        for (const QWidget* const one : yielding)
            if (one->parentWidget() == bar || one->parentWidget()->isVisibleTo(bar))
                needed += one->sizeHint().width();
        const bool yields = !message.isEmpty() && needed > bar->width();
        for (QWidget* const one : yielding) one->setVisible(!yields);
        bar->setToolTip(message.isEmpty() ? QString()
                                          : Qt::convertFromPlainText(message, Qt::WhiteSpaceNormal));
    };
    QObject::connect(bar, &QStatusBar::messageChanged, bar, fit);
}

} // namespace faultline
