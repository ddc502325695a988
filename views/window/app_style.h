#pragma once
#include <QProxyStyle>

class QStyleOptionSlider;

namespace faultline {

/// Fusion, with frames that can be seen in the dark: it draws those of boxes to be ticked and of menus in a
/// shade of the window's own colour. Scroll bars are flat: Fusion fills them with gradients, which Qt's
/// raster engine hands to threads of a pool and waits for, and while a scan keeps the cores busy that wait is
/// a good part of a frame. GUI thread.
class AppStyle final : public QProxyStyle
{
    Q_OBJECT
public:
    AppStyle();
    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                       const QWidget* widget = nullptr) const override;
    void drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                            const QWidget* widget = nullptr) const override;

private:
    void drawScrollBar(const QStyleOptionSlider& bar, QPainter& painter, const QWidget* widget) const;
};

} // namespace faultline
