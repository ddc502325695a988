#pragma once
#include "models/query/engine.h"
#include "models/session/list_layout.h"
#include "views/investigate/list_columns.h"
#include "views/keys/key_table.h"
#include "views/render/display_zone.h"
#include "views/render/theme.h"
#include "views/render/wrapped_text.h"

#include <QAbstractScrollArea>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

namespace faultline {

class EventRows;

/// A list of events: paints the rows in sight and nothing else, whatever the length of the list.
///
/// Keys     keys() lists them; a pane that holds it may add its own.
/// Scroll   One step of the bar is one row. New rows at either end never move what is in sight.
/// Wrapped  A row is then as high as its texts, at most kMostLines and what fits into the view.
/// Select   A run of rows, at most kMostSelected; without one the current row stands for itself.
class EventListView final : public QAbstractScrollArea, public HasKeys
{
    Q_OBJECT
public:
    static constexpr int kMostLines = 12, kMostSelected = 10'000;
    enum class CopyForm { Json, Text, Markdown };
    /// First and last row.
    using Rows = std::pair<int, int>;
    explicit EventListView(QWidget* parent = nullptr);
    ~EventListView() override;
    void setModel(EventRows* model);
    EventRows* model() const { return m_model; }
    void setTheme(const Theme& theme);
    /// How times are shown.
    void setZone(const DisplayZone& zone);
    int currentRow() const { return m_current; }
    void setCurrentRow(int row, bool centre = false);
    /// No row is current: the list shows other events now.
    void clearCurrent();
    /// Puts a row that many rows below the top of the list, or as near to it as the ends allow, without a
    /// signal; without `below` the list stays where it is. The row becomes current when `current`.
    void place(int row, std::optional<int> below, bool current);
    /// The current row (-1: none) and the run of selected ones stand there now, without a signal; what is in
    /// sight stays where it is.
    void remap(int current, const std::optional<Rows>& run);
    /// The run of selected rows, from the one that it began with; nothing without one.
    std::optional<Rows> run() const;
    int topRow() const;
    /// Rows that are wholly in sight, at least one.
    int visibleRows() const;
    /// The rows are of an earlier question: shown dimmed.
    void setStale(bool stale);
    bool stale() const { return m_stale; }
    /// Rows that were selected, the current one when none were; nothing when none is current.
    std::optional<Rows> selected() const;
    bool isSelected(int row) const;
    void selectAll();
    /// The event that others are shown around; it has its mark whether it is current or not.
    void setAnchor(const std::optional<EventKey>& key);
    void setMarked(std::shared_ptr<const std::set<EventKey>> marked);
    bool isMarked(int row) const;
    bool isAnchor(int row) const;

    /// Columns and wrapping of a layout; fields are shown when the model has them.
    void setListLayout(const ListLayout& layout);
    /// Takes columns and wrapping into a layout.
    void saveLayout(ListLayout& layout) const;
    void setWrap(bool wrap);
    bool wrap() const { return m_wrap; }
    /// As wide as the title and the rows in sight need.
    void fitColumn(int column);
    void moveColumn(int column, int place);
    void setColumnShown(int column, bool shown);
    /// The columns from left to right, by their numbers in EventRows.
    std::vector<int> columns() const { return m_columns.inOrder(); }
    /// The column that keys are for.
    int currentColumn() const { return m_column; }
    void setCurrentColumn(int column);
    ListColumns::Box box(int column) const;
    int headerHeight() const { return m_headerHeight; }
    /// Where a row stands in the viewport, whether it is in sight or not; unknown rows above count as one
    /// line.
    QRect rowRect(int row) const;
    int rowAt(int y) const;
    QString title(int column) const;
    /// What a cell shows, on one line; empty while the row is read.
    QString cellText(int row, int column) const;
    /// What stands in the place of rows while there are none, and none are being looked for.
    void setEmptyText(const QString& text);
    const QString& emptyText() const { return m_emptyText; }
    void setKeysTitle(const QString& title) { m_keysTitle = title; }
    QString keysTitle() const override { return m_keysTitle; }
    const KeyTable& keys() const override { return m_keys; }
    KeyTable& keys() { return m_keys; }

Q_SIGNALS:
    void currentChanged(int row);
    void selectionChanged();
    void contextMenuRequested(int row, int column, const QPoint& globalPosition);
    void columnRemoved(const QString& field);
    void columnsRequested(); ///< the user wants to choose columns
    void layoutChanged();    ///< by the user: widths, order, wrapping
    void copyRequested(faultline::EventListView::CopyForm form);
    void markRequested(int row);
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
    /// The texts of a row over several lines, by column.
    struct WrappedRow
    {
        std::map<int, WrappedText> cells;
        int lines = 1;
    };
    void makeKeys();
    void makeColumnKeys();
    void goTo(int row, bool extend);
    void step(int rows, bool extend = false);
    void goToEnd(bool last, bool extend = false);
    void stepColumn(int by);
    void resizeColumn(int by);
    void clearSelection();
    void takeLayout();
    /// What fits into a width, with an ellipsis where more does not.
    QString fitted(const QString& text, int width) const;
    void updateMetrics();
    void updateScrollBar();
    void rowsMoved(int first, int last, bool inserted);
    /// The rows have moved by so many places: what is in sight stays in sight.
    void shift(int rows, int top);
    int roomForRows() const { return std::max(m_rowHeight, viewport()->height() - m_headerHeight); }
    int heightOf(int row) const;
    /// The top row at which `row` is the last one wholly in sight.
    int topFor(int row) const;
    const WrappedRow& wrapped(int row, const EventRow& event) const;
    std::string textOf(int row, const EventRow& event, int column) const;
    QString cellText(int row, const EventRow& event, int column) const;
    QString timeText(const EventRow& event) const;
    /// The column whose edge in the header is there; -1 when none is.
    int edgeAt(const QPoint& at) const;
    int columnAt(int x) const;
    void showHeaderMenu(int column, const QPoint& globalPosition);
    void tellFocus();
    void paintRow(QPainter& painter, int row, int top, int height) const;
    void paintGutter(QPainter& painter, int row, const QRect& line) const;
    void paintSeverity(QPainter& painter, const EventRow& event, int top, bool current) const;
    void paintCell(QPainter& painter, int row, const EventRow& event, int column, int top,
                   const QColor& color) const;
    void paintHeader(QPainter& painter) const;

    EventRows* m_model = nullptr;
    Theme m_theme = Theme::darkTheme();
    DisplayZone m_zone;
    KeyTable m_keys;
    QString m_emptyText, m_keysTitle;
    int m_lineHeight = 16, m_rowHeight = 18, m_headerHeight = 22, m_charWidth = 7;
    double m_advance = 7; ///< of a character, exactly
    int m_current = -1, m_column = 0;
    int m_from = -1, m_to = -1; ///< rows between which all are selected, from the one it began with
    std::optional<EventKey> m_anchor;
    std::shared_ptr<const std::set<EventKey>> m_marked;
    ListColumns m_columns;
    bool m_stale = false, m_wrap = false;
    mutable std::map<EventKey, WrappedRow> m_wrapped; ///< of rows that were in sight
    int m_resizing = -1;                              ///< column whose right edge is being dragged
    int m_pressed = -1;                               ///< column whose title was pressed
    QPoint m_pressedAt;
    int m_drop = -1; ///< the place where a dragged column would go
};

} // namespace faultline
