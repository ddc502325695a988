#include "views/search/chip_bar.h"

#include "views/render/plain_text.h"
#include "views/search/flow_layout.h"

#include <QKeyEvent>
#include <QMenu>
#include <QPointer>
#include <QTextDocument>
#include <QToolButton>

#include <algorithm>

namespace faultline {
namespace {

constexpr qsizetype kMostShown = 60;

} // namespace

ChipBar::ChipBar(AskText askText, QWidget* parent)
    : QWidget(parent), m_askText(std::move(askText)), m_layout(new FlowLayout(4, this))
{
    setObjectName(QStringLiteral("chipBar"));
    setAccessibleName(tr("Filters beside the search"));
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    m_keys.add({Qt::Key_Space}, tr("Off and on"),
               [this] { change(focused(), [](FilterChip& chip) { chip.enabled = !chip.enabled; }); });
    m_keys.add({Qt::Key_N, Qt::Key_Exclam}, tr("The opposite"),
               [this] { change(focused(), [](FilterChip& chip) { chip.negated = !chip.negated; }); });
    m_keys.add({Qt::Key_P}, tr("Pin: stays with other searches"),
               [this] { change(focused(), [](FilterChip& chip) { chip.pinned = !chip.pinned; }); });
    m_keys.add({Qt::Key_Return, Qt::Key_F2}, tr("Edit as text"), [this] { edit(focused()); });
    m_keys.add({Qt::Key_Delete, Qt::Key_Backspace}, tr("Remove"), [this] { remove(focused()); });
    m_keys.add({Qt::Key_Right}, tr("Filter after"), [this] {
        const int at = focused();
        if (at + 1 < static_cast<int>(m_buttons.size()))
            m_buttons[static_cast<std::size_t>(at + 1)]->setFocus();
    });
    m_keys.add({Qt::Key_Left}, tr("Filter before"), [this] {
        const int at = focused();
        if (at > 0) m_buttons[static_cast<std::size_t>(at - 1)]->setFocus();
    });
    m_keys.add({Qt::Key_Escape, Qt::Key_Down}, tr("To the list"), [this] { Q_EMIT left(); });
    hide();
}

void ChipBar::setTheme(const Theme& theme)
{
    m_theme = theme;
    for (std::size_t i = 0; i < m_buttons.size(); ++i) paintChip(*m_buttons[i], m_chips[i]);
}

void ChipBar::setChips(const std::vector<FilterChip>& chips, bool on)
{
    if (m_chips == chips && m_on == on) return;
    m_chips = chips;
    m_on = on;
    build();
}

void ChipBar::build()
{
    const int was = focused();
    while (m_buttons.size() > m_chips.size()) {
        m_buttons.back()->hide();
        m_buttons.back()->deleteLater(); // it may be what was clicked
        m_buttons.pop_back();
    }
    if (m_all == nullptr) {
        m_all = new QToolButton(this);
        m_all->setObjectName(QStringLiteral("chipsAll"));
        connect(m_all, &QToolButton::clicked, this, [this] { Q_EMIT chipsChanged(m_chips, !m_on); });
        m_layout->addWidget(m_all);
    }
    while (m_buttons.size() < m_chips.size()) {
        const std::size_t index = m_buttons.size();
        auto* const button = new QToolButton(this);
        button->setObjectName(QStringLiteral("chip%1").arg(index));
        button->installEventFilter(this);
        button->setContextMenuPolicy(Qt::CustomContextMenu);
        connect(button, &QToolButton::clicked, this, [this, index] {
            change(static_cast<int>(index), [](FilterChip& chip) { chip.enabled = !chip.enabled; });
        });
        connect(button, &QWidget::customContextMenuRequested, this, [this, index] { showMenu(index); });
        m_layout->addWidget(button);
        button->show();
        m_buttons.push_back(button);
    }
    m_all->setText(m_on ? tr("All off") : tr("All on"));
    m_all->setToolTip(tr("Switch all filters off and on (Ctrl+Shift+F)"));
    m_all->setVisible(m_chips.size() > 1 || !m_on);
    for (std::size_t i = 0; i < m_buttons.size(); ++i) paintChip(*m_buttons[i], m_chips[i]);
    setVisible(!m_chips.empty());
    if (was >= 0 && !m_buttons.empty())
        m_buttons[static_cast<std::size_t>(std::min(was, static_cast<int>(m_buttons.size()) - 1))]
            ->setFocus();
}

void ChipBar::paintChip(QToolButton& button, const FilterChip& chip) const
{
    const bool active = chip.enabled && m_on;
    QString text = elidedMiddle(oneLine(chip.label.empty() ? chip.text : chip.label), kMostShown);
    if (chip.negated) text.prepend(tr("not "));
    if (chip.pinned) text.prepend(QStringLiteral("\u2022 "));
    button.setText(menuText(text));
    QFont font = button.font();
    font.setStrikeOut(!active); // never by colour alone
    button.setFont(font);
    QPalette colors = m_theme.palette();
    if (!active)
        colors.setColor(QPalette::ButtonText, m_theme.dim);
    else if (chip.negated)
        colors.setColor(QPalette::ButtonText, m_theme.failure);
    button.setPalette(colors);
    button.setAccessibleName(
        tr("Filter %1%2: %3")
            .arg(active ? tr("on") : tr("off"), chip.pinned ? tr(", pinned") : QString(), text));
    button.setToolTip(Qt::convertFromPlainText(
        (chip.label.empty() ? QString() : oneLine(chip.label, 2'000) + QLatin1Char('\n')) +
            oneLine(chip.effective(), 2'000),
        Qt::WhiteSpaceNormal));
}

int ChipBar::focused() const
{
    for (std::size_t i = 0; i < m_buttons.size(); ++i)
        if (m_buttons[i]->hasFocus()) return static_cast<int>(i);
    return -1;
}

void ChipBar::change(int index, const std::function<void(FilterChip&)>& how)
{
    if (index < 0 || index >= static_cast<int>(m_chips.size())) return;
    std::vector<FilterChip> chips = m_chips;
    how(chips[static_cast<std::size_t>(index)]);
    // Who switches one on while all are off wants to see it work.
    Q_EMIT chipsChanged(chips, m_on || chips[static_cast<std::size_t>(index)].enabled);
}

void ChipBar::remove(int index)
{
    if (index < 0 || index >= static_cast<int>(m_chips.size())) return;
    std::vector<FilterChip> chips = m_chips;
    chips.erase(chips.begin() + index);
    Q_EMIT chipsChanged(chips, m_on);
    if (chips.empty()) Q_EMIT left();
}

void ChipBar::edit(int index)
{
    if (index < 0 || index >= static_cast<int>(m_chips.size()) || !m_askText) return;
    const QPointer<ChipBar> still(this);
    const std::vector<FilterChip> asked = m_chips;
    const auto text = m_askText(this, QString::fromStdString(m_chips[static_cast<std::size_t>(index)].text));
    // The case may have been closed, or its filters changed, while the question stood.
    if (!text || still.isNull() || m_chips != asked) return;
    if (text->trimmed().isEmpty()) return remove(index);
    change(index, [&](FilterChip& chip) {
        const std::string now = text->trimmed().toStdString();
        if (now != chip.text) chip.label.clear(); // of another one
        chip.text = now;
    });
}

void ChipBar::showMenu(std::size_t index)
{
    if (index >= m_chips.size()) return;
    const FilterChip& chip = m_chips[index];
    const int at = static_cast<int>(index);
    auto* const menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("chipMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(chip.enabled ? tr("Switch off") : tr("Switch on"), this,
                    [=, this] { change(at, [](FilterChip& one) { one.enabled = !one.enabled; }); });
    menu->addAction(chip.negated ? tr("Keep only these") : tr("Leave these out"), this,
                    [=, this] { change(at, [](FilterChip& one) { one.negated = !one.negated; }); });
    menu->addAction(chip.pinned ? tr("Unpin") : tr("Pin"), this,
                    [=, this] { change(at, [](FilterChip& one) { one.pinned = !one.pinned; }); });
    menu->addAction(tr("Edit as text…"), this, [=, this] { edit(at); });
    menu->addAction(tr("Remove"), this, [=, this] { remove(at); });
    menu->popup(m_buttons[index]->mapToGlobal(QPoint(0, m_buttons[index]->height())));
}

bool ChipBar::eventFilter(QObject* object, QEvent* event)
{
    if (event->type() == QEvent::KeyPress && m_keys.handle(*static_cast<QKeyEvent*>(event))) return true;
    return QWidget::eventFilter(object, event);
}

} // namespace faultline
