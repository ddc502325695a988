// Ranges and zones of an investigation, and what it is when it is opened again.
#include "models/session/range_text.h"
#include "models/tables/event_list_model.h"
#include "views/changes/changes_pane.h"
#include "views/context/context_pane.h"
#include "views/fields/field_panel.h"
#include "views/investigate/detail_pane.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/investigate/place_keeper.h"
#include "views/investigate/range_bar.h"
#include "views/investigate/result_tabs.h"
#include "views/investigate/search_bar.h"
#include "views/render/time_axis.h"
#include "views/timeline/histogram_view.h"
#include "views/timeline/timeline_pane.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QMenu>
#include <QSplitter>

namespace faultline {
namespace {

QJsonObject keyToJson(const EventKey& key)
{
    // As text: a nanosecond is more than a JSON number holds everywhere.
    return {{QStringLiteral("time"), QString::number(key.time)},
            {QStringLiteral("source"), QString::number(key.source.value)},
            {QStringLiteral("ordinal"), QString::number(key.ordinal)}};
}

std::optional<EventKey> keyFromJson(const QJsonObject& json)
{
    bool time = false, source = false, ordinal = false;
    EventKey key;
    key.time = json[QStringLiteral("time")].toString().toLongLong(&time);
    key.source = SourceId{json[QStringLiteral("source")].toString().toUInt(&source)};
    key.ordinal = json[QStringLiteral("ordinal")].toString().toULongLong(&ordinal);
    return time && source && ordinal ? std::optional(key) : std::nullopt;
}

} // namespace

void InvestigatePage::addTimes()
{
    m_keys.add({Qt::Key_Z}, tr("Times in UTC, local, or as each source wrote them"), [this] {
        using Kind = DisplayZone::Kind;
        const Kind next = m_zone.kind() == Kind::Utc     ? Kind::Local
                          : m_zone.kind() == Kind::Local ? Kind::Source
                                                         : Kind::Utc;
        Q_EMIT zoneChosen(next);
    });
    m_keys.add({QKeySequence(Qt::CTRL | Qt::Key_T)}, tr("Type a range"), [this] { m_rangeBar->edit(); });
    m_keys.add({QKeySequence(Qt::CTRL | Qt::Key_R)}, tr("Search in the searches before"),
               [this] { Q_EMIT m_search->historyRequested(); });
    m_keys.add({QKeySequence(Qt::SHIFT | Qt::Key_X)}, tr("The time around this event, without a filter"),
               [this] { askAround(); });
    connect(m_rangeBar, &RangeBar::rangeTyped, this, &InvestigatePage::typeRange);
    connect(m_rangeBar, &RangeBar::rangeChosen, this, &InvestigatePage::setRange);
    connect(m_rangeBar, &RangeBar::zoneChosen, this, &InvestigatePage::zoneChosen);
    connect(m_rangeBar, &RangeBar::left, m_results, &ResultTabs::focusPage);
    connect(m_timeline, &TimelinePane::groupChanged, this, &InvestigatePage::sessionChanged);
    connect(m_timeline, &TimelinePane::ratesChanged, this, &InvestigatePage::sessionChanged);
    connect(this, &InvestigatePage::listLayoutChanged, this, &InvestigatePage::sessionChanged);
    connect(m_split, &QSplitter::splitterMoved, this, &InvestigatePage::sessionChanged);
}

void InvestigatePage::setZone(const DisplayZone& zone)
{
    m_zone = zone;
    m_rangeBar->setZone(zone);
    m_timeline->setZone(zone);
    m_list->setZone(zone);
    m_context->setZone(zone);
    m_detail->setZone(zone);
    m_fields->setZone(zone);
    if (m_changes != nullptr) m_changes->setZone(zone);
}

void InvestigatePage::setExperiments(const EnabledExperiments& enabled)
{
    m_timeline->offerLogarithm(enabled.on("log-scale"));
}

InvestigationView InvestigatePage::withRange(const TimeRange& range) const
{
    InvestigationView next = view();
    next.range = range;
    next.whole = false;
    next.relative.clear();
    return next;
}

bool InvestigatePage::moveToNow()
{
    if (m_paused) return false; // a view that is held does not go on
    const auto range = relativeRange(view().relative, m_clock->now());
    if (!range || *range == view().range) return false;
    InvestigationView next = view();
    next.range = *range;
    m_views.replace(std::move(next));
    return true;
}

RangeContext InvestigatePage::timeContext() const
{
    RangeContext context;
    context.now = m_clock->now();
    const TimeRange shown = shownRange();
    context.day = m_selected && m_list->currentRow() >= 0 ? m_selected->time
                  : shown.end > shown.begin               ? shown.begin
                                                          : context.now;
    context.fromWall = [this](TimeNs wall) { return m_zone.fromWall(wall); };
    context.toWall = [this](TimeNs time) {
        TimeNs wall = 0;
        return __builtin_add_overflow(time, m_zone.offset(time) * kSecondNs, &wall) ? time : wall;
    };
    return context;
}

void InvestigatePage::typeRange(const QString& text)
{
    const RangeContext context = timeContext();
    const auto typed = readRange(text.toStdString(), context);
    if (!typed) return m_rangeBar->showError(text, typed.error());
    m_rangeBar->endEdit();
    m_results->focusPage();
    if (typed->range.unbounded()) return showAllTime();
    InvestigationView next = withRange(typed->range);
    next.relative = typed->relative;
    apply(std::move(next), true);
}

void InvestigatePage::showAround(TimeNs time, TimeNs half)
{
    if (half <= 0)
        return m_rangeBar->edit(QStringLiteral("around %1%2 +/- 30s")
                                    .arg(formatTimeForPeople(time, 9, m_zone),
                                         m_zone.suffix(time) == QLatin1String("UTC") ? QStringLiteral("Z")
                                                                                     : m_zone.suffix(time)));
    InvestigationView next;
    next.range = {time > kTimeMin + half ? time - half : kTimeMin + 1,
                  time < kTimeMax - half ? time + half : kTimeMax};
    apply(std::move(next), true);
}

void InvestigatePage::askAround()
{
    if (!m_selected || m_list->currentRow() < 0) {
        Q_EMIT noticed(tr("Choose an event first"));
        return;
    }
    auto* const menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setObjectName(QStringLiteral("aroundEventMenu"));
    addAroundEntries(menu, [this, time = m_selected->time](TimeNs half) { showAround(time, half); });
    menu->popup(m_list->viewport()->mapToGlobal(QPoint(40, 40)));
}

QJsonObject InvestigatePage::session() const
{
    QJsonObject json;
    json[QStringLiteral("view")] =
        QJsonDocument::fromJson(QByteArray::fromStdString(viewToJson(view()))).object();
    if (m_selected) json[QStringLiteral("current")] = keyToJson(*m_selected);
    json[QStringLiteral("layout")] =
        QJsonDocument::fromJson(QByteArray::fromStdString(layoutToJson(m_layout))).object();
    json[QStringLiteral("group")] = m_timeline->group();
    json[QStringLiteral("rates")] = m_timeline->rates();
    QJsonArray sizes;
    const auto widths = m_split->sizes();
    for (const int width : widths) sizes.append(width);
    json[QStringLiteral("split")] = sizes;
    if (m_fieldsChosen) json[QStringLiteral("fields")] = m_fields->isVisibleTo(this);
    return json;
}

QJsonObject InvestigatePage::savedForm() const
{
    QJsonObject saved = session();
    for (const char* const name : {"current", "split", "fields"}) saved.remove(QLatin1String(name));
    return saved;
}

void InvestigatePage::placeAtNow(InvestigationView& view) const
{
    // Where it was kept with is of another day; a held view would not move on from there.
    if (const auto range = relativeRange(view.relative, m_clock->now())) view.range = *range;
}

void InvestigatePage::openSaved(const QJsonObject& saved)
{
    const auto text = QJsonDocument(saved[QStringLiteral("view")].toObject()).toJson(QJsonDocument::Compact);
    auto next = viewFromJson(text.toStdString());
    if (!next) return Q_EMIT failed(next.error());
    placeAtNow(*next);
    restoreSession(saved, false);
    // What is pinned stays with every view.
    for (const FilterChip& chip : view().pinned().chips) next->addChip(chip);
    apply(std::move(*next), true);
}

void InvestigatePage::restoreSession(const QJsonObject& session, bool viewToo)
{
    const auto sizes = session[QStringLiteral("split")].toArray();
    if (sizes.size() == m_split->count()) {
        QList<int> widths;
        for (const auto& size : sizes) widths.push_back(std::clamp(size.toInt(), 0, 20'000));
        m_split->setSizes(widths);
    }
    if (const auto shown = session[QStringLiteral("fields")]; shown.isBool()) {
        m_fieldsChosen = true;
        m_fields->setVisible(shown.toBool());
    }
    const auto layout =
        QJsonDocument(session[QStringLiteral("layout")].toObject()).toJson(QJsonDocument::Compact);
    if (session.contains(QStringLiteral("layout")))
        if (auto read = layoutFromJson(layout.toStdString())) setListLayout(*read);
    m_timeline->setRates(session[QStringLiteral("rates")].toBool());
    if (const QString group = session[QStringLiteral("group")].toString(); !group.isEmpty())
        m_timeline->setGroup(group);
    if (!viewToo) return;
    const auto text =
        QJsonDocument(session[QStringLiteral("view")].toObject()).toJson(QJsonDocument::Compact);
    // One that cannot be read any more is as if there were none: the dense range.
    auto view = viewFromJson(text.toStdString());
    if (!view || !filterOf(*view, m_clock->now())) return;
    placeAtNow(*view);
    m_views.replace(std::move(*view));
    m_selected = keyFromJson(session[QStringLiteral("current")].toObject());
    m_search->setText(query());
}

} // namespace faultline
