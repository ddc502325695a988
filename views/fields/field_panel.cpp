#include "views/fields/field_panel.h"

#include "models/tables/cell_text.h"
#include "models/tables/field_list_model.h"
#include "views/fields/field_card.h"
#include "views/fields/keyed_list.h"
#include "views/fields/pattern_pane.h"
#include "views/fields/row_delegates.h"
#include "views/render/counts.h"
#include "views/render/time_axis.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QScrollBar>
#include <QSplitter>
#include <QTabWidget>
#include <QTimer>
#include <QVBoxLayout>

#include <utility>

namespace faultline {
namespace {

/// After another view; after the store grew, which may go on and on.
constexpr int kAskAfter = 120, kGrownAfter = 2'000;
constexpr std::size_t kTrendPoints = 120;

} // namespace

FieldPanel::FieldPanel(std::shared_ptr<QueryService> queries, QWidget* parent)
    : QWidget(parent)
    , m_model(new FieldListModel(queries, this))
    , m_rows(new FieldRowDelegate(this))
    , m_tabs(new QTabWidget(this))
    , m_filter(new QLineEdit(this))
    , m_list(new KeyedList(tr("Fields"), this))
    , m_note(new QLabel(this))
    , m_card(new FieldCard(queries, this))
    , m_split(new QSplitter(Qt::Vertical, this))
    , m_patterns(new PatternPane(std::move(queries), this))
    , m_later(new QTimer(this))
{
    setObjectName(QStringLiteral("fieldPanel"));
    makeLayout();
    makeKeys();
    m_later->setSingleShot(true);
    connect(m_later, &QTimer::timeout, this, &FieldPanel::ask);
    connect(m_model, &FieldListModel::stateChanged, this, &FieldPanel::showState);
    connect(m_model, &QAbstractItemModel::modelAboutToBeReset, this,
            [this] { m_currentName = m_model->name(m_list->currentRow()); });
    connect(m_model, &QAbstractItemModel::modelReset, this, [this] {
        m_list->setCurrentRow(m_model->rowOf(m_currentName));
        tellInSight();
        showState();
    });
    connect(m_list->verticalScrollBar(), &QScrollBar::valueChanged, this, &FieldPanel::tellInSight);
    connect(m_list, &QListView::clicked, this,
            [this](const QModelIndex& at) { openField(m_model->name(at.row())); });
    connect(m_list, &KeyedList::menuRequested, this, &FieldPanel::showMenu);
    connect(m_filter, &QLineEdit::textChanged, m_model, &FieldListModel::setNameFilter);
    connect(m_tabs, &QTabWidget::currentChanged, this, [this] { askSoon(0); });
    connect(m_card, &FieldCard::left, this, &FieldPanel::closeField);
    connect(m_card, &FieldCard::filterRequested, this, &FieldPanel::filterRequested);
    connect(m_card, &FieldCard::existsRequested, this, &FieldPanel::existsRequested);
    connect(m_card, &FieldCard::columnRequested, this, &FieldPanel::columnRequested);
    connect(m_card, &FieldCard::groupRequested, this, &FieldPanel::groupRequested);
    connect(m_patterns, &PatternPane::patternRequested, this, &FieldPanel::patternRequested);
    connect(m_patterns, &PatternPane::left, this, &FieldPanel::left);
}

void FieldPanel::makeLayout()
{
    m_tabs->setObjectName(QStringLiteral("fieldTabs"));
    m_tabs->setDocumentMode(true);
    m_filter->setObjectName(QStringLiteral("fieldFilter"));
    m_filter->setPlaceholderText(tr("Filter fields"));
    m_filter->setAccessibleName(tr("Filter fields"));
    m_filter->setClearButtonEnabled(true);
    m_filter->installEventFilter(this);
    m_list->setObjectName(QStringLiteral("fieldList"));
    m_list->setModel(m_model);
    m_list->setItemDelegate(m_rows);
    m_note->setObjectName(QStringLiteral("fieldsNote"));
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    m_note->setContentsMargins(6, 2, 6, 4);
    m_card->hide();

    auto* const top = new QWidget(this);
    auto* const topLayout = new QVBoxLayout(top);
    topLayout->setContentsMargins(0, 4, 0, 0);
    topLayout->setSpacing(4);
    topLayout->addWidget(m_filter);
    topLayout->addWidget(m_list, 1);
    topLayout->addWidget(m_note);
    m_split->addWidget(top);
    m_split->addWidget(m_card);
    m_split->setStretchFactor(0, 2);
    m_split->setStretchFactor(1, 3);
    m_split->setChildrenCollapsible(false);
    m_tabs->addTab(m_split, tr("Fields"));
    m_tabs->addTab(m_patterns, tr("Patterns"));
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_tabs);
    setMinimumWidth(200);
}

