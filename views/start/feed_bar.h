#pragma once
#include <QPointer>
#include <QWidget>

class QLabel;
class QMenu;
class QPushButton;

namespace faultline {

class LiveFeeds;

/// In the status line: what is followed, and a way to stop it. Hidden while nothing is.
/// Threads  GUI thread.
class FeedBar final : public QWidget
{
    Q_OBJECT
public:
    explicit FeedBar(QWidget* parent = nullptr);
    /// Null: none. The feeds may go before the bar does.
    void setFeeds(LiveFeeds* feeds);

private:
    void showFeeds();
    void stop();
    QPointer<LiveFeeds> m_feeds;
    QLabel* m_text;
    QPushButton* m_stop;
    QMenu* m_which; ///< of several
};

} // namespace faultline
