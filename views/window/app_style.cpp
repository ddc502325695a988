#include "views/window/app_style.h"

#include <QPainter>
#include <QStyleFactory>
#include <QStyleOption>

namespace faultline {

AppStyle::AppStyle() : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion"))) {}

void AppStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                             const QWidget* widget) const
{
    QProxyStyle::drawPrimitive(element, option, painter, widget);
    const bool tick = element == PE_IndicatorCheckBox || element == PE_IndicatorItemViewItemCheck;
    if (!tick && element != PE_PanelMenu && element != PE_IndicatorRadioButton) return;
    painter->save();
    const QPalette::ColorRole role = element == PE_PanelMenu ? QPalette::Mid : QPalette::PlaceholderText;
    painter->setPen(option->palette.color(role));
    painter->setBrush(Qt::NoBrush);
    if (element == PE_IndicatorRadioButton) {
        painter->setRenderHint(QPainter::Antialiasing);
        painter->drawEllipse(QRectF(option->rect).adjusted(1, 1, -1, -1));
    } else {
        painter->drawRect(option->rect.adjusted(0, 0, -1, -1));
    }
    painter->restore();
}

} // namespace faultline
