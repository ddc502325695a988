#include "views/investigate/live_pill.h"

#include <QEvent>
#include <QLocale>

namespace faultline {

LivePill::LivePill(QWidget* list) : QToolButton(list), m_list(list)
{
    setObjectName(QStringLiteral("livePill"));
    setFocusPolicy(Qt::NoFocus); // its key is one of the list's
    setCursor(Qt::PointingHandCursor);
    m_list->installEventFilter(this);
    hide();
}

void LivePill::setTheme(const Theme& theme)
{
    setStyleSheet(QStringLiteral("QToolButton { background: %1; color: %2; border: 1px solid %3; "
                                 "border-radius: 9px; padding: 2px 12px; }")
                      .arg(theme.selection.name(), theme.selectionText.name(), theme.accent.name()));
    place();
}

void LivePill::show(qint64 fresh, bool held)
{
    const QString events = tr("%1 new").arg(QLocale().toString(fresh));
    QString text = held ? tr("Paused") : QString();
    if (fresh > 0) text += held ? QStringLiteral(" · ") + events : events;
    setText(text);
    setToolTip(
        held ? tr("The view is held; nothing is lost. A click, or P, goes on (End: and to the last event)")
             : tr("A click goes to the last event"));
    setAccessibleName(text);
    setVisible(!text.isEmpty());
    place();
}

bool LivePill::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_list && event->type() == QEvent::Resize) place();
    return QToolButton::eventFilter(watched, event);
}

void LivePill::place()
{
    adjustSize();
    move((m_list->width() - width()) / 2, m_list->height() - height() - 8);
    raise();
}

} // namespace faultline
