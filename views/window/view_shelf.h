#pragma once
#include "models/session/kept_lists.h"
#include "models/session/state_keeper.h"
#include "views/palette/pick_dialog.h"
#include "views/window/window_prompts.h"

#include <QObject>

#include <optional>

class QMenu;
class QWidget;

namespace faultline {

/// The saved views of the store at hand and of all stores: saves, renames and deletes them, and takes the
/// last deletion back. Another window's views stay, since each change is made to what is on disk, and appear
/// here.
///
/// Threads  GUI thread. A question for a name waits for nobody; its answer is for the store it was asked in.
class ViewShelf final : public QObject
{
    Q_OBJECT
public:
    ViewShelf(StateKeeper* keeper, WindowPrompts prompts, QWidget* window);
    /// Another store, with what was kept of it.
    void setStore(const std::string& path, const QJsonObject& ofStore, const QJsonObject& everywhere);
    /// Asks for a name, and saves this under it.
    void save(const QJsonObject& content);
    void rename(bool everywhere, const std::string& name);
    void remove(bool everywhere, const std::string& name);
    void takeBack();
    const SavedViews& views(bool everywhere) const { return everywhere ? m_everywhere : m_ofStore; }
    /// Opening, renaming and deleting as entries of a menu.
    void fillMenu(QMenu* menu);
    std::vector<Choice> choices();

Q_SIGNALS:
    void opened(const QJsonObject& content);
    void saveRequested();
    void noticed(const QString& text);

private:
    using Make = std::function<void(SavedViews&)>;
    /// `store`: the one whose views are changed, empty: those of every store.
    /// `onDisk`: there instead of `make`, on a worker.
    void change(const std::string& store, const Make& make, Make onDisk = {});
    void ask(const ViewName& before, std::function<void(const std::string& store, const ViewName&)> answered);
    void nameAgain(const std::string& from, const std::string& name, const std::string& to,
                   const std::string& next);
    /// Those of every store, or of the store at hand; null: of another store.
    SavedViews* known(const std::string& store);
    StateKeeper* m_keeper;
    WindowPrompts m_prompts;
    QWidget* m_window;
    std::string m_store;
    SavedViews m_ofStore, m_everywhere;
    struct Deleted
    {
        std::string store; ///< empty: of every store
        SavedView view;
        std::size_t place = 0;
    };
    std::optional<Deleted> m_deleted;
};

} // namespace faultline
