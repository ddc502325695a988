#pragma once
#include "models/base/time.h"

#include <QFrame>

#include <memory>

class QLabel;
class QLineEdit;

namespace faultline {

/// Asks for a time, over a part of its parent: any form that readUserTime() knows. Enter goes there, Esc
/// closes; what is wrong with a text is said below it.
class TimePrompt final : public QFrame
{
    Q_OBJECT
public:
    TimePrompt(std::shared_ptr<const Clock> clock, QWidget* parent);
    /// `day` as 2026-11-22, for the hint about a time of day without a date.
    /// It stands at the top of this part of its parent.
    void open(const QString& day, const QRect& over);

Q_SIGNALS:
    void chosen(faultline::TimeNs time);
    void left(); ///< the keyboard goes back where it was

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void take();
    void leave();
    std::shared_ptr<const Clock> m_clock;
    QLineEdit* m_input;
    QLabel* m_fault;
    QString m_day;
};

} // namespace faultline
