#pragma once
#include "views/keys/key_table.h"

#include <QKeyEvent>
#include <QListView>

namespace faultline {

/// A list of one column with keys of its own; a right click, or the menu key, asks for a menu of a row.
class KeyedList final : public QListView, public HasKeys
{
    Q_OBJECT
public:
    explicit KeyedList(const QString& title, QWidget* parent = nullptr);
    QString keysTitle() const override { return m_title; }
    const KeyTable& keys() const override { return m_keys; }
    KeyTable& keys() { return m_keys; }
    /// -1: none.
    int currentRow() const { return currentIndex().row(); }
    void setCurrentRow(int row);

Q_SIGNALS:
    void menuRequested(int row, const QPoint& globalPosition);
    void focused();

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;

private:
    QString m_title;
    KeyTable m_keys;
};

} // namespace faultline
