#include "views/investigate/result_tabs.h"

#include "views/keys/key_table.h"

#include <QSignalBlocker>
#include <QStackedLayout>
#include <QTabBar>
#include <QVBoxLayout>

#include <iterator>

namespace faultline {

ResultTabs::ResultTabs(KeyTable& keys, QWidget* parent)
    : QWidget(parent), m_keys(keys), m_bar(new QTabBar(this)), m_stack(new QStackedLayout)
{
    setObjectName(QStringLiteral("resultTabs"));
    m_bar->setObjectName(QStringLiteral("resultTabBar"));
    m_bar->setAccessibleName(tr("What is shown of the events in view"));
    m_bar->setDrawBase(false);
    m_bar->setExpanding(false);
    m_bar->setUsesScrollButtons(true);
    m_bar->hide();
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    layout->addWidget(m_bar);
    layout->addLayout(m_stack, 1);
    connect(m_bar, &QTabBar::currentChanged, this, [this](int tab) {
        if (tab >= 0 && tab < static_cast<int>(m_pages.size())) show(std::next(m_pages.begin(), tab)->first);
    });
    // A click brings the keyboard along; the arrow keys within the bar leave it there.
    connect(m_bar, &QTabBar::tabBarClicked, this, [this](int tab) {
        if (tab >= 0) show(std::next(m_pages.begin(), tab)->first, true);
    });
}

void ResultTabs::addPage(Place place, const QString& title, QWidget* page, std::function<void()> focus)
{
    const bool first = m_pages.empty();
    Page& added = m_pages[place];
    added = {title, {}, page, std::move(focus)};
    if (!added.focus) added.focus = [page] { page->setFocus(Qt::ShortcutFocusReason); };
    m_stack->addWidget(page);
    const int number = static_cast<int>(place) + 1;
    const QKeySequence key(static_cast<int>(Qt::CTRL) | (static_cast<int>(Qt::Key_0) + number));
    {
        const QSignalBlocker quiet(m_bar);
        const int tab = m_bar->insertTab(tabOf(place), title);
        m_bar->setTabToolTip(tab, tr("%1 (%2)").arg(title, key.toString(QKeySequence::NativeText)));
        if (first) m_current = place;
        m_bar->setCurrentIndex(tabOf(m_current));
    }
    if (first) m_stack->setCurrentWidget(page);
    m_bar->setVisible(m_pages.size() > 1);
    m_keys.add({key}, tr("%1 under the timeline").arg(title), [this, place] { show(place, true); });
}

void ResultTabs::show(Place place, bool focus)
{
    const auto page = m_pages.find(place);
    if (page == m_pages.end()) return;
    const QWidget* const focused = window()->focusWidget();
    const bool within =
        m_stack->currentWidget() != nullptr && focused != nullptr &&
        (m_stack->currentWidget() == focused || m_stack->currentWidget()->isAncestorOf(focused));
    const bool changed = place != m_current;
    m_current = place;
    {
        const QSignalBlocker quiet(m_bar);
        m_bar->setCurrentIndex(tabOf(place));
    }
    m_stack->setCurrentWidget(page->second.widget);
    if (focus || (changed && within)) page->second.focus();
    if (changed) Q_EMIT currentChanged(place);
}

void ResultTabs::focusPage()
{
    if (const auto page = m_pages.find(m_current); page != m_pages.end()) page->second.focus();
}

void ResultTabs::setNote(Place place, const QString& note)
{
    const auto page = m_pages.find(place);
    if (page == m_pages.end() || page->second.note == note) return;
    page->second.note = note;
    showTitle(place);
}

void ResultTabs::eachPage(const std::function<void(QWidget*, const std::function<void()>&)>& visit) const
{
    for (const auto& [place, page] : m_pages)
        if (place != Place::Events) visit(page.widget, page.focus);
}

int ResultTabs::tabOf(Place place) const
{
    return static_cast<int>(std::distance(m_pages.begin(), m_pages.find(place)));
}

void ResultTabs::showTitle(Place place)
{
    const Page& page = m_pages[place];
    m_bar->setTabText(tabOf(place), page.note.isEmpty() ? page.title : page.title + u' ' + page.note);
}

} // namespace faultline
