#pragma once
#include "models/session/query_service.h"
#include "models/session/view_link.h"
#include "views/investigate/event_list_view.h"

#include <QObject>

#include <memory>

namespace faultline {

/// Rows of a list to the clipboard: the original lines, or what the columns show, as text or as Markdown.
///
/// Size     What is longer than kMostBytes is cut at an event, and said to be.
/// Threads  GUI thread; rows are read and written into a text elsewhere. A later wish takes the place of an
///          earlier one.
class EventCopier final : public QObject
{
    Q_OBJECT
public:
    static constexpr std::size_t kMostBytes = 32 * 1024 * 1024;
    using Form = EventListView::CopyForm;
    explicit EventCopier(std::shared_ptr<QueryService> queries, QObject* parent = nullptr);
    /// `selection` and its `skip`th event name the first of `count` rows, or `first` does where it is known.
    struct Rows
    {
        Selection selection;
        std::optional<EventKey> first;
        std::uint64_t skip = 0, count = 0;
    };
    /// `link`: to the view that they are of; Markdown ends with it, pointing at the first of them.
    void copy(const Rows& rows, Form form, const ListLayout& layout, const ViewLink& link);

Q_SIGNALS:
    /// "Copied 12 events as Markdown", or why not.
    void said(const QString& text);

private:
    std::shared_ptr<QueryService> m_queries;
    QueryService::Ticket m_ticket;
};

/// One event as the columns of a layout show it, on one line; further lines of a value are indented below.
/// Plain text: control characters are pictures. Any thread.
QString eventAsText(const EventRow& event, const ListLayout& layout);
/// Plain text as a fenced block of Markdown that nothing in it can end. Any thread.
QString fenced(const QString& text);

} // namespace faultline
