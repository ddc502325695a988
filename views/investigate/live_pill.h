#pragma once
#include "views/render/theme.h"

#include <QToolButton>

namespace faultline {

/// Says over the lower edge of a list how many events have come, and that the view is held. A click goes
/// there.
class LivePill final : public QToolButton
{
    Q_OBJECT
public:
    /// Lies over `list` and moves with its size.
    explicit LivePill(QWidget* list);
    void setTheme(const Theme& theme);
    /// Hidden when nothing has come and the view is not held.
    void show(qint64 fresh, bool held);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void place();
    QWidget* m_list;
};

} // namespace faultline
