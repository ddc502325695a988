#pragma once
#include <QLabel>

namespace faultline {

/// A line of plain text that gives way: where it is wider than its place it ends in an ellipsis, and a tool
/// tip has all of it. text() is always whole, for screen readers too.
///
/// Threads  GUI thread.
class ElidingLabel final : public QLabel
{
    Q_OBJECT
public:
    /// It is made no narrower than `least` characters, or than its text.
    explicit ElidingLabel(int least, QWidget* parent = nullptr);
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRect place() const;
    bool fits() const;
    int m_least;
};

} // namespace faultline
