#include "views/window/view_shelf.h"

#include "models/session/case_opener.h"
#include "views/render/plain_text.h"

#include <QMenu>
#include <QPointer>

#include <atomic>
#include <memory>
#include <utility>

namespace faultline {
namespace {

QString shown(const std::string& name)
{
    return elidedMiddle(oneLine(name), 60);
}

} // namespace

ViewShelf::ViewShelf(StateKeeper* keeper, WindowPrompts prompts, QWidget* window)
    : QObject(window), m_keeper(keeper), m_prompts(std::move(prompts)), m_window(window)
{
    connect(m_keeper, &StateKeeper::changed, this,
            [this](const std::string& store, const std::string& name, const QJsonObject& document) {
                if (name != kViewsDocument) return;
                if (SavedViews* const views = known(store)) *views = savedViewsFromJson(document);
            });
    m_keeper->follow({}, kViewsDocument);
}

void ViewShelf::setStore(const std::string& path, const QJsonObject& ofStore, const QJsonObject& everywhere)
{
    if (!m_store.empty()) m_keeper->unfollow(m_store, kViewsDocument);
    m_store = path;
    m_ofStore = savedViewsFromJson(ofStore);
    m_everywhere = savedViewsFromJson(everywhere);
    if (m_deleted && m_deleted->store != path && !m_deleted->store.empty()) m_deleted.reset();
    m_keeper->follow(m_store, kViewsDocument);
}

SavedViews* ViewShelf::known(const std::string& store)
{
    if (store.empty()) return &m_everywhere;
    return store == m_store ? &m_ofStore : nullptr;
}

void ViewShelf::change(const std::string& store, const Make& make, Make onDisk)
{
    if (SavedViews* const views = known(store)) make(*views);
    if (!onDisk) onDisk = make;
    m_keeper->change(store, kViewsDocument,
                     [make = std::move(onDisk)](const QJsonObject& before) -> Result<QJsonObject> {
                         const auto kept = before[QStringLiteral("views")];
                         if (!kept.isUndefined() && !kept.isArray())
                             return makeError(ErrorKind::Input, "read saved views", "they are no list");
                         SavedViews views = savedViewsFromJson(before);
                         make(views);
                         QJsonObject after = before;
                         after[QStringLiteral("views")] = savedViewsToJson(views)[QStringLiteral("views")];
                         return after;
                     });
}

void ViewShelf::ask(const ViewName& before,
                    std::function<void(const std::string& store, const ViewName&)> answered)
{
    if (!m_prompts.nameView) return;
    ViewQuestion question{before, {}, {}};
    for (const SavedView& view : m_ofStore) question.ofStore.push_back(QString::fromStdString(view.name));
    for (const SavedView& view : m_everywhere)
        question.ofEveryStore.push_back(QString::fromStdString(view.name));
    // Another case may be open when the answer comes.
    m_prompts.nameView(
        m_window, question,
        [here = QPointer(this), store = m_store, answered = std::move(answered)](ViewName named) {
            named.name = named.name.simplified();
            if (here && !named.name.isEmpty()) answered(store, named);
        });
}

void ViewShelf::save(const QJsonObject& content)
{
    ask({}, [this, content](const std::string& asked, const ViewName& named) {
        const std::string store = named.everywhere ? std::string() : asked;
        const SavedView view{named.name.toStdString(), content};
        const SavedViews* const views = known(store);
        SavedViews trial = views != nullptr ? *views : SavedViews();
        const bool replaces = placeOf(trial, view.name) < trial.size();
        if (!put(trial, view)) {
            Q_EMIT noticed(tr("There are 300 saved views: delete one first"));
            return;
        }
        // Replaced is only what the user could see; one that another window made meanwhile stays.
        change(store, [view, replaces](SavedViews& all) {
            if (replaces || placeOf(all, view.name) == all.size())
                (void)put(all, view);
            else
                (void)insert(all, view, all.size());
        });
        Q_EMIT noticed(tr("Saved as \u201c%1\u201d").arg(shown(view.name)));
    });
}

void ViewShelf::rename(bool everywhere, const std::string& name)
{
    const std::string from = everywhere ? std::string() : m_store;
    ask({QString::fromStdString(name), everywhere},
        [this, from, name](const std::string& asked, const ViewName& named) {
            const std::string next = named.name.toStdString();
            const std::string to = named.everywhere ? std::string() : asked;
            if (next != name || from != to) nameAgain(from, name, to, next);
        });
}

void ViewShelf::nameAgain(const std::string& from, const std::string& name, const std::string& to,
                          const std::string& next)
{
    if (from == to) {
        if (const SavedViews* const views = known(from)) {
            SavedViews trial = *views;
            if (placeOf(trial, name) == trial.size()) return; // deleted meanwhile
            if (!faultline::rename(trial, name, next))
                return Q_EMIT noticed(tr("Another saved view is called \u201c%1\u201d").arg(shown(next)));
        }
        return change(from, [name, next](SavedViews& views) { (void)faultline::rename(views, name, next); });
    }
    // From one list into the other: there first, so that at no time it is in neither.
    const SavedViews* const source = known(from);
    const SavedViews* const target = known(to);
    if (source == nullptr || target == nullptr) return; // another case is open: its list is not at hand
    const std::size_t place = placeOf(*source, name);
    if (place == source->size()) return;
    const SavedView view{next, (*source)[place].content};
    if (placeOf(*target, next) < target->size())
        return Q_EMIT noticed(tr("Another saved view is called \u201c%1\u201d").arg(shown(next)));
    if (SavedViews trial = *target; !put(trial, view))
        return Q_EMIT noticed(tr("There are 300 saved views: delete one first"));
    // On disk it leaves the one only when it has come into the other: a list that cannot be written, or is
    // full there, must not lose it.
    const auto arrived = std::make_shared<std::atomic<bool>>(false);
    change(
        to, [view](SavedViews& views) { (void)insert(views, view, views.size()); },
        [view, arrived](SavedViews& views) { *arrived = insert(views, view, views.size()); });
    change(
        from, [name](SavedViews& views) { faultline::remove(views, name); },
        [name, arrived](SavedViews& views) {
            if (*arrived) faultline::remove(views, name);
        });
}

void ViewShelf::remove(bool everywhere, const std::string& name)
{
    const SavedViews& from = views(everywhere);
    const std::size_t place = placeOf(from, name);
    if (place == from.size()) return;
    const std::string store = everywhere ? std::string() : m_store;
    m_deleted = Deleted{store, from[place], place};
    change(store, [name](SavedViews& views) { faultline::remove(views, name); });
    Q_EMIT noticed(tr("Deleted \u201c%1\u201d; Views \u203a Undo brings it back").arg(shown(name)));
}

void ViewShelf::takeBack()
{
    if (!m_deleted) return;
    const Deleted deleted = *std::exchange(m_deleted, std::nullopt);
    const SavedViews* const views = known(deleted.store);
    SavedViews trial = views != nullptr ? *views : SavedViews();
    if (!insert(trial, deleted.view, deleted.place)) {
        m_deleted = deleted;
        return Q_EMIT noticed(tr("There are 300 saved views: delete one first"));
    }
    change(deleted.store, [deleted](SavedViews& all) { (void)insert(all, deleted.view, deleted.place); });
}

void ViewShelf::fillMenu(QMenu* menu)
{
    menu->clear(); // leaves the menus within
    qDeleteAll(menu->findChildren<QMenu*>(QString(), Qt::FindDirectChildrenOnly));
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
