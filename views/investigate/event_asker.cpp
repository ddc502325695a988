#include "views/investigate/event_asker.h"

namespace faultline {
namespace {

PageQuestion about(const EventKey& key)
{
    PageQuestion question;
    question.order = Order::Ascending;
    question.after = key;
    question.inclusive = true;
    question.limit = 1;
    question.withDocument = true;
    return question;
}

} // namespace

void EventAsker::detail(const EventKey& key, std::function<void(const Result<EventRow>&)> reply)
{
    PageQuestion question = about(key);
    question.withFields = true;
    question.fields = {"source"};
    m_detail =
        m_queries->ask({question}, [key, reply = std::move(reply)](const Result<std::vector<Answer>>& answers,
                                                                   const ScanProgress&) {
            if (!answers) return reply(answers.error());
            const auto& rows = std::get<PageAnswer>(answers->front()).rows;
            if (!rows.empty() && rows.front().key == key) return reply(rows.front());
            reply(makeError(ErrorKind::NotFound, "read the event", "it is not in the store any more"));
        });
}

} // namespace faultline
