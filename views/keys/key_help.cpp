#include "views/keys/key_help.h"

#include "views/keys/key_table.h"

#include <QAction>
#include <QDialogButtonBox>
#include <QGridLayout>
#include <QLabel>
#include <QMenu>
#include <QMenuBar>
#include <QScrollArea>
#include <QVBoxLayout>

namespace faultline {
QString KeyHelp::keysText(const QList<QKeySequence>& keys)
{
    QStringList names;
    for (const QKeySequence& key : keys) names.push_back(key.toString(QKeySequence::NativeText));
    return names.join(QStringLiteral(", "));
}

QString KeyHelp::plainTitle(QString text)
{
    text = text.section(QLatin1Char('\t'), 0, 0);
    text.replace(QStringLiteral("&&"), QStringLiteral("\x01"));
    text.remove(QLatin1Char('&'));
    return text.replace(QLatin1Char('\x01'), QLatin1Char('&'));
}

std::vector<KeyHelp::Section> KeyHelp::sectionsFor(QWidget* window, QWidget* focused)
{
    std::vector<Section> sections;
    // A key of the view around does not work where the view inside has it for itself.
    QList<QKeySequence> taken;
    const auto left = [&taken](const QList<QKeySequence>& keys) {
        QList<QKeySequence> rest;
        for (const QKeySequence& key : keys)
            if (!taken.contains(key)) rest.push_back(key);
        return rest;
    };
    for (QWidget* widget = focused; widget != nullptr; widget = widget->parentWidget()) {
        const auto* const view = dynamic_cast<const HasKeys*>(widget);
        if (view == nullptr || view->keys().rows().empty()) continue;
        Section section{view->keysTitle(), {}};
        QList<QKeySequence> own;
        for (const KeyTable::Row& row : view->keys().rows()) {
            const QList<QKeySequence> keys = left(row.keys);
            if (!keys.isEmpty()) section.rows.emplace_back(keysText(keys), row.what);
            own += row.keys;
        }
        taken += own;
        if (!section.rows.empty()) sections.push_back(std::move(section));
        if (view->takesText()) break;
    }
    Section menus{tr("Everywhere"), {}};
    const auto actions = window->findChildren<QAction*>();
    for (const QAction* action : actions)
        if (!action->shortcuts().isEmpty() && !action->text().isEmpty())
            menus.rows.emplace_back(keysText(action->shortcuts()), plainTitle(action->text()));
    if (!menus.rows.empty()) sections.push_back(std::move(menus));
    return sections;
}

KeyHelp::KeyHelp(const std::vector<Section>& sections, QWidget* parent) : QDialog(parent)
{
    setObjectName(QStringLiteral("keyHelp"));
    setWindowTitle(tr("Keys"));
    setAttribute(Qt::WA_DeleteOnClose);
    auto* const inside = new QWidget(this);
    auto* const grid = new QGridLayout(inside);
    grid->setHorizontalSpacing(24);
    grid->setColumnStretch(1, 1);
    int line = 0;
    for (const Section& section : sections) {
        auto* const title = new QLabel(section.title, inside);
        title->setTextFormat(Qt::PlainText);
        QFont bold = title->font();
        bold.setBold(true);
        title->setFont(bold);
        if (line > 0) grid->setRowMinimumHeight(line++, 10);
        grid->addWidget(title, line++, 0, 1, 2);
        for (const auto& [keys, what] : section.rows) {
            int column = 0;
            for (const QString& text : {keys, what}) {
                auto* const label = new QLabel(text, inside);
                label->setTextFormat(Qt::PlainText);
                grid->addWidget(label, line, column++);
            }
            ++line;
        }
    }
    grid->setRowStretch(line, 1);
    auto* const scroll = new QScrollArea(this);
    scroll->setObjectName(QStringLiteral("keyList"));
    scroll->setAccessibleName(tr("Keys and what they do"));
    scroll->setWidget(inside);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* const buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* const layout = new QVBoxLayout(this);
    layout->addWidget(scroll, 1);
    layout->addWidget(buttons);
    const QSize wanted = inside->sizeHint();
    const int most = parentWidget() != nullptr ? std::max(320, parentWidget()->window()->height()) : 680;
    resize(std::max(440, wanted.width() + 60), std::min({680, most, wanted.height() + 90}));
}

} // namespace faultline
