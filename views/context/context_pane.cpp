#include "views/context/context_pane.h"

#include "models/query/filter_build.h"
#include "models/tables/context_model.h"
#include "views/investigate/event_list_view.h"
#include "views/parts/eliding_label.h"
#include "views/render/plain_text.h"
#include "views/render/time_axis.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

namespace faultline {

ContextPane::ContextPane(std::shared_ptr<QueryService> queries, QWidget* parent)
    : QWidget(parent)
    , m_model(new ContextModel(std::move(queries), this))
    , m_list(new EventListView(this))
    , m_title(new ElidingLabel(0, this))
    , m_scopes(new QButtonGroup(this))
    , m_header(new QWidget(this))
{
    setObjectName(QStringLiteral("contextPane"));
    m_list->setObjectName(QStringLiteral("contextList"));
    m_list->setAccessibleName(tr("Around the chosen event"));
    m_list->setKeysTitle(tr("Around the chosen event"));
    m_list->setModel(m_model);
    makeHeader();
    makeKeys();
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_header);
    layout->addWidget(m_list, 1);
    connectModel();
    showTitle();
}

ContextPane::~ContextPane() = default;

void ContextPane::makeHeader()
{
    m_title->setObjectName(QStringLiteral("contextTitle"));
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    auto* const row = new QHBoxLayout(m_header);
    row->setContentsMargins(6, 2, 2, 2);
    row->setSpacing(2);
    row->addWidget(m_title, 1);
    const struct
    {
        const char* name;
        QString text, tip;
    } scopes[] = {{"scopeEverything", tr("All"), tr("All events around the chosen one (1)")},
                  {"scopeSource", tr("Source"), tr("Events of the same source (2)")},
                  {"scopeService", tr("Service"), tr("Events of the same service (3)")},
                  {"scopeHost", tr("Host"), tr("Events of the same host (4)")},
                  {"scopeTrace", tr("Trace"), tr("Events of the same trace (5)")}};
    int id = 0;
    for (const auto& scope : scopes) {
        auto* const button = new QToolButton(m_header);
        button->setObjectName(QLatin1String(scope.name));
        button->setText(scope.text);
        button->setToolTip(scope.tip);
        button->setAccessibleName(scope.tip);
        button->setCheckable(true);
        button->setAutoRaise(true);
        button->setChecked(id == 0);
        m_scopes->addButton(button, id++);
        row->addWidget(button);
    }
    auto* const close = new QToolButton(m_header);
    close->setObjectName(QStringLiteral("contextClose"));
    close->setText(QStringLiteral("✕"));
    close->setToolTip(tr("Hide what is around the chosen event (X)"));
    close->setAccessibleName(close->toolTip());
    close->setAutoRaise(true);
    row->addWidget(close);
    connect(close, &QToolButton::clicked, this, &ContextPane::closeRequested);
    connect(m_scopes, &QButtonGroup::idClicked, this, [this](int chosen) {
        setScope(static_cast<Scope>(chosen));
        Q_EMIT scopeChanged();
    });
}

void ContextPane::makeKeys()
{
    static constexpr Qt::Key kDigits[] = {Qt::Key_1, Qt::Key_2, Qt::Key_3, Qt::Key_4, Qt::Key_5};
    const QString what[] = {tr("Around it: everything"), tr("Around it: the same source"),
                            tr("Around it: the same service"), tr("Around it: the same host"),
                            tr("Around it: the same trace")};
    for (int i = 0; i < 5; ++i)
        m_list->keys().add({kDigits[i]}, what[i], [this, i] {
            setScope(static_cast<Scope>(i));
            Q_EMIT scopeChanged();
        });
    m_list->keys().add({Qt::Key_Period}, tr("Back to the chosen match"), [this] {
        if (m_key) follow(EventKey(*m_key));
    });
    m_list->keys().add({Qt::Key_Escape}, tr("Back to the matches"), [this] { Q_EMIT left(); });
}

void ContextPane::connectModel()
{
    connect(m_list, &EventListView::currentChanged, this, [this](int row) {
        if (const EventRow* const event = m_model->held(row)) Q_EMIT eventChosen(event->key);
    });
    connect(m_model, &QAbstractItemModel::modelAboutToBeReset, this, [this] {
        const EventRow* const top = m_model->held(m_list->topRow());
        const EventRow* const current = m_model->held(m_list->currentRow());
        m_held.top = top != nullptr ? std::optional(top->key) : std::nullopt;
        m_held.current = current != nullptr ? std::optional(current->key) : std::nullopt;
    });
    connect(m_model, &QAbstractItemModel::modelReset, this, [this] {
        m_list->clearCurrent();
        const int top = m_held.top ? m_model->rowOf(*m_held.top) : -1;
        const int current = m_held.current ? m_model->rowOf(*m_held.current) : -1;
        if (top >= 0) m_list->place(top, 0, false);
        if (current >= 0) m_list->place(current, current - m_list->topRow(), true);
    });
    connect(m_model, &ContextModel::shown, this, [this](const EventKey& key, int row, bool there) {
        if (m_key == key) place(row, there);
    });
    connect(m_model, &ContextModel::sought, this, [this](int row) { m_list->setCurrentRow(row); });
    connect(m_model, &EventRows::stateChanged, this, [this] {
        m_list->setStale(m_model->stale());
        if (!m_model->failing()) m_failure.clear();
        showTitle();
    });
    connect(m_model, &ContextModel::failed, this, [this](const Error& error) {
        m_failure = oneLine(error.line());
        showTitle();
        Q_EMIT failed(error);
    });
}

