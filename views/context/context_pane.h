#pragma once
#include "models/query/engine.h"
#include "models/session/list_layout.h"
#include "models/session/query_service.h"
#include "views/render/display_zone.h"
#include "views/render/theme.h"

#include <QWidget>

#include <memory>
#include <optional>

class QButtonGroup;
class QLabel;

namespace faultline {

class ContextModel;
class EventListView;

/// What happened around the chosen event, in order of time, without end in both directions: everything, or
/// what has its source, service, host or trace. Matches of the query are marked among the others.
///
/// Follows  follow() keeps the event at its height on the screen; scrolling moves it only until the next one.
/// Asking   Nothing while the pane is hidden.
/// Threads  GUI thread.
class ContextPane final : public QWidget
{
    Q_OBJECT
public:
    using Scope = ListLayout::Scope;
    explicit ContextPane(std::shared_ptr<QueryService> queries, QWidget* parent = nullptr);
    ~ContextPane() override;
    void setTheme(const Theme& theme);
    EventListView* list() const { return m_list; }
    ContextModel* model() const { return m_model; }
    /// The event to show what is around; nothing: none is chosen.
    void follow(const std::optional<EventKey>& key);
    /// All of the event that is followed, its source as the first of its columns; others are ignored.
    void setEvent(const EventRow& event);
    /// Events that are matches.
    void setMatches(const Selection& selection);
    void setFields(const std::vector<std::string>& fields);
    /// How times are shown.
    void setZone(const DisplayZone& zone);
    /// The store has changed.
    void refresh();
    Scope scope() const { return m_scope; }
    void setScope(Scope scope);
    /// The events of the scope, for what is done with rows of the list.
    Selection selection() const;

Q_SIGNALS:
    /// The user has gone to another event here.
    void eventChosen(const faultline::EventKey& key);
    void scopeChanged();
    void closeRequested();
    void left(); ///< Esc: the keyboard goes back to the matches
    void failed(const faultline::Error& error);

protected:
    void showEvent(QShowEvent* event) override;

private:
    void makeHeader();
    void connectModel();
    void makeKeys();
    void look();
    void showTitle();
    /// The filter of the scope for the event at hand; `missing` when the event does not have what it needs.
    FilterPtr filterOfScope(bool& missing) const;
    /// Field and value of the scope; no field for everything.
    std::pair<std::string, std::string> scopeValue() const;
    void place(int row, bool there);

    ContextModel* m_model;
    EventListView* m_list;
    QLabel* m_title;
    QButtonGroup* m_scopes;
    QWidget* m_header;
    Scope m_scope = Scope::Everything;
    std::optional<EventKey> m_key;
    std::optional<EventRow> m_event; ///< of m_key, once it is known
    DisplayZone m_zone;
    FilterPtr m_filter; ///< of the rows shown
    QString m_failure;
    std::optional<int> m_below; ///< rows from the top of the list to the event that is followed
    struct Held
    {
        std::optional<EventKey> top, current;
    } m_held; ///< while rows are read again
};

} // namespace faultline
