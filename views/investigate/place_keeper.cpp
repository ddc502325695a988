#include "views/investigate/place_keeper.h"

#include "views/investigate/event_list_view.h"

#include <QScrollBar>
#include <QTimer>

#include <algorithm>
#include <iterator>

namespace faultline {
namespace {

/// Between two refreshes rows in sight are painted, and asked for.
constexpr int kPaintMs = 40;

/// The rows from one event to another, where one of them may be gone.
std::optional<EventListView::Rows> runBetween(const EventListModel::Place& one,
                                              const EventListModel::Place& other)
{
    const bool down = one.row <= other.row;
    const EventListModel::Place &low = down ? one : other, &high = down ? other : one;
    const qint64 last =
        std::min(high.there ? high.row : high.row - 1, low.row + EventListView::kMostSelected - 1);
    if (last < low.row) return std::nullopt;
    const auto from = static_cast<int>(low.row), to = static_cast<int>(last);
    return down ? EventListView::Rows(from, to) : EventListView::Rows(to, from);
}

} // namespace

PlaceKeeper::PlaceKeeper(EventListModel* model, EventListView* list, QObject* parent)
    : QObject(parent), m_model(model), m_list(list), m_later(new QTimer(this))
{
    connect(model, &EventListModel::located, this, [this](const EventKey& key, qint64 row, bool there) {
        if (!m_anchor || m_anchor->key != key) return;
        m_anchor->foundRow = row;
        m_anchor->there = there;
        settle();
    });
    connect(model, &EventListModel::totalChanged, this, &PlaceKeeper::settle);
    connect(model, &EventListModel::aboutToRefresh, this, [this] { m_before = marked(); });
    connect(model, &EventListModel::refreshed, this, &PlaceKeeper::take);
    // Where the user has scrolled meanwhile the list stays.
    connect(list->verticalScrollBar(), &QScrollBar::actionTriggered, this, [this] {
        if (m_anchor) m_anchor->below.reset();
    });
    m_later->setSingleShot(true);
    connect(m_later, &QTimer::timeout, this, &PlaceKeeper::refresh);
}

void PlaceKeeper::hold(const EventKey& key)
{
    const int current = m_list->currentRow(), top = m_list->topRow();
    const bool inSight = current >= top && current < top + m_list->visibleRows();
    Anchor anchor;
    anchor.key = key;
    anchor.below = inSight ? current - top : m_list->visibleRows() / 2;
    m_anchor = anchor;
    m_placed.reset();
}

void PlaceKeeper::restore()
{
    if (m_anchor) locate(m_anchor->key);
}

void PlaceKeeper::locate(const EventKey& key)
{
    // Its row is one among those of now: a refresh that began before begins again behind it.
    if (m_model->cancelRefresh() && !m_next) m_next = m_range;
    m_model->locate(key);
    if (m_next && !m_later->isActive()) m_later->start(kPaintMs);
}

void PlaceKeeper::leave()
{
    stop();
    m_placed.reset();
    m_known.clear();
}

void PlaceKeeper::stay(const TimeRange& range)
{
    m_next = range;
    refresh();
}

bool PlaceKeeper::stop()
{
    const bool under = m_model->cancelRefresh() || m_next.has_value();
    m_next.reset();
    m_later->stop();
    return under;
}

bool PlaceKeeper::staying() const
{
    return m_next.has_value() || m_model->counting();
}

PlaceKeeper::Marked PlaceKeeper::marked() const
{
    return {m_list->currentRow(), m_list->run()};
}

std::optional<EventKey> PlaceKeeper::keyOf(int row) const
{
    if (m_placed && m_placed->row == row) return m_placed->key;
    // A page that was read since may be of a later state of the store than the numbers of rows are.
    if (marked() == m_knownOf)
        for (const EventListModel::Place& each : m_known)
            if (each.row == row) return each.key;
    const EventRow* const event = m_model->held(row);
    return event != nullptr ? std::optional(event->key) : std::nullopt;
}

void PlaceKeeper::forget()
{
    m_anchor.reset();
    m_placed.reset();
    m_model->forgetLocate();
}

void PlaceKeeper::settle()
{
    if (!m_anchor || !m_anchor->foundRow) return;
    const qint64 rows = m_model->rowCount();
    if (*m_anchor->foundRow >= rows && m_model->counting()) return; // its row is yet to come
    const auto row =
        static_cast<int>(std::clamp<qint64>(*m_anchor->foundRow, 0, std::max<qint64>(rows - 1, 0)));
    const Anchor anchor = *m_anchor;
    m_anchor.reset();
    m_placed.reset();
    if (anchor.there) m_placed = EventListModel::Place{anchor.key, row};
    m_list->place(row, anchor.below, anchor.there);
    Q_EMIT found(anchor.key, anchor.there);
}

void PlaceKeeper::refresh()
{
    if (!m_next) return;
    // Whatever is to be found again has to be known first.
    const Marked here = marked();
    for (const int row :
         {m_list->topRow(), here.current, here.run ? here.run->first : -1, here.run ? here.run->second : -1})
        (void)m_model->event(row);
    if (m_model->counting() || m_model->locating() || m_model->reading()) {
        if (!m_later->isActive()) m_later->start(kPaintMs); // one after the other
        return;
    }
    if (m_later->isActive()) return;
    const int current = m_list->currentRow(), top = m_list->topRow();
    const bool inSight = current >= top && current < top + m_list->visibleRows();
    m_asked = here;
    m_places.clear();
    const auto add = [this](int row) {
        const bool known = std::any_of(m_places.begin(), m_places.end(),
                                       [row](const EventListModel::Place& each) { return each.row == row; });
        if (known || row < 0) return;
        if (const auto key = keyOf(row)) m_places.push_back({*key, row});
    };
    add(inSight ? current : top);
    add(current);
    if (m_asked.run) {
        add(m_asked.run->first);
        add(m_asked.run->second);
    }
    m_range = *std::exchange(m_next, std::nullopt);
    m_model->refresh(m_range, m_places);
}

void PlaceKeeper::take(const std::vector<EventListModel::Place>& places)
{
    m_known.clear();
    const auto now = [&](int row) {
        for (std::size_t i = 0; i < places.size(); ++i)
            if (m_places[i].row == row) return &places[i];
        return static_cast<const EventListModel::Place*>(nullptr);
    };
    if (m_before == m_asked) {
        Marked found = marked();
        if (const auto* const current = now(m_asked.current)) {
            found.current = current->there ? static_cast<int>(current->row) : -1;
            if (m_placed) m_placed = current->there ? std::optional(*current) : std::nullopt;
        }
        if (m_asked.run) {
            const auto *const first = now(m_asked.run->first), *const last = now(m_asked.run->second);
            if (first != nullptr && last != nullptr) found.run = runBetween(*first, *last);
        }
        m_list->remap(found.current, found.run);
        std::copy_if(places.begin(), places.end(), std::back_inserter(m_known),
                     [](const EventListModel::Place& each) { return each.there; });
        m_knownOf = marked();
    } else if (!m_next) {
        // What was chosen meanwhile was not asked about: it may have moved apart from the rest.
        m_next = m_range;
    }
    if (m_next && !m_later->isActive()) m_later->start(kPaintMs);
}

} // namespace faultline
