#pragma once
#include <QColor>
#include <QObject>
#include <QPointer>

class QWidget;

namespace faultline {

/// A frame in the accent colour around the part of a window that has the keyboard: who works by keyboard sees
/// where a letter would go. Buttons have one while Tab leads through them; fields in which one types, and
/// charts, frame themselves.
///
/// Threads  GUI thread.
class FocusRing final : public QObject
{
    Q_OBJECT
public:
    explicit FocusRing(QWidget* window);
    void setColor(const QColor& color);

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void follow(QWidget* focused);

    QWidget* m_window;
    QPointer<QWidget> m_framed, m_inside;
    QPointer<QWidget> m_frame; ///< lives in what it frames, and goes with it
    QColor m_color;
};

} // namespace faultline
