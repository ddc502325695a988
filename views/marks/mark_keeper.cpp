#include "views/marks/mark_keeper.h"

#include "views/render/plain_text.h"

#include <algorithm>
#include <utility>

namespace faultline {

MarkKeeper::MarkKeeper(std::shared_ptr<QueryService> queries, QObject* parent)
    : QObject(parent), m_queries(std::move(queries)), m_keys(std::make_shared<std::set<EventKey>>())
{}

void MarkKeeper::setMarks(std::vector<Mark> marks)
{
    if (marks.size() > kMostMarks) marks.resize(kMostMarks);
    std::sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) { return a.anchor < b.anchor; });
    if (marks == m_marks) return;
    m_marks = std::move(marks);
    setPlaces(m_places); // those that are gone, at once
    Q_EMIT marksSet();
    find();
}

void MarkKeeper::refresh()
{
    if (!m_marks.empty()) find();
}

void MarkKeeper::find()
{
    // One at a time: while a store grows every second, an answer must come through.
    if (m_find.pending()) {
        m_again = true;
        return;
    }
    std::vector<EventAnchor> anchors;
    for (const Mark& mark : m_marks) anchors.push_back(mark.anchor);
    m_find =
        m_queries->run([this, anchors](QueryEngine& engine, std::stop_token stop) -> std::function<void()> {
            std::vector<Place> places;
            for (const EventAnchor& anchor : anchors) {
                const auto key = findAnchor(engine, anchor, stop);
                if (!key)
                    return [this, error = key.error()] {
                        if (error.kind != ErrorKind::Cancelled) Q_EMIT said(oneLine(error.line()));
                        if (std::exchange(m_again, false)) find();
                    };
                if (*key) places.push_back({anchor, **key});
            }
            return [this, anchors, places = std::move(places)]() mutable {
                take(anchors, std::move(places));
                if (std::exchange(m_again, false)) find();
            };
        });
}

void MarkKeeper::take(const std::vector<EventAnchor>& asked, std::vector<Place> places)
{
    // Of marks that were made meanwhile the answer knows nothing: they are where they were made.
    for (const Place& place : m_places)
        if (std::find(asked.begin(), asked.end(), place.anchor) == asked.end()) places.push_back(place);
    setPlaces(std::move(places));
}

void MarkKeeper::setPlaces(std::vector<Place> places)
{
    // A mark may have gone, or come, since its event was asked for.
    std::erase_if(places, [this](const Place& place) {
        return std::none_of(m_marks.begin(), m_marks.end(),
                            [&](const Mark& mark) { return mark.anchor == place.anchor; });
    });
    std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.key < b.key; });
    auto keys = std::make_shared<std::set<EventKey>>();
    for (const Place& place : places) keys->insert(place.key);
    m_places = std::move(places);
    if (*keys == *m_keys) return;
    m_keys = std::move(keys);
    Q_EMIT keysChanged();
}

std::optional<EventKey> MarkKeeper::keyOf(const EventAnchor& anchor) const
{
    for (const Place& place : m_places)
        if (place.anchor == anchor) return place.key;
    return std::nullopt;
}

std::optional<EventKey> MarkKeeper::next(const EventKey& from, bool back) const
{
    std::optional<EventKey> found;
    for (const Place& place : m_places) {
        if (back && place.key < from) found = place.key;
        if (!back && from < place.key) return place.key;
    }
    return found;
}

void MarkKeeper::toggle(const EventKey& key)
{
    for (const Place& place : m_places)
        if (place.key == key) return remove(EventAnchor(place.anchor));
    if (m_marks.size() >= kMostMarks)
        return Q_EMIT said(tr("There are %1 marks: take one away first").arg(kMostMarks));
    std::erase_if(m_making, [](const Making& each) { return !each.ticket.pending(); });
    // Once more before its mark is there: it gets none.
    if (std::erase_if(m_making, [&](const Making& each) { return each.key == key; }) != 0) return;
    m_making.push_back(
        {key, m_queries->run([this, key](QueryEngine& engine, std::stop_token stop) -> std::function<void()> {
             auto mark = makeMark(engine, key, stop);
             if (!mark)
                 return [this, error = mark.error()] {
                     if (error.kind != ErrorKind::Cancelled) Q_EMIT said(oneLine(error.line()));
                 };
             return [this, key, mark = *mark] {
                 if (mark)
                     add(*mark, key);
                 else
                     Q_EMIT said(tr("Not marked: the event is gone"));
             };
         })});
}

void MarkKeeper::add(const Mark& mark, const EventKey& key)
{
    const bool known = std::any_of(m_marks.begin(), m_marks.end(),
                                   [&](const Mark& each) { return each.anchor == mark.anchor; });
    if (!known && m_marks.size() >= kMostMarks) return;
    if (!known)
        m_marks.insert(std::upper_bound(m_marks.begin(), m_marks.end(), mark,
                                        [](const Mark& a, const Mark& b) { return a.anchor < b.anchor; }),
                       mark);
    if (!keyOf(mark.anchor)) { // of a kept one that was still looked for: it has a mark, as was asked
        std::vector<Place> places = m_places;
        places.push_back({mark.anchor, key});
        setPlaces(std::move(places));
    }
    if (!known) Q_EMIT changed();
}

void MarkKeeper::remove(const EventAnchor& anchor)
{
    if (std::erase_if(m_marks, [&](const Mark& mark) { return mark.anchor == anchor; }) == 0) return;
    setPlaces(m_places);
    Q_EMIT changed();
}

void MarkKeeper::setLabel(const EventAnchor& anchor, const QString& label)
{
    for (Mark& mark : m_marks) {
        if (mark.anchor != anchor) continue;
        const std::string text = markText(label.simplified().toStdString(), kMostMarkLabel);
        if (mark.label == text) return;
        mark.label = text;
        return Q_EMIT changed();
    }
}

} // namespace faultline
