#include "views/investigate/range_bar.h"

#include "views/parts/eliding_label.h"
#include "views/render/counts.h"
#include "views/render/plain_text.h"
#include "views/render/time_axis.h"

#include <QFontDatabase>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace faultline {
namespace {

constexpr TimeNs kMinute = 60 * kSecondNs, kHour = 60 * kMinute;

QToolButton* menuButton(const char* name, QWidget* parent)
{
    auto* const button = new QToolButton(parent);
    button->setObjectName(QLatin1String(name));
    button->setPopupMode(QToolButton::InstantPopup);
    button->setFocusPolicy(Qt::TabFocus);
    button->setMenu(new QMenu(button));
    return button;
}

/// As readRange() reads it again, to the same nanosecond.
QString typedForm(const TimeRange& range, const DisplayZone& zone)
{
    const auto digitsOf = [](TimeNs time) {
        return time % kSecondNs == 0 ? 0 : time % 1'000'000 == 0 ? 3 : time % 1'000 == 0 ? 6 : 9;
    };
    const auto text = [&](TimeNs time) {
        QString said = formatTimeForPeople(time, digitsOf(time), zone);
        // An hour that comes twice needs its offset.
        if (zone.fromWall(time + zone.offset(time) * kSecondNs) != time) said += zone.suffix(time);
        return said;
    };
    return text(range.begin) + QStringLiteral(" .. ") + text(range.end);
}

} // namespace

void addAroundEntries(QMenu* menu, const std::function<void(TimeNs half)>& run)
{
    const auto add = [&](const QString& text, TimeNs half) {
        menu->addAction(text, menu, [run, half] { run(half); });
    };
    add(RangeBar::tr("&1  10 seconds before and after"), 10 * kSecondNs);
    add(RangeBar::tr("&2  1 minute before and after"), kMinute);
    add(RangeBar::tr("&3  5 minutes before and after"), 5 * kMinute);
    add(RangeBar::tr("&4  Type how far…"), 0);
}

RangeBar::RangeBar(QWidget* parent)
    : QWidget(parent)
    , m_back(new QPushButton(tr("Back"), this))
    , m_all(new QPushButton(tr("All time"), this))
    , m_label(new ElidingLabel(0, this))
    , m_input(new QLineEdit(this))
    , m_error(new QLabel(this))
    , m_presets(menuButton("rangeButton", this))
    , m_zoneButton(menuButton("zoneButton", this))
    , m_outside(new QPushButton(this))
    , m_row(new QHBoxLayout)
{
    m_label->setObjectName(QStringLiteral("rangeLabel"));
    m_label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_input->setObjectName(QStringLiteral("rangeInput"));
    m_input->setAccessibleName(tr("Range"));
    m_input->setPlaceholderText(tr("last 2h, 2026-11-22 12:00..12:30, around 12:03 +/- 5m, an epoch"));
    m_input->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_input->installEventFilter(this);
    m_input->hide();
    m_error->setObjectName(QStringLiteral("rangeError"));
    m_error->setAccessibleName(tr("Error in the range"));
    m_error->setTextFormat(Qt::PlainText);
    m_error->setFont(m_input->font());
    m_error->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_error->hide();
    m_back->setObjectName(QStringLiteral("backButton"));
    m_back->setToolTip(tr("The view before (Backspace)"));
    m_all->setObjectName(QStringLiteral("allButton"));
    m_all->setToolTip(tr("Every event, however far from the others (Ctrl+0)"));
    m_presets->setText(tr("Range"));
    m_presets->setToolTip(tr("Choose a range, or type one (Ctrl+T)"));
    m_zoneButton->setToolTip(tr("How times are shown: UTC, local or as each source wrote them (Z)"));
    m_zoneButton->setAccessibleName(tr("Time zone"));
    m_outside->setObjectName(QStringLiteral("outsideChip"));
    m_outside->setToolTip(tr("Shows all time in the chart (Ctrl+0). The list has these events as it is."));
    for (QPushButton* const button : {m_back, m_all, m_outside}) button->setFocusPolicy(Qt::TabFocus);
    m_outside->hide();
    setCanGoBack(false);
    setCanShowAll(false);
    m_row->setContentsMargins(0, 0, 0, 0);
    m_row->addWidget(m_back);
    m_row->addWidget(m_all);
    m_row->addWidget(m_presets);
    m_label->setContentsMargins(4, 0, 0, 0);
    m_row->addWidget(m_label, 1);
    m_row->addWidget(m_input, 1);
    m_row->addWidget(m_zoneButton);
    m_row->addWidget(m_outside);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    layout->addLayout(m_row);
    layout->addWidget(m_error);
    connect(m_back, &QPushButton::clicked, this, &RangeBar::backRequested);
    connect(m_all, &QPushButton::clicked, this, &RangeBar::allRequested);
    connect(m_outside, &QPushButton::clicked, this, &RangeBar::allRequested);
    connect(m_presets->menu(), &QMenu::aboutToShow, this, &RangeBar::fillPresets);
    connect(m_zoneButton->menu(), &QMenu::aboutToShow, this, &RangeBar::fillZones);
    connect(m_input, &QLineEdit::textEdited, m_error, &QWidget::hide);
    m_keys.add({Qt::Key_Return}, tr("Show this range"), [this] { Q_EMIT rangeTyped(m_input->text()); });
    m_keys.add({Qt::Key_Escape}, tr("Leave the range as it is"), [this] {
        endEdit();
        Q_EMIT left();
    });
    fillPresets();
    fillZones();
    setZone({});
}

