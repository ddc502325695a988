#include "views/investigate/time_prompt.h"

#include "views/render/plain_text.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QVBoxLayout>

#include <algorithm>

namespace faultline {

TimePrompt::TimePrompt(QWidget* parent)
    : QFrame(parent), m_input(new QLineEdit(this)), m_fault(new QLabel(this))
{
    setObjectName(QStringLiteral("timePrompt"));
    setFrameShape(QFrame::StyledPanel);
    setAutoFillBackground(true);
    auto* const label = new QLabel(tr("Go to &time:"), this);
    label->setBuddy(m_input);
    m_input->setObjectName(QStringLiteral("timeInput"));
    m_input->setAccessibleName(tr("Go to time"));
    m_input->setPlaceholderText(tr("2026-11-22T15:04, an epoch, now-15m"));
    m_input->installEventFilter(this);
    m_fault->setObjectName(QStringLiteral("timeFault"));
    m_fault->setTextFormat(Qt::PlainText);
    m_fault->setWordWrap(true);
    auto* const row = new QHBoxLayout;
    row->addWidget(label);
    row->addWidget(m_input, 1);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 6);
    layout->addLayout(row);
    layout->addWidget(m_fault);
    connect(m_input, &QLineEdit::returnPressed, this, &TimePrompt::take);
    connect(m_input, &QLineEdit::textEdited, this, [this] {
        m_fault->hide();
        adjustSize();
    });
    hide();
}

void TimePrompt::open(Read read, const QRect& over)
{
    m_read = std::move(read);
    m_fault->hide();
    m_input->selectAll();
    const int wide = std::min(460, over.width() - 16);
    setFixedWidth(std::max(wide, 160));
    adjustSize();
    move(over.left() + (over.width() - width()) / 2, over.top() + 8);
    show();
    raise();
    m_input->setFocus();
}

void TimePrompt::take()
{
    const std::string text = m_input->text().trimmed().toStdString();
    const auto time = m_read(text);
    if (time) {
        leave();
        return Q_EMIT chosen(*time);
    }
    QString said = oneLine(time.error().why);
    for (const std::string& hint : time.error().hints) said += QStringLiteral(". ") + oneLine(hint);
    m_fault->setText(said);
    m_fault->show();
    adjustSize();
}

void TimePrompt::leave()
{
    hide();
    Q_EMIT left();
}

bool TimePrompt::eventFilter(QObject* object, QEvent* event)
{
    // Whoever goes on elsewhere does not want it in the way; a menu of its own, or another program, is not
    // that.
    if (event->type() == QEvent::FocusOut) {
        const Qt::FocusReason reason = static_cast<QFocusEvent*>(event)->reason();
        if (reason != Qt::PopupFocusReason && reason != Qt::ActiveWindowFocusReason) hide();
    }
    if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        leave();
        return true;
    }
    return QFrame::eventFilter(object, event);
}

} // namespace faultline
