// What an investigation has to do with its panel of fields and patterns.
#include "models/query/filter.h"
#include "models/query/pattern_id.h"
#include "views/fields/field_panel.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/investigate/query_terms.h"
#include "views/investigate/result_tabs.h"
#include "views/render/plain_text.h"
#include "views/timeline/timeline_pane.h"

namespace faultline {
namespace {

constexpr qsizetype kMostLabel = 200; // of a filter: what tells it from others

} // namespace

void InvestigatePage::connectFields()
{
    m_keys.add({QKeySequence(Qt::CTRL | Qt::Key_B)}, tr("Fields: go there, from there hide them"),
               [this] { toggleFields(FieldPanel::Tab::Fields); });
    m_keys.add({QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_B)},
               tr("Patterns of messages: go there, from there hide them"),
               [this] { toggleFields(FieldPanel::Tab::Patterns); });
    connect(m_fields, &FieldPanel::filterRequested, this, &InvestigatePage::addFilter);
    connect(m_fields, &FieldPanel::existsRequested, this, &InvestigatePage::addExists);
    connect(m_fields, &FieldPanel::columnRequested, this, &InvestigatePage::toggleColumn);
    connect(m_fields, &FieldPanel::groupRequested, m_timeline, &TimelinePane::setGroup);
    connect(m_fields, &FieldPanel::patternRequested, this, &InvestigatePage::addPattern);
    connect(m_fields, &FieldPanel::left, m_results, &ResultTabs::focusPage);
}

void InvestigatePage::addPattern(quint64 id, const QString& text, bool exclude)
{
    // By its id: a pattern's text can be longer than a query may be, and may look like another's.
    const FilterPtr term =
        equalsTerm(QString::fromUtf8(kPatternIdField.data(), static_cast<qsizetype>(kPatternIdField.size())),
                   QString::fromStdString(patternIdText(id)));
    FilterChip chip{printFilter(*term), true, exclude, false};
    chip.label = tr("pattern: %1").arg(elidedMiddle(text, kMostLabel)).toStdString();
    InvestigationView next = view();
    next.addChip(std::move(chip));
    apply(std::move(next), true);
}

void InvestigatePage::toggleFields(FieldPanel::Tab tab)
{
    m_fieldsChosen = true;
    if (m_fields->isVisible() && m_fields->isAncestorOf(focusWidget()) && m_fields->tab() == tab) {
        m_fields->hide();
        m_results->focusPage();
        return;
    }
    m_fields->show();
    m_fields->setTab(tab);
    m_fields->focusList();
}

void InvestigatePage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    constexpr int kRoomForFields = 1'100;
    if (!m_fieldsChosen) m_fields->setVisible(width() >= kRoomForFields);
}

} // namespace faultline