void RangeBar::fillPresets()
{
    QMenu* const menu = m_presets->menu();
    menu->clear();
    menu->setObjectName(QStringLiteral("rangePresets"));
    menu->addAction(tr("&Type a range…\tCtrl+T"), this, [this] { edit(); });
    struct Length
    {
        QString name, text;
        TimeNs length;
    };
    const std::array<Length, 6> lengths{{{tr("5 minutes"), QStringLiteral("now-5m"), 5 * kMinute},
                                         {tr("15 minutes"), QStringLiteral("now-15m"), 15 * kMinute},
                                         {tr("1 hour"), QStringLiteral("now-1h"), kHour},
                                         {tr("6 hours"), QStringLiteral("now-6h"), 6 * kHour},
                                         {tr("24 hours"), QStringLiteral("now-24h"), 24 * kHour},
                                         {tr("7 days"), QStringLiteral("now-7d"), 7 * 24 * kHour}}};
    if (m_last) {
        menu->addSection(tr("Until the last event"));
        for (const Length& each : lengths)
            menu->addAction(tr("The last %1").arg(each.name), this, [this, length = each.length] {
                if (m_last && *m_last > kTimeMin + length) Q_EMIT rangeChosen({*m_last - length, *m_last});
            });
    }
    menu->addSection(tr("Until now"));
    for (const Length& each : lengths)
        menu->addAction(tr("%1 until now").arg(each.name), this,
                        [this, text = each.text] { Q_EMIT rangeTyped(text); });
    menu->addAction(tr("Today"), this, [this] { Q_EMIT rangeTyped(QStringLiteral("today")); });
    menu->addAction(tr("Yesterday"), this, [this] { Q_EMIT rangeTyped(QStringLiteral("yesterday")); });
    menu->addSeparator();
    menu->addAction(tr("&All time\tCtrl+0"), this, &RangeBar::allRequested);
}

void RangeBar::fillZones()
{
    QMenu* const menu = m_zoneButton->menu();
    menu->clear();
    menu->setObjectName(QStringLiteral("zoneMenu"));
    const TimeNs at = m_range ? m_range->begin : 0;
    using Kind = DisplayZone::Kind;
    for (const Kind kind : {Kind::Utc, Kind::Local, Kind::Source}) {
        const QString name = kind == Kind::Local ? tr("Local: %1").arg(m_zone.with(kind).label(at))
                                                 : m_zone.with(kind).label(at);
        QAction* const action = menu->addAction(name, this, [this, kind] { Q_EMIT zoneChosen(kind); });
        action->setCheckable(true);
        action->setChecked(kind == m_zone.kind());
    }
}

