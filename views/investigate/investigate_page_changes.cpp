// What an investigation has to do with what changed.
#include "views/changes/changes_pane.h"
#include "views/investigate/detail_pane.h"
#include "views/investigate/investigate_page.h"
#include "views/investigate/result_tabs.h"
#include "views/timeline/histogram_view.h"
#include "views/timeline/timeline_pane.h"

namespace faultline {

void InvestigatePage::addChanges(std::shared_ptr<CompareService> compares)
{
    ChangesHost host;
    host.chosen = [this]() -> std::optional<Selection> {
        if (const auto bars = m_timeline->chart()->selection()) return Selection{m_filter, *bars};
        if (view().range.unbounded() && m_filter == nullptr) return std::nullopt;
        return Selection{m_filter, view().range};
    };
    host.filter = [this](const Change& change, bool exclude) {
        if (change.kind == Change::Kind::Pattern)
            addPattern(change.patternId, QString::fromStdString(change.pattern), exclude);
        else if (change.filter)
            addTerm(change.filter, exclude);
    };
    host.group = [this](const QString& field) { m_timeline->setGroup(field); };
    host.show = [this] { m_results->show(ResultTabs::Place::Changes, true); };
    host.leave = [this] { m_results->show(ResultTabs::Place::Events, true); };
    host.say = [this](const QString& text) { Q_EMIT noticed(text); };
    m_changes = new ChangesPane(std::move(compares), std::move(host), this);
    m_changes->setZone(m_zone);
    m_results->addPage(ResultTabs::Place::Changes, tr("What changed"), m_changes,
                       [this] { m_changes->focusList(); });
    // Its own reasons take the place of the fields of an event.
    connect(m_results, &ResultTabs::currentChanged, this,
            [this](ResultTabs::Place place) { m_detail->setVisible(place != ResultTabs::Place::Changes); });
    m_keys.add({Qt::Key_D}, tr("What changed here: the chosen bars, else what is in view"),
               [this] { m_changes->compareHere(); });
    m_keys.add({QKeySequence(Qt::SHIFT | Qt::Key_D)}, tr("What changed, against what"),
               [this] { m_changes->chooseAgainst(); });
    m_timeline->offerForRange({tr("What change&d here"), QStringLiteral("whatChanged"),
                               [this](const TimeRange& range) { m_changes->compareRange(range); }});
    m_timeline->offerForRange({tr("&Keep as the normal time"), QStringLiteral("keepAsGood"),
                               [this](const TimeRange& range) { m_changes->keepAsGood(range); }});
}

} // namespace faultline
