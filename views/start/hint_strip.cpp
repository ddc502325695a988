#include "views/start/hint_strip.h"

#include "models/tables/event_rows.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/timeline/histogram_view.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

namespace faultline {
namespace {

constexpr const char* kDocument = "hints";
const auto kDone = QLatin1String("done");
const auto kNextError = QLatin1String("next-error"), kBrush = QLatin1String("brush"),
           kFlag = QLatin1String("flag");

/// The demo's markers say so when a flag is turned: "flag dynamic-pricing-v2 changed from 50 % to 100 %".
bool isFlagChange(const EventRow& event)
{
    return event.message.starts_with("flag ") && event.message.find(" changed from ") != std::string::npos;
}

} // namespace

HintStrip::HintStrip(StateKeeper* keeper, QWidget* parent)
    : QToolBar(tr("Hints"), parent)
    , m_keeper(keeper)
    , m_hints{{kNextError, tr("Press E: it goes to the next error, Shift+E to the one before."), {}},
              {kBrush,
               tr("Drag over the chart where errors begin, to look only at that time. By keyboard: "
                  "F6 to the chart, the arrows, with Shift several bars, and Enter."),
               {}},
              {kFlag, tr("Choose the event that turned the flag: what it says came just before the errors."),
               QStringLiteral("event.name:feature_flag.change")}}
    , m_text(new QLabel(this))
    , m_show(new QPushButton(tr("&Show me"), this))
    , m_dismiss(new QToolButton(this))
{
    setObjectName(QStringLiteral("hintStrip"));
    setAccessibleName(tr("Hints"));
    setMovable(false);
    setContextMenuPolicy(Qt::PreventContextMenu);
    toggleViewAction()->setVisible(false);
    m_text->setObjectName(QStringLiteral("hintText"));
    m_text->setTextFormat(Qt::PlainText);
    m_text->setWordWrap(true);
    m_text->setContentsMargins(8, 2, 8, 2);
    m_text->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    m_show->setObjectName(QStringLiteral("hintShow"));
    m_show->setToolTip(tr("Searches for it"));
    m_dismiss->setObjectName(QStringLiteral("hintDismiss"));
    m_dismiss->setText(tr("D&ismiss"));
    m_dismiss->setAccessibleName(tr("Dismiss this hint"));
    m_dismiss->setToolTip(tr("Dismiss this hint; it does not come back"));
    m_dismiss->setFocusPolicy(Qt::StrongFocus);
    addWidget(m_text);
    addWidget(m_show);
    addWidget(m_dismiss);
    connect(m_dismiss, &QToolButton::clicked, this, [this] {
        if (const Hint* const hint = current()) finish(hint->name);
    });
    connect(m_show, &QPushButton::clicked, this, [this] {
        const Hint* const hint = current();
        if (hint == nullptr || m_page == nullptr) return;
        m_page->showAllTime();
        m_page->submit(hint->query);
        m_page->setFocus();
    });
    hide();
    m_keeper->read({}, kDocument, [this, here = QPointer(this)](const QJsonObject& document) {
        if (here == nullptr) return;
        const QJsonArray names = document[kDone].toArray();
        for (const auto& name : names) m_done.insert(name.toString());
        m_known = true;
        showHint();
    });
}

HintStrip::~HintStrip() = default;

void HintStrip::watch(InvestigatePage* page)
{
    if (m_page != nullptr) m_page->removeEventFilter(this);
    m_page = page;
    if (page != nullptr) {
        page->installEventFilter(this);
        for (EventListView* const list : page->findChildren<EventListView*>()) {
            const auto look = [this, list] {
                const EventRow* const event = list->model()->held(list->currentRow());
                if (event != nullptr && isFlagChange(*event)) finish(kFlag);
            };
            connect(list, &EventListView::currentChanged, this, look);
            // What is current may be read later.
            connect(list->model(), &QAbstractItemModel::dataChanged, this, look);
        }
        if (auto* const chart = page->findChild<HistogramView*>())
            connect(chart, &HistogramView::rangeBrushed, this, [this] { finish(kBrush); });
    }
    showHint();
}

bool HintStrip::eventFilter(QObject* watched, QEvent* event)
{
    // What reaches the page was not typed into a field.
    if (event->type() == QEvent::KeyPress && watched == m_page) {
        const auto* const key = static_cast<QKeyEvent*>(event);
        if (key->key() == Qt::Key_E && key->modifiers() == Qt::NoModifier) finish(kNextError);
    }
    return QToolBar::eventFilter(watched, event);
}

const HintStrip::Hint* HintStrip::current() const
{
    for (const Hint& hint : m_hints)
        if (!m_done.contains(hint.name)) return &hint;
    return nullptr;
}

void HintStrip::finish(const QString& name)
{
    if (m_page == nullptr || m_done.contains(name)) return;
    m_done.insert(name);
    // Another window may have finished others meanwhile.
    m_keeper->change({}, kDocument, [mine = done()](const QJsonObject& before) {
        QSet<QString> all(mine.begin(), mine.end());
        const QJsonArray known = before[kDone].toArray();
        for (const auto& one : known) all.insert(one.toString());
        QStringList names(all.begin(), all.end());
        names.sort();
        QJsonObject after = before;
        after[kDone] = QJsonArray::fromStringList(names);
        return after;
    });
    showHint();
}

QStringList HintStrip::done() const
{
    QStringList names(m_done.begin(), m_done.end());
    names.sort();
    return names;
}

void HintStrip::showHint()
{
    const Hint* const hint = current();
    const bool shown = m_known && m_page != nullptr && hint != nullptr;
    setVisible(shown);
    if (!shown) return;
    int number = 1;
    for (const Hint& one : m_hints) {
        if (one.name == hint->name) break;
        ++number;
    }
    m_text->setText(tr("Hint %1 of %2: %3").arg(number).arg(m_hints.size()).arg(hint->text));
    for (QAction* const action : actions())
        if (widgetForAction(action) == m_show) action->setVisible(!hint->query.isEmpty());
}

void HintStrip::setTheme(const Theme& theme)
{
    QPalette palette = m_text->palette();
    palette.setColor(QPalette::WindowText, theme.accent);
    m_text->setPalette(palette);
}

} // namespace faultline
