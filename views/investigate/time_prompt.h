#pragma once
#include "models/base/result.h"
#include "models/base/time.h"

#include <QFrame>

#include <functional>
#include <string>

class QLabel;
class QLineEdit;

namespace faultline {

/// Asks for a time, over a part of its parent. Enter goes there, Esc closes; what is wrong with a text is
/// said below it.
class TimePrompt final : public QFrame
{
    Q_OBJECT
public:
    using Read = std::function<Result<TimeNs>(const std::string& text)>;
    explicit TimePrompt(QWidget* parent);
    /// `read` makes a time of a text; it stands at the top of this part of its parent.
    void open(Read read, const QRect& over);

Q_SIGNALS:
    void chosen(faultline::TimeNs time);
    void left(); ///< the keyboard goes back where it was

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void take();
    void leave();
    QLineEdit* m_input;
    QLabel* m_fault;
    Read m_read;
};

} // namespace faultline
