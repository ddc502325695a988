#pragma once
#include "models/query/filter_spans.h"
#include "models/session/query_service.h"
#include "views/render/theme.h"

#include <QObject>
#include <QPointer>
#include <QStringList>

#include <memory>
#include <optional>
#include <string>
#include <vector>

class QListWidget;
class QTimer;

namespace faultline {

class QueryEdit;

/// Completes what is typed in a QueryEdit: names of fields that the store has, and values that the field
/// really has in the range at hand, the most frequent first, with their counts.
///
/// Keys     Down and Up choose, Tab or Return takes, Esc closes; without a choice Return stays a search.
/// Threads  GUI thread; names and values come through QueryService. An answer to an earlier text is dropped.
class QueryCompleter final : public QObject
{
    Q_OBJECT
public:
    QueryCompleter(QueryEdit* edit, std::shared_ptr<QueryService> queries);
    ~QueryCompleter() override;
    void setTheme(const Theme& theme);
    /// Values come from these events; the store may have new names.
    void setRange(TimeRange range);
    void refreshNames();
    /// What is offered now, for tests and screen readers.
    QStringList offered() const;
    /// The text is another one, or was asked for: nothing is offered, also not by an answer on its way.
    void hide();
    bool visible() const;

Q_SIGNALS:
    void taken(const QString& text); ///< the text is now this

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    struct Offer
    {
        std::string text;
        std::uint64_t count = 0; ///< 0: a name
    };
    void look();
    void askNames();
    void askValues();
    void offerNames();
    void show(std::vector<Offer> offers);
    void take(int row);
    bool key(int pressed);

    QueryEdit* m_edit;
    std::shared_ptr<QueryService> m_queries;
    QPointer<QListWidget> m_list; ///< of the window, so that it may stand over other widgets
    QTimer* m_pause;
    TimeRange m_range;
    std::optional<CompletionPlace> m_place;
    std::vector<std::string> m_names;
    std::vector<Offer> m_offers;
    bool m_namesKnown = false;
    QueryService::Ticket m_namesTicket, m_valuesTicket;
};

} // namespace faultline
