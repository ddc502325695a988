#pragma once
#include "models/analysis/comparison.h"
#include "models/session/compare_service.h"
#include "models/tables/change_list_model.h"
#include "views/render/display_zone.h"
#include "views/render/theme.h"

#include <QWidget>

#include <functional>
#include <memory>
#include <optional>

class QLabel;
class QSplitter;
class QToolButton;

namespace faultline {

class ChangeRowDelegate;
class KeyedList;

/// What the pane needs of the screen that it is in.
struct ChangesHost
{
    std::function<std::optional<Selection>()> chosen; ///< what is odd; nothing: there is no time chosen
    std::function<void(const Change&, bool exclude)> filter;
    std::function<void(const QString& field)> group;
    std::function<void()> show;  ///< brings the pane to the front, with the keyboard
    std::function<void()> leave; ///< the keyboard goes back to the events
    std::function<void(const QString&)> say;
};

/// "What changed" in the window: asks for what is chosen against the time before, the rest or a time that was
/// kept, shows the differences as they are ranked, and why each of them is.
///
/// State    Nothing asked yet, looking, first results, an answer, no difference, an error: each says so.
/// Threads  GUI thread; an answer that belongs to an earlier question is dropped.
class ChangesPane final : public QWidget
{
    Q_OBJECT
public:
    enum class Against { Before, Rest, Kept };
    ChangesPane(std::shared_ptr<CompareService> compares, ChangesHost host, QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    void setZone(const DisplayZone& zone);
    /// So many events are in the store by now: an answer of when there were fewer is said to be so.
    void setStoreEvents(std::uint64_t events);
    /// Asks about what is chosen on the screen.
    void compareHere();
    void compareRange(const TimeRange& range);
    /// Asks what is odd from the user against what: a menu at the button that says it.
    void chooseAgainst();
    /// This time is the good one: what follows is compared with it.
    void keepAsGood(const TimeRange& range);
    void focusList();
    ChangeListModel* model() const { return m_model; }

public Q_SLOTS:
    /// What is different from this time on, against as long before.
    void compareAround(faultline::TimeNs time);

private:
    void makeKeys();
    void ask(const Selection& a, bool before);
    void take(const Result<Comparison>& answer);
    void stopOrLeave();
    void showState();
    void showWhy();
    void copy(bool markdown);
    const Change* current() const;
    QString sideText(const QString& name, const Selection& side, std::uint64_t events,
                     const TimeRange& time) const;
    QString againstText() const;

    std::shared_ptr<CompareService> m_compares;
    ChangesHost m_host;
    DisplayZone m_zone;
    ChangeListModel* m_model;
    ChangeRowDelegate* m_rows;
    QLabel *m_sides, *m_state, *m_why, *m_note;
    QToolButton *m_against, *m_order;
    KeyedList* m_list;
    QSplitter* m_split;
    Against m_choice = Against::Before;
    std::optional<TimeRange> m_kept;
    std::optional<CompareQuestion> m_asked;
    bool m_fellBack = false; ///< there was nothing before: the rest took its place
    bool m_stopped = false;
    std::optional<Error> m_error;
    std::uint64_t m_events = 0, m_eventsThen = 0; ///< in the store, now and when it was asked
    CompareService::Ticket m_ticket;
};

} // namespace faultline
