// What an investigation has to do with its panel of fields and patterns.
#include "models/query/pattern_id.h"
#include "views/fields/field_panel.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/timeline/timeline_pane.h"

namespace faultline {

void InvestigatePage::connectFields()
{
    m_keys.add({QKeySequence(Qt::CTRL | Qt::Key_B)}, tr("Fields and patterns: show, or hide"),
               [this] { toggleFields(); });
    connect(m_fields, &FieldPanel::filterRequested, this, &InvestigatePage::addFilter);
    connect(m_fields, &FieldPanel::existsRequested, this, &InvestigatePage::addExists);
    connect(m_fields, &FieldPanel::columnRequested, this, &InvestigatePage::toggleColumn);
    connect(m_fields, &FieldPanel::groupRequested, m_timeline, &TimelinePane::setGroup);
    connect(m_fields, &FieldPanel::patternRequested, this,
            [this](quint64 id, const QString&, bool exclude) { addPattern(id, exclude); });
    connect(m_fields, &FieldPanel::left, m_list, [this] { m_list->setFocus(); });
}

void InvestigatePage::addPattern(quint64 id, bool exclude)
{
    // By its id: a pattern's text can be longer than a query may be, and may look like another's.
    addFilter(QString::fromUtf8(kPatternIdField.data(), static_cast<qsizetype>(kPatternIdField.size())),
              QString::fromStdString(patternIdText(id)), exclude);
}

void InvestigatePage::toggleFields()
{
    m_fieldsChosen = true;
    if (m_fields->isVisible() && m_fields->isAncestorOf(focusWidget())) {
        m_fields->hide();
        m_list->setFocus();
        return;
    }
    m_fields->show();
    m_fields->focusList();
}

void InvestigatePage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    constexpr int kRoomForFields = 1'100;
    if (!m_fieldsChosen) m_fields->setVisible(width() >= kRoomForFields);
}

} // namespace faultline
