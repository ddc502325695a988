#include "views/start/feed_bar.h"

#include "models/session/live_feeds.h"
#include "views/parts/eliding_label.h"
#include "views/render/counts.h"
#include "views/render/plain_text.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>

#include <algorithm>

namespace faultline {
namespace {

constexpr qsizetype kMostName = 40;

QString nameOf(const LiveFeeds::Feed& feed, qsizetype most)
{
    return elidedMiddle(oneLine(feed.name), most);
}

} // namespace

FeedBar::FeedBar(QWidget* parent)
    : QWidget(parent)
    , m_text(new ElidingLabel(16, this))
    , m_stop(new QPushButton(tr("Stop"), this))
    , m_which(new QMenu(this))
{
    setObjectName(QStringLiteral("feedBar"));
    m_text->setObjectName(QStringLiteral("feedText"));
    m_stop->setObjectName(QStringLiteral("feedStop"));
    m_stop->setAccessibleName(tr("Stop following"));
    m_stop->setToolTip(tr("Ends what is followed; what it gave so far stays"));
    m_which->setObjectName(QStringLiteral("feedMenu"));
    auto* const layout = new QHBoxLayout(this);
    layout->setContentsMargins(4, 0, 4, 0);
    layout->addWidget(m_text);
    layout->addWidget(m_stop);
    connect(m_stop, &QPushButton::clicked, this, &FeedBar::stop);
    hide();
}

void FeedBar::setFeeds(LiveFeeds* feeds)
{
    if (m_feeds != nullptr) m_feeds->disconnect(this);
    m_feeds = feeds;
    if (feeds != nullptr) connect(feeds, &LiveFeeds::changed, this, &FeedBar::showFeeds);
    showFeeds();
}

void FeedBar::showFeeds()
{
    const auto feeds = m_feeds != nullptr ? m_feeds->feeds() : std::vector<LiveFeeds::Feed>();
    setVisible(!feeds.empty());
    if (feeds.empty()) return;
    quint64 events = 0;
    QStringList lines;
    for (const LiveFeeds::Feed& feed : feeds) {
        events += feed.events;
        lines.push_back(nameOf(feed, 200) + QStringLiteral(": ") + eventCount(feed.events));
    }
    const bool ending = std::all_of(feeds.begin(), feeds.end(), [](const auto& feed) { return feed.ending; });
    QString what = nameOf(feeds.back(), kMostName);
    if (feeds.size() > 1) what += tr(" and %1").arg(counted(feeds.size() - 1, tr("other"), tr("others")));
    m_text->setText((ending ? tr("Ending: %1") : tr("Following: %1")).arg(what));
    m_text->setToolTip(Qt::convertFromPlainText(lines.join(QLatin1Char('\n')), Qt::WhiteSpaceNormal));
    m_stop->setText(feeds.size() > 1 ? tr("Stop…") : tr("Stop"));
    m_stop->setEnabled(!ending);
}

void FeedBar::stop()
{
    if (m_feeds == nullptr) return;
    const auto feeds = m_feeds->feeds();
    if (feeds.size() < 2) return m_feeds->stopAll();
    m_which->clear();
    for (const LiveFeeds::Feed& feed : feeds) {
        if (feed.ending) continue;
        m_which->addAction(menuText(tr("Stop %1").arg(nameOf(feed, kMostName))), this, [this, id = feed.id] {
            if (m_feeds != nullptr) m_feeds->stop(id);
        });
    }
    m_which->addAction(tr("Stop all"), this, [this] {
        if (m_feeds != nullptr) m_feeds->stopAll();
    });
    m_which->popup(m_stop->mapToGlobal(QPoint(0, -m_which->sizeHint().height())));
}

} // namespace faultline
