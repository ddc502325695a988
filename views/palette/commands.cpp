#include "views/palette/commands.h"

#include "views/keys/key_help.h"
#include "views/keys/key_table.h"

#include <QAction>
#include <QMenu>
#include <QMenuBar>
#include <QPointer>
#include <QSet>

namespace faultline {
namespace {

void addMenu(const QMenu* menu, const QString& where, std::vector<Choice>& to)
{
    const auto actions = menu->actions();
    for (QAction* const action : actions) {
        if (action->isSeparator() || !action->isVisible() || !action->isEnabled()) continue;
        const QString title = KeyHelp::plainTitle(action->text());
        if (action->menu() != nullptr) {
            addMenu(action->menu(), where + QStringLiteral(" \u203a ") + title, to);
            continue;
        }
        const QPointer<QAction> held(action);
        to.push_back({title, where, KeyHelp::keysText(action->shortcuts()), [held] {
                          if (held) held->trigger();
                      }});
    }
}

void addTable(const HasKeys& view, QWidget* widget, std::vector<Choice>& to)
{
    if (view.takesText()) return;
    for (const KeyTable::Row& row : view.keys().rows()) {
        const QPointer<QWidget> held(widget);
        to.push_back({row.what, view.keysTitle(), KeyHelp::keysText(row.keys), [held, run = row.run] {
                          if (!held) return;
                          run();
                      }});
    }
}

} // namespace

std::vector<Choice> commandsOf(const QMenuBar* menus, QWidget* page)
{
    std::vector<Choice> all;
    const auto tops = menus->actions();
    for (const QAction* const top : tops)
        if (top->menu() != nullptr) addMenu(top->menu(), KeyHelp::plainTitle(top->text()), all);
    if (page != nullptr) {
        if (const auto* const view = dynamic_cast<const HasKeys*>(page)) addTable(*view, page, all);
        const auto widgets = page->findChildren<QWidget*>();
        for (QWidget* const widget : widgets) {
            const auto* const view = dynamic_cast<const HasKeys*>(widget);
            if (view != nullptr && widget->isVisibleTo(page)) addTable(*view, widget, all);
        }
    }
    std::vector<Choice> once;
    QSet<QString> seen;
    for (Choice& choice : all) {
        const QString name = choice.where + QLatin1Char('\n') + choice.title;
        if (seen.contains(name)) continue;
        seen.insert(name);
        once.push_back(std::move(choice));
    }
    return once;
}

} // namespace faultline