void FieldPanel::makeKeys()
{
    const auto withName = [this](std::function<void(const QString&)> run) {
        return [this, run = std::move(run)] {
            const QString name = m_model->name(m_list->currentRow());
            if (!name.isEmpty()) run(name);
        };
    };
    KeyTable& keys = m_list->keys();
    keys.add({Qt::Key_Return, Qt::Key_Right, Qt::Key_Space}, tr("Open the field"),
             withName([this](const QString& name) {
                 openField(name);
                 m_card->focusValues();
             }));
    keys.add({Qt::Key_F}, tr("Filter fields"), [this] {
        m_filter->setFocus(Qt::ShortcutFocusReason);
        m_filter->selectAll();
    });
    keys.add({Qt::Key_E}, tr("Events that have the field"),
             withName([this](const QString& name) { Q_EMIT existsRequested(name, false); }));
    keys.add({Qt::Key_A}, tr("Events without the field"),
             withName([this](const QString& name) { Q_EMIT existsRequested(name, true); }));
    keys.add({Qt::Key_L}, tr("Column of the field: show, or take away"),
             withName([this](const QString& name) { Q_EMIT columnRequested(name); }));
    keys.add({Qt::Key_G}, tr("Group the timeline by the field"),
             withName([this](const QString& name) { Q_EMIT groupRequested(name); }));
    keys.add({Qt::Key_C, QKeySequence(Qt::CTRL | Qt::Key_C)}, tr("Copy the name"),
             withName([](const QString& name) { QGuiApplication::clipboard()->setText(name); }));
    keys.add({Qt::Key_Escape}, tr("Back to the events"), [this] { Q_EMIT left(); });
}

void FieldPanel::setTheme(const Theme& theme)
{
    m_rows->setTheme(theme);
    m_card->setTheme(theme);
    m_patterns->setTheme(theme);
    QPalette colors = m_note->palette();
    colors.setColor(QPalette::WindowText, theme.dim);
    m_note->setPalette(colors);
    m_list->viewport()->update();
}

void FieldPanel::setZone(const DisplayZone& zone)
{
    m_card->setZone(zone);
}

void FieldPanel::setSelection(const Selection& selection)
{
    m_selection = selection;
    m_fieldsStale = m_patternsStale = m_cardStale = true;
    m_later->stop();
    askSoon(kAskAfter);
}

void FieldPanel::moveTo(const Selection& selection)
{
    m_selection = selection;
    m_fieldsStale = m_patternsStale = m_cardStale = true;
    askSoon(kGrownAfter);
}

void FieldPanel::setSummary(const StoreSummary& summary)
{
    const bool grown = summary.generation != m_summary.generation || summary.events != m_summary.events;
    const bool first = m_summary.events == 0;
    m_summary = summary;
    if (!grown) return;
    m_namesStale = m_patternsStale = m_cardStale = true;
    askSoon(first ? kAskAfter : kGrownAfter);
    showState();
}

void FieldPanel::askSoon(int milliseconds)
{
    if (!isVisible()) return;
    if (!m_later->isActive() || m_later->remainingTime() > milliseconds) m_later->start(milliseconds);
}

void FieldPanel::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    askSoon(0);
}

void FieldPanel::ask()
{
    if (!isVisible()) return;
    if (m_tabs->currentWidget() == m_patterns) {
        if (std::exchange(m_patternsStale, false)) m_patterns->setSelection(m_selection);
        return;
    }
    if (m_patterns->forget()) m_patternsStale = true;
    tellInSight();
    if (std::exchange(m_fieldsStale, false)) m_model->setSelection(m_selection);
    if (std::exchange(m_namesStale, false)) m_model->refresh();
    if (m_cardStale && !m_card->field().isEmpty()) m_card->open(m_selection, m_card->field(), timeScale());
    m_cardStale = false;
}

