#include "views/investigate/event_asker.h"

#include <QClipboard>
#include <QGuiApplication>

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
    m_detail =
        m_queries->ask({question}, [reply = std::move(reply)](const Result<std::vector<Answer>>& answers,
                                                              const ScanProgress&) {
            if (!answers) return reply(answers.error());
            const auto& rows = std::get<PageAnswer>(answers->front()).rows;
            if (!rows.empty()) reply(rows.front());
        });
}

void EventAsker::copy(const EventKey& key)
{
    m_copy =
        m_queries->ask({about(key)}, [](const Result<std::vector<Answer>>& answers, const ScanProgress&) {
            if (!answers || std::get<PageAnswer>(answers->front()).rows.empty()) return;
            const std::string& bytes = std::get<PageAnswer>(answers->front()).rows.front().document;
            QGuiApplication::clipboard()->setText(
                QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size())));
        });
}

} // namespace faultline
