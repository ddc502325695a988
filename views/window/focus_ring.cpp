#include "views/window/focus_ring.h"

#include <QAbstractButton>
#include <QAbstractScrollArea>
#include <QApplication>
#include <QEvent>
#include <QPainter>
#include <QPlainTextEdit>
#include <QTabBar>

namespace faultline {
namespace {

constexpr int kWidth = 2;

/// The frame alone: what lies inside of it is painted as if it were not there.
class Frame final : public QWidget
{
public:
    Frame(const QColor& color, QWidget* framed) : QWidget(framed), m_color(color)
    {
        setObjectName(QStringLiteral("focusFrame"));
        setAttribute(Qt::WA_TransparentForMouseEvents);
        setFocusPolicy(Qt::NoFocus);
        fit();
        show();
    }
    void fit()
    {
        const QRect all = parentWidget()->rect();
        setGeometry(all);
        setMask(QRegion(all).subtracted(QRegion(all.adjusted(kWidth, kWidth, -kWidth, -kWidth))));
        raise();
    }
    void setColor(const QColor& color)
    {
        m_color = color;
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override { QPainter(this).fillRect(rect(), m_color); }

private:
    QColor m_color;
};

bool wantsFrame(const QWidget* focused)
{
    if (const auto* const text = qobject_cast<const QPlainTextEdit*>(focused)) return text->isReadOnly();
    if (qobject_cast<const QAbstractScrollArea*>(focused) != nullptr) return true;
    const bool byKeyboard = focused->window()->testAttribute(Qt::WA_KeyboardFocusChange);
    return byKeyboard && (qobject_cast<const QAbstractButton*>(focused) != nullptr ||
                          qobject_cast<const QTabBar*>(focused) != nullptr);
}

} // namespace

FocusRing::FocusRing(QWidget* window) : QObject(window), m_window(window)
{
    connect(qApp, &QApplication::focusChanged, this, [this](QWidget*, QWidget* now) { follow(now); });
}

void FocusRing::setColor(const QColor& color)
{
    m_color = color;
    if (m_frame) static_cast<Frame*>(m_frame.data())->setColor(color);
}

void FocusRing::follow(QWidget* focused)
{
    if (m_framed) m_framed->removeEventFilter(this);
    if (m_inside) m_inside->removeEventFilter(this);
    delete m_frame;
    m_framed = focused != nullptr && focused->window() == m_window && wantsFrame(focused) ? focused : nullptr;
    if (!m_framed) return;
    m_framed->installEventFilter(this);
    const auto* const area = qobject_cast<QAbstractScrollArea*>(m_framed);
    m_inside = area != nullptr ? area->viewport() : nullptr;
    if (m_inside) m_inside->installEventFilter(this);
    m_frame = new Frame(m_color, m_framed);
}

bool FocusRing::eventFilter(QObject* object, QEvent* event)
{
    // Scroll bars that come take room from the inside, and are put above all else when that is done.
    if ((object == m_framed || object == m_inside) && m_frame && event->type() == QEvent::Resize)
        QMetaObject::invokeMethod(
            m_frame, [frame = static_cast<Frame*>(m_frame.data())] { frame->fit(); }, Qt::QueuedConnection);
    return QObject::eventFilter(object, event);
}

} // namespace faultline