NumberFacts::TimeScale FieldPanel::timeScale() const
{
    NumberFacts::TimeScale scale;
    scale.range = m_selection.range.unbounded() ? m_summary.dense : m_selection.range;
    scale.step = roundStep(scale.range, kTrendPoints);
    // On whole steps, so that points stay where they are when the range moves.
    const TimeNs rest = scale.range.begin % scale.step;
    scale.origin = rest >= 0                                   ? scale.range.begin - rest
                   : scale.range.begin > kTimeMin + scale.step ? scale.range.begin - rest - scale.step
                                                               : scale.range.begin;
    return scale;
}

void FieldPanel::tellInSight()
{
    const int height = m_list->viewport()->height();
    const QModelIndex first = m_list->indexAt(QPoint(4, 1)), last = m_list->indexAt(QPoint(4, height - 2));
    m_model->setInSight(std::max(0, first.row()),
                        last.isValid() ? last.row() : std::max(0, first.row()) + 50);
}

void FieldPanel::showState()
{
    QString text;
    if (m_model->error())
        text = QString::fromStdString(m_model->error()->line());
    else if (m_summary.events == 0)
        text = tr("No events yet");
    else if (m_model->allFields() == 0)
        text = tr("Reading\u2026");
    else if (m_model->rowCount() == 0)
        text = tr("No field has this in its name");
    else if (m_model->loading())
        text = tr("Counting\u2026");
    else if (m_model->total() == quint64{0})
        text = tr("The view has no events");
    else if (m_model->total())
        text =
            tr("%1 in %2")
                .arg(counted(m_model->allFields(), tr("field"), tr("fields")), eventCount(*m_model->total()));
    m_note->setText(text);
}

FieldPanel::Tab FieldPanel::tab() const
{
    return m_tabs->currentWidget() == m_patterns ? Tab::Patterns : Tab::Fields;
}

void FieldPanel::setTab(Tab tab)
{
    m_tabs->setCurrentIndex(tab == Tab::Patterns ? 1 : 0);
}

void FieldPanel::focusList()
{
    if (m_tabs->currentWidget() == m_patterns)
        m_patterns->focusList();
    else
        m_list->setFocus(Qt::ShortcutFocusReason);
}

void FieldPanel::openField(const QString& field)
{
    if (field.isEmpty()) return;
    m_tabs->setCurrentIndex(0);
    const bool opened = m_card->isHidden();
    m_card->show();
    if (opened) m_split->setSizes({height() * 2 / 5, height() * 3 / 5});
    m_list->setCurrentRow(m_model->rowOf(field));
    // The card has just taken room from the list: what was chosen stays in sight.
    if (opened)
        QMetaObject::invokeMethod(
            m_list, [list = m_list] { list->scrollTo(list->currentIndex()); }, Qt::QueuedConnection);
    m_card->open(m_selection, field, timeScale());
}

void FieldPanel::closeField()
{
    m_card->close();
    m_card->hide();
    m_list->setFocus();
}

void FieldPanel::showMenu(int row, const QPoint& globalPosition)
{
    const QString name = m_model->name(row);
    if (name.isEmpty()) return;
    auto* const menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setObjectName(QStringLiteral("fieldNameMenu"));
    menu->addAction(tr("&Open"), this, [=, this] { openField(name); });
    menu->addSeparator();
    menu->addAction(tr("Field &exists"), this, [=, this] { Q_EMIT existsRequested(name, false); });
    menu->addAction(tr("Field is &absent"), this, [=, this] { Q_EMIT existsRequested(name, true); });
    menu->addAction(tr("Co&lumn: show, or take away"), this, [=, this] { Q_EMIT columnRequested(name); });
    menu->addAction(tr("&Group the timeline"), this, [=, this] { Q_EMIT groupRequested(name); });
    menu->addSeparator();
    menu->addAction(tr("&Copy name"), this, [=] { QGuiApplication::clipboard()->setText(name); });
    menu->popup(globalPosition);
}

bool FieldPanel::eventFilter(QObject* object, QEvent* event)
{
    if (object != m_filter || event->type() != QEvent::KeyPress) return QWidget::eventFilter(object, event);
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Escape && !m_filter->text().isEmpty()) {
        m_filter->clear();
        return true;
    }
    if (key == Qt::Key_Down || key == Qt::Key_Return || key == Qt::Key_Enter || key == Qt::Key_Escape) {
        m_list->setFocus(Qt::ShortcutFocusReason);
        return true;
    }
    return QWidget::eventFilter(object, event);
}

} // namespace faultline
