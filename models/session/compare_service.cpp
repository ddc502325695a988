#include "models/session/compare_service.h"

#include "models/analysis/comparer.h"

namespace faultline {

CompareService::CompareService(std::shared_ptr<Comparer> comparer) : m_comparer(std::move(comparer)) {}

CompareService::Ticket CompareService::ask(CompareQuestion question, Reply reply)
{
    return m_asker.run([this, question = std::move(question),
                        reply = std::make_shared<Reply>(std::move(reply))](std::stop_token stop,
                                                                           const Asker::Tell& tell) {
        if (!m_comparer) return;
        const auto deliver = [&](Result<Comparison> answer, bool last) {
            tell([reply, answer = std::move(answer)] { (*reply)(answer); }, last);
        };
        deliver(m_comparer->compare(question, stop, [&](const Comparison& early) { deliver(early, false); }),
                true);
    });
}

} // namespace faultline
