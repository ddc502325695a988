#pragma once
#include "models/session/empty_reason.h"

#include <QWidget>

#include <vector>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace faultline {

/// What stands in the place of a list without rows: that nothing matches, and what would help, a button each.
/// Fills its parent below `topMargin`.
class EmptyNote final : public QWidget
{
    Q_OBJECT
public:
    EmptyNote(QWidget* parent, int topMargin);
    /// Nothing matches; what would help is not known yet. `canClear`: there is a query to take away.
    void showEmpty(bool canClear);
    void showRemedies(const std::vector<Remedy>& remedies);

Q_SIGNALS:
    void remedyChosen(const faultline::Remedy& remedy);
    void clearRequested();

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void fill();
    void fit(); ///< the texts of the buttons into the room there is
    int m_topMargin;
    QLabel* m_title;
    QVBoxLayout* m_buttons;
    std::vector<QPushButton*> m_remedies;
    QPushButton* m_clear;
};

} // namespace faultline