void ContextPane::setTheme(const Theme& theme)
{
    m_list->setTheme(theme);
    QPalette colors = m_title->palette();
    colors.setColor(QPalette::WindowText, theme.dim);
    m_title->setPalette(colors);
}

void ContextPane::follow(const std::optional<EventKey>& key)
{
    // Where it is on the screen now, so that it stays there.
    const int row = m_key ? m_model->rowOf(*m_key) : -1;
    const int below = row - m_list->topRow();
    m_below.reset();
    if (row >= 0 && below >= 0 && below < m_list->visibleRows()) m_below = below;
    if (m_key != key) m_event.reset();
    m_key = key;
    m_list->setAnchor(key);
    look();
}

void ContextPane::setEvent(const EventRow& event)
{
    if (m_key != event.key || m_event) return;
    m_event = event;
    if (m_scope != Scope::Everything) look();
    showTitle();
}

void ContextPane::setMatches(const Selection& selection)
{
    m_model->setMatches(selection);
}

void ContextPane::setFields(const std::vector<std::string>& fields)
{
    if (m_model->fields() != fields) m_model->setFields(fields);
}

void ContextPane::setZone(const DisplayZone& zone)
{
    m_zone = zone;
    m_list->setZone(zone);
    showTitle();
}

void ContextPane::refresh()
{
    if (isVisible()) m_model->refresh();
}

void ContextPane::setScope(Scope scope)
{
    if (auto* const button = m_scopes->button(static_cast<int>(scope))) button->setChecked(true);
    if (m_scope == scope) return;
    m_scope = scope;
    look();
}

Selection ContextPane::selection() const
{
    return {m_filter, {}};
}

std::pair<std::string, std::string> ContextPane::scopeValue() const
{
    if (!m_event) return {};
    switch (m_scope) {
    case Scope::Everything: return {};
    case Scope::Source:
        return {"source", m_event->columns.empty() || !m_event->columns.front() ? std::string()
                                                                                : *m_event->columns.front()};
    case Scope::Service: return {"service", m_event->service};
    case Scope::Host: return {"host", m_event->host};
    case Scope::Trace: return {"trace_id", m_event->traceId};
    }
    return {};
}

FilterPtr ContextPane::filterOfScope(bool& missing) const
{
    if (m_scope == Scope::Everything) return nullptr;
    const auto [field, value] = scopeValue();
    missing = value.empty();
    return missing ? nullptr : filters::equals(field, value);
}

void ContextPane::look()
{
    m_failure.clear();
    showTitle();
    if (!m_key) return m_model->clear();
    if (!isVisible()) return;
    if (m_scope != Scope::Everything && !m_event) return; // its service, host ... are on their way
    bool missing = false;
    FilterPtr filter = filterOfScope(missing);
    if (missing) return m_model->clear();
    m_filter = std::move(filter);
    m_model->show(*m_key, m_filter);
}

void ContextPane::place(int row, bool there)
{
    if (m_model->rowCount() == 0) return;
    m_list->place(row, m_below.value_or(m_list->visibleRows() / 2), there);
    if (!there) m_list->clearCurrent();
}

void ContextPane::showTitle()
{
    QString around = tr("Around the chosen event"), empty;
    if (!m_key) {
        empty = tr("Choose an event to see what happened around it");
    } else {
        // Times of its source: known with the event itself.
        const auto text = m_event ? m_event->zoneMinutes : std::nullopt;
        around = m_event && (m_event->flags & FlagTimeMissing) != 0
                     ? tr("Around an event without a time")
                     : tr("Around %1 %2")
                           .arg(formatTimeAt(m_key->time, 3, m_zone.offset(m_key->time, text)),
                                m_zone.suffix(m_key->time, text));
        const auto [field, value] = scopeValue();
        const QString name = oneLine(field), shown = oneLine(value, 200);
        if (!value.empty()) around += QStringLiteral(" · %1 %2").arg(name, elidedMiddle(shown, 60));
        if (m_event && m_scope != Scope::Everything && value.empty())
            empty = tr("This event has no %1: nothing to go by").arg(name);
    }
    if (!m_failure.isEmpty()) {
        empty = m_failure;
        around = m_failure;
    }
    m_title->setText(around);
    m_list->setEmptyText(empty);
}

void ContextPane::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    look();
    m_model->refresh();
}

} // namespace faultline
