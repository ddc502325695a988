#include "models/session/query_service.h"

namespace faultline {

QueryService::QueryService(std::shared_ptr<QueryEngine> engine, std::size_t askers)
    : m_engine(std::move(engine)), m_asker(askers)
{}

QueryService::Ticket QueryService::ask(std::vector<Question> questions, Reply reply, bool withPartial)
{
    return m_asker.run([this, questions = std::move(questions),
                        reply = std::make_shared<Reply>(std::move(reply)),
                        withPartial](std::stop_token stop, const Asker::Tell& tell) {
        const auto deliver = [&](Result<std::vector<Answer>> answers, ScanProgress progress, bool last) {
            tell([reply, answers = std::move(answers), progress] { (*reply)(answers, progress); }, last);
        };
        ScanProgress done;
        done.exact = true;
        QueryEngine::Partial partial;
        if (withPartial && questions.size() == 1)
            partial = [&deliver, &done](const Answer& answer, const ScanProgress& progress) {
                if (progress.exact)
                    done = progress; // the same comes as the reply: it need not be shown twice
                else
                    deliver(std::vector<Answer>{answer}, progress, false);
            };
        auto answers = m_engine->askAll(questions, stop, partial);
        deliver(std::move(answers), done, true);
    });
}

QueryService::Ticket QueryService::run(Work work)
{
    return m_asker.run([this, work = std::move(work)](std::stop_token stop, const Asker::Tell& tell) {
        tell(work(*m_engine, stop), true);
    });
}

} // namespace faultline
