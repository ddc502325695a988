#pragma once
#include "models/session/list_layout.h"
#include "models/session/query_service.h"

#include <QFrame>

#include <memory>

class QLineEdit;
class QListWidget;
class QListWidgetItem;

namespace faultline {

/// Chooses the columns of the lists: those that every list has, and any field of the store, looked for by
/// typing. Space or Enter shows a column or takes it away; Esc closes.
class ColumnPicker final : public QFrame
{
    Q_OBJECT
public:
    explicit ColumnPicker(std::shared_ptr<QueryService> queries, QWidget* parent = nullptr);
    /// Shows itself there, with the columns of this layout chosen.
    void open(const ListLayout& layout, const QPoint& globalPosition);

Q_SIGNALS:
    void columnToggled(const faultline::ListLayout::Column& column, bool shown);
    void failed(const faultline::Error& error);

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void fill(const std::vector<std::string>& names);
    void addItem(const QString& text, ListLayout::Column column);
    void filter();
    void toggle(QListWidgetItem* item);
    std::shared_ptr<QueryService> m_queries;
    QLineEdit* m_search;
    QListWidget* m_list;
    ListLayout m_layout;
    QueryService::Ticket m_names;
};

} // namespace faultline