void RangeBar::setTheme(const Theme& theme)
{
    m_theme = theme;
    QPalette colors = m_error->palette();
    colors.setColor(QPalette::WindowText, theme.failure);
    m_error->setPalette(colors);
}

void RangeBar::setZone(const DisplayZone& zone)
{
    m_zone = zone;
    updateLabel();
    showOutside(m_outsideEvents, m_outsideTimes);
}

void RangeBar::addControls(QWidget* controls)
{
    m_row->addWidget(controls);
}

void RangeBar::setCanGoBack(bool can)
{
    m_back->setEnabled(can);
}

void RangeBar::setCanShowAll(bool can)
{
    m_all->setEnabled(can);
}

void RangeBar::updateLabel()
{
    m_zoneButton->setText(m_zone.label(m_range ? m_range->begin : 0));
    if (!m_range) return;
    QString text = formatRange(*m_range, m_zone);
    if (!m_relative.empty()) text = tr("Until now: %1").arg(text);
    m_label->setText(text);
    // It may be cut where the window is narrow.
    m_label->setToolTip(text);
}

void RangeBar::showRange(const TimeRange& range, const std::string& relative)
{
    m_range = range;
    m_relative = relative;
    updateLabel();
}

void RangeBar::showText(const QString& text)
{
    m_range.reset();
    m_label->setText(text);
    m_label->setToolTip(text);
    updateLabel();
}

void RangeBar::showOutside(quint64 events, const TimeRange& times)
{
    m_outsideEvents = events;
    m_outsideTimes = times;
    m_outside->setVisible(events > 0);
    QString text = tr("%1 outside").arg(eventCount(events));
    if (times.end > times.begin) {
        const QString first = formatTimeForPeople(times.begin, 0, m_zone).left(10);
        const QString last = formatTimeForPeople(times.end - 1, 0, m_zone).left(10);
        text += QStringLiteral(": ") + (first == last ? first : tr("%1 to %2").arg(first, last));
    }
    m_outside->setText(text);
}

void RangeBar::edit(const QString& text)
{
    QString shown = text;
    if (shown.isEmpty() && !m_relative.empty()) shown = QString::fromStdString(m_relative);
    if (shown.isEmpty() && m_range) shown = typedForm(*m_range, m_zone);
    m_error->hide();
    m_input->setText(shown);
    m_label->hide();
    m_input->show();
    m_input->setFocus(Qt::ShortcutFocusReason);
    m_input->selectAll();
}

void RangeBar::endEdit()
{
    m_error->hide();
    m_input->hide();
    m_label->show();
}

void RangeBar::showError(const QString& typed, const Error& error)
{
    if (m_input->isHidden()) edit(typed);
    const QByteArray bytes = typed.toUtf8();
    QString text;
    int column = 0;
    if (error.place) {
        const auto offset = static_cast<qsizetype>(error.place->offset);
        column = static_cast<int>(QString::fromUtf8(bytes.left(offset)).size());
        const auto length =
            QString::fromUtf8(bytes.mid(offset, static_cast<qsizetype>(error.place->length))).size();
        m_input->setCursorPosition(column);
        if (column < 120)
            text = QString(column, QLatin1Char(' ')) +
                   QString(std::clamp<qsizetype>(length, 1, 60), QLatin1Char('^')) + QLatin1Char(' ');
    }
    text += QString::fromStdString(error.why);
    for (const std::string& hint : error.hints) text += QLatin1Char('\n') + elidedMiddle(oneLine(hint), 300);
    // Under the characters of the field, which are of the same font.
    m_error->setIndent(std::max(0, m_input->x() + 6));
    m_error->setText(text);
    m_error->show();
}

bool RangeBar::eventFilter(QObject* object, QEvent* event)
{
    if (object == m_input && event->type() == QEvent::KeyPress &&
        m_keys.handle(*static_cast<QKeyEvent*>(event)))
        return true;
    return QWidget::eventFilter(object, event);
}

} // namespace faultline
