#include "views/window/app_style.h"

#include <QPainter>
#include <QStyleFactory>
#include <QStyleOption>

#include <algorithm>

namespace faultline {
namespace {

/// Between two colours, `share` percent of the first.
QColor mixed(const QColor& a, const QColor& b, int share)
{
    const auto mix = [&](int x, int y) { return (x * share + y * (100 - share)) / 100; };
    return {mix(a.red(), b.red()), mix(a.green(), b.green()), mix(a.blue(), b.blue())};
}

} // namespace

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

void AppStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option,
                                  QPainter* painter, const QWidget* widget) const
{
    const auto* const bar =
        control == CC_ScrollBar ? qstyleoption_cast<const QStyleOptionSlider*>(option) : nullptr;
    if (bar == nullptr)
        QProxyStyle::drawComplexControl(control, option, painter, widget);
    else
        drawScrollBar(*bar, *painter, widget);
}

void AppStyle::drawScrollBar(const QStyleOptionSlider& bar, QPainter& painter, const QWidget* widget) const
{
    const auto part = [&](SubControl which) {
        return proxy()->subControlRect(CC_ScrollBar, &bar, which, widget);
    };
    const bool upright = bar.orientation == Qt::Vertical, enabled = bar.state & State_Enabled;
    const QColor groove = bar.palette.color(QPalette::Window), text = bar.palette.color(QPalette::WindowText);
    painter.fillRect(bar.rect, groove);
    if (enabled && bar.maximum > bar.minimum) {
        // Over 3 to 1 against the groove in both themes, more while it is held.
        const bool held = (bar.activeSubControls & SC_ScrollBarSlider) != 0;
        const int share = !held ? 50 : (bar.state & State_Sunken) != 0 ? 75 : 62;
        const QRect slider = part(SC_ScrollBarSlider);
        const int inset = std::min(4, std::min(slider.width(), slider.height()) / 4);
        painter.fillRect(upright ? slider.adjusted(inset, 1, -inset, -1)
                                 : slider.adjusted(1, inset, -1, -inset),
                         mixed(text, groove, share));
    }
    const auto arrow = [&](SubControl which, PrimitiveElement element, bool possible) {
        const QRect button = part(which);
        if (!button.isValid()) return;
        QStyleOption sign;
        sign.palette = bar.palette;
        sign.state = possible && enabled ? State_Enabled : State_None;
        const int inset = std::min(button.width(), button.height()) / 4;
        sign.rect = button.adjusted(inset, inset, -inset, -inset);
        proxy()->drawPrimitive(element, &sign, &painter, widget);
    };
    const bool mirrored = !upright && bar.direction == Qt::RightToLeft;
    arrow(SC_ScrollBarSubLine,
          upright    ? PE_IndicatorArrowUp
          : mirrored ? PE_IndicatorArrowRight
                     : PE_IndicatorArrowLeft,
          bar.sliderValue > bar.minimum);
    arrow(SC_ScrollBarAddLine,
          upright    ? PE_IndicatorArrowDown
          : mirrored ? PE_IndicatorArrowLeft
                     : PE_IndicatorArrowRight,
          bar.sliderValue < bar.maximum);
}

} // namespace faultline
