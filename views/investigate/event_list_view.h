#pragma once
#include "models/query/engine.h"
#include "views/investigate/list_columns.h"
#include "views/keys/key_table.h"
#include "views/render/theme.h"

#include <QAbstractScrollArea>

#include <optional>

namespace faultline {

class EventListModel;

/// The list of events: paints the rows in sight and nothing else, whatever the length of the list.
///
/// Keys     keys() lists them.
/// Scroll   One step of the bar is one row. New rows at the end never move what is in sight.
class EventListView final : public QAbstractScrollArea, public HasKeys
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
    /// Puts a row that many rows below the top of the list, or as near to it as the ends allow, without a
    /// signal; it becomes current when `current`.
    void place(int row, int below, bool current);
    /// The rows have moved by so many places: what is in sight stays in sight, without a signal.
    void shift(int rows);
    int topRow() const;
    int visibleRows() const;
    /// The rows are of an earlier question: shown dimmed.
    void setStale(bool stale);
    bool stale() const { return m_stale; }
    /// As wide as the title and the rows in sight need.
    void fitColumn(int column);
    ListColumns::Box box(int column) const { return m_columns.box(column, viewport()->width()); }
    int headerHeight() const { return m_headerHeight; }
    /// What stands in the place of rows while there are none, and none are being looked for.
    void setEmptyText(const QString& text);
    const QString& emptyText() const { return m_emptyText; }
    QString keysTitle() const override { return tr("List of events"); }
    const KeyTable& keys() const override { return m_keys; }

Q_SIGNALS:
    void currentChanged(int row);
    void contextMenuRequested(int row, int column, const QPoint& globalPosition);
    void columnRemoved(const QString& field);
    void copyRequested(int row);
    void traceRequested(int row);
    void focused();         ///< the keyboard has come
    void detailRequested(); ///< the keyboard goes to the fields of the current event

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void makeKeys();
    void step(int rows);
    /// What fits into a width, with an ellipsis where more does not.
    QString fitted(const QString& text, int width) const;
    void updateMetrics();
    void updateScrollBar();
    int rowAt(int y) const;
    /// The column whose edge in the header is there; -1 when none is.
    int edgeAt(const QPoint& at) const;
    QString cellText(int row, const EventRow& event, int column) const;
    void showHeaderMenu(int column, const QPoint& globalPosition);
    void paintRow(QPainter& painter, int row, int top) const;
    void paintHeader(QPainter& painter) const;
    EventListModel* m_model = nullptr;
    Theme m_theme = Theme::darkTheme();
    KeyTable m_keys;
    QString m_emptyText;
    int m_rowHeight = 18, m_headerHeight = 22, m_charWidth = 7;
    double m_advance = 7; ///< of a character, exactly
    int m_current = -1;
    ListColumns m_columns;
    bool m_stale = false;
    int m_resizing = -1; ///< column whose right edge is being dragged
};

} // namespace faultline
