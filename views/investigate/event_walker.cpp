#include "views/investigate/event_walker.h"

#include "models/query/filter_build.h"
#include "views/render/plain_text.h"

#include <algorithm>

namespace faultline {
namespace {

/// Events at one time that a link is looked for among; more have the same nanosecond in no real log.
constexpr std::uint64_t kMostAtOnce = 5'000;

} // namespace

EventWalker::EventWalker(std::shared_ptr<QueryService> queries, QObject* parent)
    : QObject(parent), m_queries(std::move(queries))
{}

void EventWalker::first(PageQuestion question, const QString& nothing)
{
    question.limit = 1;
    m_ticket =
        m_queries->ask({std::move(question)},
                       [this, nothing](const Result<std::vector<Answer>>& answers, const ScanProgress&) {
                           if (!answers) {
                               if (answers.error().kind != ErrorKind::Cancelled)
                                   Q_EMIT notFound(oneLine(answers.error().line()));
                               return;
                           }
                           const auto& rows = std::get<PageAnswer>(answers->front()).rows;
                           if (rows.empty())
                               Q_EMIT notFound(nothing);
                           else
                               Q_EMIT found(rows.front().key);
                       });
}

void EventWalker::nextMatch(const Selection& selection, const EventKey& from, bool back)
{
    PageQuestion question;
    question.selection = selection;
    question.order = back ? Order::Descending : Order::Ascending;
    question.after = from;
    first(std::move(question), back ? tr("No match before this event") : tr("No match after this event"));
}

void EventWalker::nextError(const Selection& selection, const EventKey& from, bool back)
{
    PageQuestion question;
    question.selection = selection;
    const FilterPtr bad = filters::compare("severity", Filter::Op::GreaterEqual, "error");
    question.selection.filter = selection.filter ? filters::allOf({selection.filter, bad}) : bad;
    question.order = back ? Order::Descending : Order::Ascending;
    question.after = from;
    first(std::move(question), back ? tr("No error before this event") : tr("No error after this event"));
}

void EventWalker::nextJump(const Selection& selection, const TimelineData& data, TimeNs from, bool back)
{
    const std::vector<std::size_t> jumps = rateJumps(data);
    std::optional<TimeRange> bucket;
    for (const std::size_t at : jumps) {
        const TimeRange range = data.bucket(at);
        if (back ? range.end > from : range.begin <= from) continue;
        bucket = range;
        if (!back) break;
    }
    if (!bucket) {
        Q_EMIT notFound(back ? tr("The rate does not jump before this in the range at hand")
                             : tr("The rate does not jump after this in the range at hand"));
        return;
    }
    PageQuestion question;
    question.selection = {selection.filter, *bucket};
    question.order = Order::Ascending;
    first(std::move(question), tr("The events of this jump are gone"));
}

void EventWalker::find(const ViewLink& link)
{
    if (link.selection.empty() || !link.at) return;
    PageQuestion question;
    question.selection.range = {*link.at, *link.at == kTimeMax ? kTimeMax : *link.at + 1};
    question.order = Order::Ascending;
    question.limit = kMostAtOnce;
    question.withDocument = true;
    m_ticket = m_queries->ask(
        {std::move(question)},
        [this, wanted = link.selection](const Result<std::vector<Answer>>& answers, const ScanProgress&) {
            if (!answers) {
                Q_EMIT notFound(oneLine(answers.error().line()));
                return;
            }
            const auto& rows = std::get<PageAnswer>(answers->front()).rows;
            const auto same = std::find_if(rows.begin(), rows.end(), [&](const EventRow& row) {
                return contentHash(row.document) == wanted;
            });
            if (same == rows.end())
                Q_EMIT notFound(tr("This store does not hold the line that the link names"));
            else
                Q_EMIT found(same->key);
        });
}

void EventWalker::link(const ViewLink& view, const EventKey& key, std::function<void(const QString&)> reply)
{
    PageQuestion question;
    question.order = Order::Ascending;
    question.after = key;
    question.inclusive = true;
    question.limit = 1;
    question.withDocument = true;
    m_linkTicket = m_queries->ask(
        {std::move(question)}, [view = ViewLink(view), key, reply = std::move(reply)](
                                   const Result<std::vector<Answer>>& answers, const ScanProgress&) mutable {
            if (!answers) return;
            const auto& rows = std::get<PageAnswer>(answers->front()).rows;
            if (!rows.empty() && rows.front().key == key) {
                view.selection = contentHash(rows.front().document);
                view.at = key.time;
            }
            reply(QString::fromStdString(printLink(view)));
        });
}

} // namespace faultline
