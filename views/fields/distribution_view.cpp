#include "views/fields/distribution_view.h"

#include "models/tables/cell_text.h"

#include <QKeyEvent>
#include <QPainter>

#include <algorithm>

namespace faultline {
namespace {

constexpr int kBars = 64, kLabels = 16; // pixels of height
constexpr double kApart = 0.7;          // widths of a bar between the last and that of the rest

} // namespace

DistributionView::DistributionView(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("numberDistribution"));
    setAccessibleName(tr("Distribution"));
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setFixedHeight(kBars + kLabels + 4);
    m_keys.add({Qt::Key_Left}, tr("The bar before"),
               [this] { setCursor(m_cursor < 0 ? bars() - 1 : std::max(0, m_cursor - 1)); });
    m_keys.add({Qt::Key_Right}, tr("The next bar"),
               [this] { setCursor(std::min(bars() - 1, m_cursor + 1)); });
}

void DistributionView::setTheme(const Theme& theme)
{
    m_theme = theme;
    update();
}

void DistributionView::setDistribution(const Distribution& distribution)
{
    m_shown = distribution;
    setCursor(-1);
    const auto most = std::max_element(m_shown.counts.begin(), m_shown.counts.end());
    if (most == m_shown.counts.end()) return;
    const double from = m_shown.from + static_cast<double>(most - m_shown.counts.begin()) * m_shown.width;
    setAccessibleDescription(tr("Most values lie from %1 up to %2. Left and Right read the bars.")
                                 .arg(measureText(from), measureText(from + m_shown.width)));
}

int DistributionView::bars() const
{
    return static_cast<int>(m_shown.counts.size()) + (m_shown.above > 0 ? 1 : 0);
}

std::uint64_t DistributionView::count(int bar) const
{
    const auto index = static_cast<std::size_t>(bar);
    return index < m_shown.counts.size() ? m_shown.counts[index] : m_shown.above;
}

QRectF DistributionView::slot(int bar) const
{
    const bool rest = bar >= static_cast<int>(m_shown.counts.size());
    const double slots = static_cast<double>(bars()) + (m_shown.above > 0 ? kApart : 0);
    const double each = slots > 0 ? width() / slots : width();
    return {(static_cast<double>(bar) + (rest ? kApart : 0)) * each, 2, each, kBars};
}

void DistributionView::setCursor(int bar)
{
    m_cursor = bar;
    update();
    if (bar < 0 || bar >= bars()) return Q_EMIT pointed({});
    const QString events = groupedNumber(count(bar));
    if (bar >= static_cast<int>(m_shown.counts.size())) {
        const double end = m_shown.from + static_cast<double>(m_shown.counts.size()) * m_shown.width;
        Q_EMIT pointed(tr("%1 to %2: %3 values").arg(measureText(end), measureText(m_shown.most), events));
        return;
    }
    const double from = m_shown.from + static_cast<double>(bar) * m_shown.width;
    Q_EMIT pointed(
        tr("%1 up to %2: %3 values").arg(measureText(from), measureText(from + m_shown.width), events));
}

void DistributionView::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.base);
    std::uint64_t most = 1;
    for (int bar = 0; bar < bars(); ++bar) most = std::max(most, count(bar));
    for (int bar = 0; bar < bars(); ++bar) {
        const QRectF area = slot(bar);
        if (bar == m_cursor) painter.fillRect(area, m_theme.selection);
        if (count(bar) == 0) continue;
        const double height =
            std::max(1.0, kBars * static_cast<double>(count(bar)) / static_cast<double>(most));
        const bool rest = bar >= static_cast<int>(m_shown.counts.size());
        painter.fillRect(
            QRectF(area.left() + 0.5, area.bottom() - height, std::max(1.0, area.width() - 1), height),
            rest ? m_theme.dim : m_theme.accent);
    }
    painter.setPen(m_theme.border);
    painter.drawLine(0, kBars + 2, width(), kBars + 2);
    painter.setPen(m_theme.dim);
    QFont small = font();
    small.setPointSizeF(std::max(7.0, small.pointSizeF() - 1));
    painter.setFont(small);
    const QRect labels(2, kBars + 3, width() - 4, kLabels);
    const double end = m_shown.from + static_cast<double>(m_shown.counts.size()) * m_shown.width;
    painter.drawText(labels, Qt::AlignLeft | Qt::AlignVCenter, measureText(m_shown.from));
    const QString last = m_shown.above > 0
                             ? tr("%1, and to %2").arg(measureText(end), measureText(m_shown.most))
                             : measureText(end);
    painter.drawText(labels, Qt::AlignRight | Qt::AlignVCenter, last);
    if (hasFocus()) {
        painter.setPen(m_theme.accent);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void DistributionView::mouseMoveEvent(QMouseEvent* event)
{
    for (int bar = 0; bar < bars(); ++bar) {
        const QRectF area = slot(bar);
        if (event->position().x() >= area.left() && event->position().x() < area.right())
            return setCursor(bar);
    }
    setCursor(-1);
}

void DistributionView::leaveEvent(QEvent* event)
{
    QWidget::leaveEvent(event);
    if (!hasFocus()) setCursor(-1);
}

void DistributionView::keyPressEvent(QKeyEvent* event)
{
    if (!m_keys.handle(*event)) QWidget::keyPressEvent(event);
}

void DistributionView::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    if (event->reason() != Qt::MouseFocusReason && m_cursor < 0 && bars() > 0) setCursor(0);
    update();
}

void DistributionView::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    setCursor(-1);
}

} // namespace faultline
