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
/// last deletion back. GUI thread; another window's views stay, since each change is made to what is on disk.
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
    void change(bool everywhere, const std::function<void(SavedViews&)>& make);
    StateKeeper* m_keeper;
    WindowPrompts m_prompts;
    QWidget* m_window;
    std::string m_store;
    SavedViews m_ofStore, m_everywhere;
    struct Deleted
    {
        bool everywhere = false;
        SavedView view;
    };
    std::optional<Deleted> m_deleted;
};

} // namespace faultline
