#pragma once
#include <QString>
#include <QWidget>

#include <functional>
#include <map>

class QStackedLayout;
class QTabBar;

namespace faultline {

class KeyTable;

/// What lies under the timeline of an investigation: one page at a time, each with its tab and its key. With
/// a single page there are neither.
///
/// Keys     Ctrl+1 is the first place, Ctrl+2 the second: rows of the table of keys that it is made with. A
///          page keeps its place and its key whichever others there are, and in whatever order they come.
/// Threads  GUI thread.
class ResultTabs final : public QWidget
{
    Q_OBJECT
public:
    /// From the left. A page for a further place: a name here, and one call of addPage().
    enum class Place { Events, Changes, Traces };

    /// `keys` lives as long.
    explicit ResultTabs(KeyTable& keys, QWidget* parent = nullptr);
    /// Takes a page over. `focus` gives it the keyboard; empty: the page itself has it. The first one added
    /// is in front, and stays so.
    void addPage(Place place, const QString& title, QWidget* page, std::function<void()> focus = {});
    Place current() const { return m_current; }
    /// Brings a page to the front, where it is known. The keyboard goes along when it is in the page before,
    /// or where `focus` says so.
    void show(Place place, bool focus = false);
    /// The keyboard goes to the page in front.
    void focusPage();
    /// What stands in a tab behind its title, as "12"; empty: nothing.
    void setNote(Place place, const QString& note);
    /// The pages beside the events: where F6 stops besides.
    void eachPage(const std::function<void(QWidget*, const std::function<void()>&)>& visit) const;

Q_SIGNALS:
    void currentChanged(faultline::ResultTabs::Place place);

private:
    struct Page
    {
        QString title, note;
        QWidget* widget = nullptr;
        std::function<void()> focus;
    };
    int tabOf(Place place) const;
    void showTitle(Place place);

    KeyTable& m_keys;
    QTabBar* m_bar;
    QStackedLayout* m_stack;
    std::map<Place, Page> m_pages; ///< in the order of the tabs
    Place m_current = Place::Events;
};

} // namespace faultline
