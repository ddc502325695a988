#include "views/window/app_icon.h"

#include "resources/embedded.h"

#include <QPainter>
#include <QPixmap>
#include <QSvgRenderer>

namespace faultline {

QIcon appIcon()
{
    const std::string_view svg = embeddedFile("icons/org.faultline.Faultline.svg");
    QSvgRenderer renderer(QByteArray::fromRawData(svg.data(), static_cast<qsizetype>(svg.size())));
    QIcon icon;
    for (const int size : {16, 24, 32, 48, 64, 128}) {
        QPixmap pixmap(size, size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        renderer.render(&painter);
        painter.end();
        icon.addPixmap(pixmap);
    }
    return icon;
}

} // namespace faultline
