#include "views/investigate/range_bar.h"

#include "views/render/counts.h"
#include "views/render/time_axis.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

namespace faultline {

RangeBar::RangeBar(QWidget* parent)
    : QWidget(parent)
    , m_back(new QPushButton(tr("Back"), this))
    , m_all(new QPushButton(tr("All time"), this))
    , m_label(new QLabel(this))
    , m_outside(new QPushButton(this))
{
    m_label->setObjectName(QStringLiteral("rangeLabel"));
    m_label->setTextFormat(Qt::PlainText);
    m_back->setObjectName(QStringLiteral("backButton"));
    m_back->setToolTip(tr("The view before (Backspace)"));
    m_all->setObjectName(QStringLiteral("allButton"));
    m_all->setToolTip(tr("Every event, however far from the others (Ctrl+0)"));
    m_outside->setObjectName(QStringLiteral("outsideChip"));
    m_outside->setToolTip(tr("Shows all time in the chart (Ctrl+0). The list has these events as it is."));
    for (QPushButton* const button : {m_back, m_all, m_outside}) button->setFocusPolicy(Qt::TabFocus);
    m_outside->hide();
    setCanGoBack(false);
    setCanShowAll(false);
    auto* const layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_back);
    layout->addWidget(m_all);
    layout->addWidget(m_label, 1);
    layout->addWidget(m_outside);
    connect(m_back, &QPushButton::clicked, this, &RangeBar::backRequested);
    connect(m_all, &QPushButton::clicked, this, &RangeBar::allRequested);
    connect(m_outside, &QPushButton::clicked, this, &RangeBar::allRequested);
}

void RangeBar::addControls(QWidget* controls)
{
    layout()->addWidget(controls);
}

void RangeBar::setCanGoBack(bool can)
{
    m_back->setEnabled(can);
}

void RangeBar::setCanShowAll(bool can)
{
    m_all->setEnabled(can);
}

void RangeBar::showRange(const TimeRange& range)
{
    m_label->setText(formatRange(range));
}

void RangeBar::showText(const QString& text)
{
    m_label->setText(text);
}

void RangeBar::showOutside(quint64 events, const TimeRange& times)
{
    m_outside->setVisible(events > 0);
    QString text = tr("%1 outside").arg(eventCount(events));
    if (times.end > times.begin) {
        const QString first = formatTimeForPeople(times.begin, 0).left(10);
        const QString last = formatTimeForPeople(times.end - 1, 0).left(10);
        text += QStringLiteral(": ") + (first == last ? first : tr("%1 to %2").arg(first, last));
    }
    m_outside->setText(text);
}

} // namespace faultline
