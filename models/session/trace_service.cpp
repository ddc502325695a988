#include "models/session/trace_service.h"

#include "models/analysis/tracer.h"

namespace faultline {

TraceService::TraceService(std::shared_ptr<Tracer> tracer) : m_tracer(std::move(tracer)) {}

template <class Answer>
TraceService::Ticket TraceService::ask(std::function<Result<Answer>(Tracer&, std::stop_token)> work,
                                       Reply<Answer> reply)
{
    return m_asker.run([this, work = std::move(work),
                        reply = std::make_shared<Reply<Answer>>(std::move(reply))](std::stop_token stop,
                                                                                   const Asker::Tell& tell) {
        if (!m_tracer) return;
        auto answer = std::make_shared<const Result<Answer>>(work(*m_tracer, stop));
        tell([reply, answer] { (*reply)(*answer); }, true);
    });
}

TraceService::Ticket TraceService::trace(TraceQuestion question, Reply<Trace> reply)
{
    return ask<Trace>([question = std::move(question)](
                          Tracer& tracer, std::stop_token stop) { return tracer.trace(question, stop); },
                      std::move(reply));
}

TraceService::Ticket TraceService::top(TopTracesQuestion question, Reply<TopTraces> reply)
{
    return ask<TopTraces>([question = std::move(question)](
                              Tracer& tracer, std::stop_token stop) { return tracer.top(question, stop); },
                          std::move(reply));
}

TraceService::Ticket TraceService::skew(SkewQuestion question, Reply<SkewReport> reply)
{
    return ask<SkewReport>([question = std::move(question)](
                               Tracer& tracer, std::stop_token stop) { return tracer.skew(question, stop); },
                           std::move(reply));
}

} // namespace faultline
