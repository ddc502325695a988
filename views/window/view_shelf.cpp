#include "views/window/view_shelf.h"

#include "models/session/case_opener.h"
#include "views/render/plain_text.h"

#include <QMenu>
#include <QPointer>

#include <algorithm>

namespace faultline {
namespace {

QString shown(const std::string& name)
{
    return elidedMiddle(oneLine(name), 60);
}

} // namespace

ViewShelf::ViewShelf(StateKeeper* keeper, WindowPrompts prompts, QWidget* window)
    : QObject(window), m_keeper(keeper), m_prompts(std::move(prompts)), m_window(window)
{}

void ViewShelf::setStore(const std::string& path, const QJsonObject& ofStore, const QJsonObject& everywhere)
{
    m_store = path;
    m_ofStore = savedViewsFromJson(ofStore);
    m_everywhere = savedViewsFromJson(everywhere);
    m_deleted.reset();
}

void ViewShelf::change(bool everywhere, const std::function<void(SavedViews&)>& make)
{
    make(everywhere ? m_everywhere : m_ofStore);
    m_keeper->change(everywhere ? std::string() : m_store, kViewsDocument, [make](const QJsonObject& before) {
        SavedViews views = savedViewsFromJson(before);
        make(views);
        return savedViewsToJson(views);
    });
}

void ViewShelf::save(const QJsonObject& content)
{
    if (!m_prompts.nameView) return;
    const QPointer<ViewShelf> here(this);
    const auto named = m_prompts.nameView(m_window, {}, false);
    if (!here || !named || named->name.trimmed().isEmpty()) return;
    const SavedView view{named->name.toStdString(), content};
    SavedViews trial = views(named->everywhere);
    if (!put(trial, view)) {
        Q_EMIT noticed(tr("There are 300 saved views: delete one first"));
        return;
    }
    change(named->everywhere, [view](SavedViews& views) { (void)put(views, view); });
    Q_EMIT noticed(tr("Saved as \u201c%1\u201d").arg(shown(view.name)));
}

void ViewShelf::rename(bool everywhere, const std::string& name)
{
    if (!m_prompts.nameView) return;
    const QPointer<ViewShelf> here(this);
    const auto named = m_prompts.nameView(m_window, QString::fromStdString(name), everywhere);
    if (!here || !named || named->name.trimmed().isEmpty()) return;
    const SavedViews& from = views(everywhere);
    const auto found =
        std::find_if(from.begin(), from.end(), [&](const SavedView& each) { return each.name == name; });
    if (found == from.end()) return;
    const SavedView view{named->name.toStdString(), found->content};
    if (view.name == name && named->everywhere == everywhere) return;
    change(everywhere, [name](SavedViews& views) { faultline::remove(views, name); });
    change(named->everywhere, [view](SavedViews& views) { (void)put(views, view); });
}

void ViewShelf::remove(bool everywhere, const std::string& name)
{
    const SavedViews& from = views(everywhere);
    const auto found =
        std::find_if(from.begin(), from.end(), [&](const SavedView& each) { return each.name == name; });
    if (found == from.end()) return;
    m_deleted = Deleted{everywhere, *found};
    change(everywhere, [name](SavedViews& views) { faultline::remove(views, name); });
    Q_EMIT noticed(tr("Deleted \u201c%1\u201d; Views \u203a Undo brings it back").arg(shown(name)));
}

void ViewShelf::takeBack()
{
    if (!m_deleted) return;
    const Deleted deleted = *m_deleted;
    m_deleted.reset();
    change(deleted.everywhere, [view = deleted.view](SavedViews& views) { (void)put(views, view); });
}

void ViewShelf::fillMenu(QMenu* menu)
{
    menu->clear();
    menu->addAction(tr("&Save this view…\tCtrl+S"), this, &ViewShelf::saveRequested);
    if (m_deleted)
        menu->addAction(menuText(tr("Undo: delete %1").arg(shown(m_deleted->view.name))), this,
                        &ViewShelf::takeBack);
    for (const bool everywhere : {false, true}) {
        const SavedViews& all = views(everywhere);
        if (all.empty()) continue;
        menu->addSection(everywhere ? tr("Of every store") : tr("Of this store"));
        for (const SavedView& view : all)
            menu->addAction(menuText(shown(view.name)), this,
                            [this, content = view.content] { Q_EMIT opened(content); });
    }
    if (m_ofStore.empty() && m_everywhere.empty()) {
        menu->addAction(tr("No saved views yet"))->setEnabled(false);
        return;
    }
    menu->addSeparator();
    QMenu* const rename = menu->addMenu(tr("&Rename"));
    QMenu* const remove = menu->addMenu(tr("&Delete"));
    for (const bool everywhere : {false, true}) {
        for (const SavedView& view : views(everywhere)) {
            const std::string name = view.name;
            rename->addAction(menuText(shown(name)), this,
                              [this, everywhere, name] { this->rename(everywhere, name); });
            remove->addAction(menuText(shown(name)), this,
                              [this, everywhere, name] { this->remove(everywhere, name); });
        }
    }
}

std::vector<Choice> ViewShelf::choices()
{
    std::vector<Choice> all;
    for (const bool everywhere : {false, true})
        for (const SavedView& view : views(everywhere))
            all.push_back({shown(view.name),
                           everywhere ? tr("Saved view of every store") : tr("Saved view"),
                           {},
                           [this, content = view.content] { Q_EMIT opened(content); }});
    return all;
}

} // namespace faultline
