#pragma once
#include "models/base/time.h"

#include <QWidget>

class QLabel;
class QPushButton;

namespace faultline {

/// The row above the histogram: back, all time, which range is shown, and what lies outside of it.
class RangeBar final : public QWidget
{
    Q_OBJECT
public:
    explicit RangeBar(QWidget* parent = nullptr);
    /// Buttons for what stands below, at the right end.
    void addControls(QWidget* controls);
    void setCanGoBack(bool can);
    void setCanShowAll(bool can);
    void showRange(const TimeRange& range);
    /// There is no range to be shown: why.
    void showText(const QString& text);
    /// So many events are not in the chart; 0 hides it. `times`: from the first of them to the last, {0, 0}
    /// when not known.
    void showOutside(quint64 events, const TimeRange& times);

Q_SIGNALS:
    void backRequested();
    void allRequested();

private:
    QPushButton *m_back, *m_all;
    QLabel* m_label;
    QPushButton* m_outside;
};

} // namespace faultline
