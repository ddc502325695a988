#pragma once
#include <QProxyStyle>

namespace faultline {

/// Fusion, with frames that can be seen in the dark: it draws those of boxes to be ticked and of menus in a
/// shade of the window's own colour. GUI thread.
class AppStyle final : public QProxyStyle
{
    Q_OBJECT
public:
    AppStyle();
    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                       const QWidget* widget = nullptr) const override;
};

} // namespace faultline
