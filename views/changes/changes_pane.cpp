#include "views/changes/changes_pane.h"

#include "models/base/time_math.h"
#include "models/query/filter.h"
#include "models/tables/cell_text.h"
#include "views/changes/change_row_delegate.h"
#include "views/fields/keyed_list.h"
#include "views/render/counts.h"
#include "views/render/plain_text.h"
#include "views/render/time_axis.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QScrollArea>
#include <QSplitter>
#include <QToolButton>
#include <QVBoxLayout>

#include <utility>

namespace faultline {
namespace {

constexpr TimeNs kAround = 10 * 60 * kSecondNs; ///< each way of a point in time
constexpr std::size_t kNamedFields = 12, kNamedSame = 8;

QLabel* plainLabel(const char* name, QWidget* parent)
{
    auto* const label = new QLabel(parent);
    label->setObjectName(QLatin1String(name));
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setContentsMargins(6, 2, 6, 2);
    // Text without a place to break must not widen the window.
    label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    return label;
}

} // namespace

ChangesPane::ChangesPane(std::shared_ptr<CompareService> compares, ChangesHost host, QWidget* parent)
    : QWidget(parent)
    , m_compares(std::move(compares))
    , m_host(std::move(host))
    , m_model(new ChangeListModel(this))
    , m_rows(new ChangeRowDelegate(this))
    , m_sides(plainLabel("changesSides", this))
    , m_state(plainLabel("changesState", this))
    , m_why(plainLabel("changesWhy", this))
    , m_note(plainLabel("changesNote", this))
    , m_against(new QToolButton(this))
    , m_order(new QToolButton(this))
    , m_list(new KeyedList(tr("What changed"), this))
    , m_split(new QSplitter(Qt::Horizontal, this))
{
    setObjectName(QStringLiteral("changesPane"));
    m_list->setObjectName(QStringLiteral("changesList"));
    m_list->setUniformItemSizes(false);
    m_list->setModel(m_model);
    m_list->setModelColumn(ChangeListModel::WhatColumn);
    m_list->setItemDelegate(m_rows);
    m_against->setObjectName(QStringLiteral("changesAgainst"));
    m_against->setAccessibleName(tr("Compared with"));
    m_against->setToolTip(tr("What is taken for normal (Shift+D)"));
    m_order->setObjectName(QStringLiteral("changesOrder"));
    m_order->setAccessibleName(tr("Order of the differences"));
    m_order->setToolTip(tr("By strength and size, or by when they began: causes come before symptoms (O)"));
    for (QToolButton* const button : {m_against, m_order}) button->setFocusPolicy(Qt::TabFocus);
    m_why->setAccessibleName(tr("Why this is ranked"));
    m_why->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_why->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* const why = new QScrollArea(this);
    why->setObjectName(QStringLiteral("changesWhyArea"));
    why->setFrameShape(QFrame::NoFrame);
    why->setWidgetResizable(true);
    why->setWidget(m_why);
    m_state->setAlignment(Qt::AlignCenter);
    m_split->addWidget(m_list);
    m_split->addWidget(why);
    m_split->setChildrenCollapsible(false);
    m_split->setSizes({600, 360});
    auto* const top = new QHBoxLayout;
    top->setContentsMargins(0, 0, 0, 0);
    top->addWidget(m_sides, 1);
    top->addWidget(m_order, 0, Qt::AlignTop);
    top->addWidget(m_against, 0, Qt::AlignTop);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    layout->addLayout(top);
    layout->addWidget(m_state, 1);
    layout->addWidget(m_split, 1);
    layout->addWidget(m_note);
    setFocusPolicy(Qt::NoFocus);
    setFocusProxy(m_list);
    connect(m_against, &QToolButton::clicked, this, &ChangesPane::chooseAgainst);
    connect(m_order, &QToolButton::clicked, this, [this] {
        m_model->setOrder(m_model->order() == ChangeListModel::Order::Ranked
                              ? ChangeListModel::Order::Onset
                              : ChangeListModel::Order::Ranked);
        m_list->setCurrentRow(0);
        showState();
    });
    connect(m_list->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &ChangesPane::showWhy);
    connect(m_model, &QAbstractItemModel::modelReset, this, &ChangesPane::showWhy);
    connect(m_list, &QListView::doubleClicked, this, [this](const QModelIndex& at) {
        if (const ChangeGroup* const group = m_model->group(at.row())) m_host.filter(group->head, false);
    });
    connect(m_list, &KeyedList::menuRequested, this, [this](int, const QPoint& at) {
        auto* const menu = new QMenu(this);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        menu->setObjectName(QStringLiteral("changeMenu"));
        for (const auto& row : m_list->keys().rows())
            if (row.keys.front() != QKeySequence(Qt::Key_Escape))
                menu->addAction(menuText(row.what), this, row.run);
        menu->popup(at);
    });
    makeKeys();
    setZone({});
    showState();
}

void ChangesPane::makeKeys()
{
    KeyTable& keys = m_list->keys();
    const auto withCurrent = [this](auto run) {
        return [this, run] {
            // By value: a filter may bring the next answer.
            if (const Change* const change = current()) run(Change(*change));
        };
    };
    keys.add({Qt::Key_Return, Qt::Key_Plus}, tr("Filter for this"),
             withCurrent([this](const Change& change) { m_host.filter(change, false); }));
    keys.add({Qt::Key_Minus}, tr("Filter out this"),
             withCurrent([this](const Change& change) { m_host.filter(change, true); }));
    keys.add({Qt::Key_G}, tr("Group the timeline by the field"), withCurrent([this](const Change& change) {
                 if (change.field.empty()) return m_host.say(tr("A pattern of messages has no field"));
                 m_host.group(QString::fromStdString(change.field));
             }));
    keys.add({Qt::Key_O}, tr("By strength, or by when they began"), [this] { m_order->click(); });
    keys.add({Qt::Key_C, QKeySequence(Qt::CTRL | Qt::Key_C)}, tr("Copy all as text"),
             [this] { copy(false); });
    keys.add({QKeySequence(Qt::SHIFT | Qt::Key_C)}, tr("Copy all as Markdown"), [this] { copy(true); });
    keys.add({Qt::Key_F5}, tr("Ask once more"), [this] {
        if (m_asked) ask(m_asked->a, m_choice == Against::Before);
    });
    keys.add({Qt::Key_Escape}, tr("Stop, or back to the events"), [this] { stopOrLeave(); });
}

void ChangesPane::setTheme(const Theme& theme)
{
    m_rows->setTheme(theme);
    QPalette colors = m_note->palette();
    colors.setColor(QPalette::WindowText, theme.dim);
    for (QLabel* const label : {m_note, m_state}) label->setPalette(colors);
    m_list->viewport()->update();
}

void ChangesPane::setZone(const DisplayZone& zone)
{
    m_zone = zone;
    m_model->setTimeText(
        [zone](TimeNs time) { return formatTimeForPeople(time, 0, zone) + u' ' + zone.suffix(time); });
    showState();
    showWhy();
}

void ChangesPane::setStoreEvents(std::uint64_t events)
{
    if (m_events == events) return;
    m_events = events;
    showState();
}

void ChangesPane::focusList()
{
    m_list->setFocus(Qt::ShortcutFocusReason);
}

const Change* ChangesPane::current() const
{
    const ChangeGroup* const group = m_model->group(m_list->currentRow());
    return group != nullptr ? &group->head : nullptr;
}

void ChangesPane::compareHere()
{
    m_host.show();
    if (const auto chosen = m_host.chosen()) return ask(*chosen, m_choice == Against::Before);
    m_host.say(tr("Choose a time first: drag over bars of the chart, or zoom to it"));
}

void ChangesPane::compareRange(const TimeRange& range)
{
    const auto chosen = m_host.chosen();
    m_host.show();
    ask({chosen ? chosen->filter : nullptr, range}, m_choice == Against::Before);
}

void ChangesPane::compareAround(TimeNs time)
{
    m_choice = Against::Before;
    compareRange({time, time < kTimeMax - kAround ? time + kAround : kTimeMax});
}

void ChangesPane::keepAsGood(const TimeRange& range)
{
    m_kept = range;
    m_choice = Against::Kept;
    m_host.say(tr("Kept as the normal time: D compares with it"));
    showState();
}

void ChangesPane::chooseAgainst()
{
    m_host.show();
    auto* const menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setObjectName(QStringLiteral("againstMenu"));
    const auto offer = [&](const QString& text, const char* name, Against against, bool enabled) {
        QAction* const action = menu->addAction(text, this, [this, against] {
            m_choice = against;
            const auto chosen = m_host.chosen();
            if (m_asked && !chosen) return ask(m_asked->a, against == Against::Before);
            compareHere();
        });
        action->setObjectName(QLatin1String(name));
        action->setCheckable(true);
        action->setChecked(against == m_choice);
        action->setEnabled(enabled);
    };
    offer(tr("The time &before, as long"), "againstBefore", Against::Before, true);
    offer(tr("The &rest of the store"), "againstRest", Against::Rest, true);
    offer(m_kept ? tr("The time that was &kept: %1").arg(formatRange(*m_kept, m_zone))
                 : tr("A time that was &kept: drag over it on the chart"),
          "againstKept", Against::Kept, m_kept.has_value());
    menu->setActiveAction(menu->actions().front());
    menu->popup(m_against->mapToGlobal(QPoint(0, m_against->height())));
}

void ChangesPane::ask(const Selection& a, bool before)
{
    CompareQuestion question;
    question.a = a;
    if (m_choice == Against::Kept && m_kept) {
        question.against = CompareQuestion::Against::Selection;
        question.b = {a.filter, *m_kept};
    } else {
        // Where the selection has no begin there is no time before it.
        question.against = before && a.range.begin != kTimeMin ? CompareQuestion::Against::Before
                                                               : CompareQuestion::Against::Rest;
    }
    m_fellBack = m_choice == Against::Before && question.against == CompareQuestion::Against::Rest;
    m_asked = question;
    m_error.reset();
    m_stopped = false;
    m_eventsThen = m_events;
    m_model->setComparison(nullptr);
    m_ticket =
        m_compares->ask(std::move(question), [this](const Result<Comparison>& answer) { take(answer); });
    showState();
}

void ChangesPane::take(const Result<Comparison>& answer)
{
    if (!answer) {
        if (answer.error().kind != ErrorKind::Cancelled) m_error = answer.error();
        return showState();
    }
    const bool nothingBefore =
        answer->eventsA > 0 && answer->eventsB == 0 && m_asked->against == CompareQuestion::Against::Before;
    if (nothingBefore) return ask(Selection(m_asked->a), false);
    const std::string chosen = current() != nullptr ? current()->what : std::string();
    m_model->setComparison(std::make_shared<const Comparison>(*answer));
    int row = 0;
    for (int i = 0; i < m_model->rowCount(); ++i)
        if (m_model->group(i)->head.what == chosen) row = i;
    m_list->setCurrentRow(row);
    showState();
    showWhy();
}

void ChangesPane::stopOrLeave()
{
    if (!m_ticket.pending()) return m_host.leave();
    m_ticket.cancel();
    m_stopped = true;
    showState();
}

QString ChangesPane::againstText() const
{
    if (!m_asked || m_asked->against == CompareQuestion::Against::Before)
        return m_choice == Against::Kept   ? tr("Against: kept time")
               : m_choice == Against::Rest ? tr("Against: the rest")
                                           : tr("Against: time before");
    return m_asked->against == CompareQuestion::Against::Rest ? tr("Against: the rest")
                                                              : tr("Against: kept time");
}

QString ChangesPane::sideText(const QString& name, const Selection& side, std::uint64_t events,
                              const TimeRange& time) const
{
    QStringList parts;
    const TimeRange range = time.end > time.begin ? time : side.range;
    if (range.end > range.begin && range.begin != kTimeMin && range.end != kTimeMax)
        parts << formatRange(range, m_zone);
    if (side.filter) parts << elidedMiddle(oneLine(printFilter(*side.filter)), 120);
    if (events > 0) parts << eventCount(events);
    return name + QStringLiteral(": ") + parts.join(QStringLiteral(" · "));
}

void ChangesPane::showState()
{
    const Comparison* const found = m_model->comparison();
    const bool going = m_ticket.pending();
    m_against->setText(againstText());
    m_order->setText(m_model->order() == ChangeListModel::Order::Ranked ? tr("Ranked") : tr("By begin"));
    QString state, sides, note;
    if (m_asked) {
        sides =
            sideText(tr("A"), m_asked->a, found ? found->eventsA : 0, found ? found->timeA : TimeRange{0, 0});
        Selection b = m_asked->b;
        if (m_asked->against == CompareQuestion::Against::Before) b.filter = m_asked->a.filter;
        QString name = tr("B");
        if (m_asked->against == CompareQuestion::Against::Before) name = tr("B, the time before");
        if (m_asked->against == CompareQuestion::Against::Rest)
            name = m_fellBack ? tr("B, the rest (nothing was before)") : tr("B, the rest of the store");
        sides +=
            u'\n' + sideText(name, b, found ? found->eventsB : 0, found ? found->timeB : TimeRange{0, 0});
    }
    if (m_error)
        state = oneLine(m_error->line());
    else if (!m_asked)
        state =
            tr("Nothing was compared yet. Drag over the bars where something is odd and press D: they are "
               "compared with the time before. Shift+D asks against what.");
    else if (found == nullptr)
        state = m_stopped ? tr("Stopped. F5 asks once more") : tr("Comparing every event… Esc stops it");
    else if (found->eventsA == 0 || found->eventsB == 0)
        state = found->eventsA == 0 ? tr("A has no events: nothing can be said")
                                    : tr("B has no events: nothing can be said");
    else if (m_model->rowCount() == 0)
        state = going ? tr("No difference yet; still counting…")
                      : tr("Nothing differs by more than chance: %1 tests of message patterns and %2 fields")
                            .arg(groupedNumber(found->tests), groupedNumber(found->fieldsLooked));
    if (found != nullptr && state.isEmpty()) {
        QStringList parts;
        if (!found->exact)
            parts << (going ? tr("First results: patterns, severity and service. Still counting every field…")
                            : tr("Stopped: patterns, severity and service only"));
        else
            parts << tr("%1 of %2 differences in %3 fields and the patterns are more than chance")
                         .arg(groupedNumber(found->passed), groupedNumber(found->tests),
                              groupedNumber(found->fieldsLooked));
        if (found->moreGroups > 0) parts << tr("%1 more not listed").arg(groupedNumber(found->moreGroups));
        if (!found->missed.empty()) parts << tr("damaged events are left out");
        if (m_asked->against == CompareQuestion::Against::Rest)
            parts << tr("the rest of a long incident in B can hide it: the time before may tell more");
        QStringList fields;
        for (const FieldNote& each : found->notes)
            if (fields.size() < static_cast<qsizetype>(kNamedFields) &&
                !fields.contains(oneLine(each.field, 80)))
                fields << oneLine(each.field, 80);
        if (!fields.isEmpty())
            parts << tr("not compared value by value: %1").arg(fields.join(QStringLiteral(", ")));
        note = parts.join(QStringLiteral(" · "));
    }
    if (found != nullptr && !going && m_events != m_eventsThen)
        note = tr("Other events are in the store since: F5 asks once more") +
               (note.isEmpty() ? QString() : QStringLiteral(" · ") + note);
    m_sides->setText(sides);
    m_state->setText(state);
    m_state->setVisible(!state.isEmpty());
    // The keyboard stays in the list, whose keys stop or ask once more.
    m_split->setMaximumHeight(state.isEmpty() ? QWIDGETSIZE_MAX : 0);
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
}

void ChangesPane::showWhy()
{
    const ChangeGroup* const group = m_model->group(m_list->currentRow());
    if (group == nullptr) return m_why->clear();
    const Change& change = group->head;
    QStringList lines{severalLines(change.what, 2'000), QString(), oneLine(change.why, 2'000), QString()};
    const auto fact = [&](const QString& name, const QString& value) {
        lines << name + QStringLiteral(": ") + value;
    };
    const auto number = [](double value) { return QString::number(value, 'g', 3); };
    fact(tr("In A, expected there"),
         tr("%1, %2").arg(groupedNumber(change.inA), QString::number(change.expectedA, 'f', 1)));
    fact(tr("In B"), groupedNumber(change.inB));
    fact(tr("Effect (0 none, 0.5 doubled or halved, 1 new or gone)"), number(change.effect));
    fact(tr("Dispersion of the counts (1: independent events)"), number(change.dispersion));
    fact(tr("Standard errors from hardly a difference"), number(change.strength));
    fact(tr("Chance of it without a cause, p and over all tests, q"),
         tr("%1, %2").arg(number(change.p), number(change.q)));
    if (change.onset)
        fact(change.beganBefore ? tr("Began, before A") : tr("Began"),
             formatTimeForPeople(*change.onset, 3, m_zone) + u' ' + m_zone.suffix(*change.onset));
    if (!change.example.empty()) fact(tr("For example"), oneLine(change.example, 400));
    if (!group->same.empty()) {
        lines << QString() << tr("The same events, told once:");
        for (std::size_t i = 0; i < std::min(kNamedSame, group->same.size()); ++i)
            lines << QStringLiteral("  ") + oneLine(group->same[i].what, 300);
        if (group->same.size() > kNamedSame)
            lines << tr("  and %1 more").arg(group->same.size() - kNamedSame);
    }
    m_why->setText(lines.join(u'\n'));
}

void ChangesPane::copy(bool markdown)
{
    if (m_model->rowCount() == 0) return m_host.say(tr("There is nothing to copy"));
    QString text = m_sides->text() + QStringLiteral("\n\n");
    if (markdown) text += QStringLiteral("| | what | A | B | began |\n|---|---|---|---|---|\n");
    for (int row = 0; row < m_model->rowCount(); ++row) {
        QStringList cells;
        for (const int column :
             {ChangeListModel::WayColumn, ChangeListModel::WhatColumn, ChangeListModel::InAColumn,
              ChangeListModel::InBColumn, ChangeListModel::OnsetColumn})
            cells << m_model->index(row, column).data().toString();
        if (markdown) {
            // Text of a log must stay text: no table, code, link or tag of its own.
            for (QString& cell : cells)
                for (const char sign : {'\\', '|', '`', '*', '_', '[', ']', '<', '>', '&', '#', '!'})
                    cell.replace(QLatin1Char(sign), QStringLiteral("\\") + QLatin1Char(sign));
            text += QStringLiteral("| ") + cells.join(QStringLiteral(" | ")) + QStringLiteral(" |\n");
        } else {
            text += cells.join(u'\t') + u'\n';
        }
    }
    QGuiApplication::clipboard()->setText(text);
    m_host.say(
        tr("%1 copied")
            .arg(counted(static_cast<quint64>(m_model->rowCount()), tr("difference"), tr("differences"))));
}

} // namespace faultline
