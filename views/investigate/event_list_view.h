#pragma once
#include "models/query/engine.h"
#include "views/render/theme.h"

#include <QAbstractScrollArea>

#include <optional>

namespace faultline {

class EventListModel;

/// The list of events: paints the rows in sight and nothing else, whatever the length of the list.
///
/// Keys     Up/Down j/k, PageUp/PageDown, Home/End g/G; c copies the line. Single keys arrive as signals.
/// Scroll   One step of the bar is one row. New rows at the end never move what is in sight.
class EventListView final : public QAbstractScrollArea
{
    Q_OBJECT
public:
    explicit EventListView(QWidget* parent = nullptr);
    void setModel(EventListModel* model);
    void setTheme(const Theme& theme);
    int currentRow() const { return m_current; }
    void setCurrentRow(int row, bool centre = false);
    /// No row is current: the list shows other events now.
    void clearCurrent();
    /// The key of the row at the top, for keeping the place over a refresh.
    std::optional<EventKey> topKey() const;
    int visibleRows() const;

Q_SIGNALS:
    void currentChanged(int row);
    void contextMenuRequested(int row, int column, const QPoint& globalPosition);
    void copyRequested(int row);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct ColumnBox
    {
        int left = 0, width = 0;
    };
    void updateMetrics();
    void updateScrollBar();
    int rowAt(int y) const;
    int columnAt(int x) const;
    ColumnBox box(int column) const;
    void paintRow(QPainter& painter, int row, int top) const;
    void paintHeader(QPainter& painter) const;
    QString emptyText() const;

    EventListModel* m_model = nullptr;
    Theme m_theme = Theme::darkTheme();
    int m_rowHeight = 18, m_headerHeight = 22, m_charWidth = 7;
    int m_current = -1;
    int m_serviceWidth = 160;
    int m_resizing = -1; ///< column whose right edge is being dragged
};

} // namespace faultline
