#include "views/search/flow_layout.h"

#include <QWidget>

#include <algorithm>

namespace faultline {

FlowLayout::FlowLayout(int spacing, QWidget* parent) : QLayout(parent), m_spacing(spacing)
{
    setContentsMargins(0, 0, 0, 0);
}

FlowLayout::~FlowLayout()
{
    qDeleteAll(m_items);
}

void FlowLayout::addItem(QLayoutItem* item)
{
    m_items.append(item);
}

QLayoutItem* FlowLayout::itemAt(int index) const
{
    return index >= 0 && index < m_items.size() ? m_items[index] : nullptr;
}

QLayoutItem* FlowLayout::takeAt(int index)
{
    return index >= 0 && index < m_items.size() ? m_items.takeAt(index) : nullptr;
}

int FlowLayout::arrange(const QRect& rect, bool place) const
{
    int x = rect.left(), y = rect.top(), line = 0;
    for (QLayoutItem* const item : m_items) {
        if (item->isEmpty()) continue;
        const QSize hint = item->sizeHint();
        const int width = std::clamp(hint.width(), std::min(item->minimumSize().width(), rect.width()),
                                     std::max(rect.width(), 1));
        if (x > rect.left() && x + width > rect.right() + 1) {
            x = rect.left();
            y += line + m_spacing;
            line = 0;
        }
        if (place) item->setGeometry(QRect(x, y, width, hint.height()));
        x += width + m_spacing;
        line = std::max(line, hint.height());
    }
    return y + line - rect.top();
}

QSize FlowLayout::sizeHint() const
{
    int width = 0, height = 0;
    for (const QLayoutItem* const item : m_items) {
        if (item->isEmpty()) continue;
        width += item->sizeHint().width() + m_spacing;
        height = std::max(height, item->sizeHint().height());
    }
    return {std::max(width - m_spacing, 0), height};
}

QSize FlowLayout::minimumSize() const
{
    int width = 0, height = 0;
    for (const QLayoutItem* const item : m_items) {
        if (item->isEmpty()) continue;
        width = std::max(width, item->minimumSize().width());
        height = std::max(height, item->sizeHint().height());
    }
    return {width, height};
}

void FlowLayout::setGeometry(const QRect& rect)
{
    QLayout::setGeometry(rect);
    arrange(rect, true);
}

} // namespace faultline
