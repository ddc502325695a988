#include "views/investigate/query_hints.h"

#include "views/render/plain_text.h"

#include <utility>

namespace faultline {
namespace {

constexpr qsizetype kMostSentence = 160;

FilterPtr withoutTimeIn(const FilterPtr& filter)
{
    auto timed = std::make_shared<Filter>();
    timed->kind = Filter::Kind::Exists;
    timed->field = "timestamp";
    auto untimed = std::make_shared<Filter>();
    untimed->kind = Filter::Kind::Not;
    untimed->children = {timed};
    if (filter == nullptr) return untimed;
    auto both = std::make_shared<Filter>();
    both->kind = Filter::Kind::And;
    both->children = {filter, untimed};
    return both;
}

} // namespace

QueryHints::QueryHints(std::shared_ptr<QueryService> queries, QObject* parent)
    : QObject(parent), m_queries(std::move(queries))
{}

void QueryHints::look(const Selection& selection, bool withoutTime, bool again)
{
    const bool same = m_selection.filter == selection.filter && !again;
    m_selection = selection;
    m_again.reset();
    if (again && (m_withoutTime.pending() || m_unknown.pending())) {
        m_again = withoutTime; // on a store that changes all the time an answer must come through
        return;
    }
    if (!again) m_empty.cancel();
    m_withoutTime.cancel();
    if (withoutTime) {
        CountQuestion question;
        question.selection.filter = withoutTimeIn(selection.filter);
        m_withoutTime = m_queries->ask({question}, [this](const Result<std::vector<Answer>>& answers,
                                                          const ScanProgress&) {
            if (answers)
                Q_EMIT withoutTimeCounted(static_cast<qint64>(std::get<CountAnswer>(answers->front()).count));
            goOn();
        });
    }
    if (same && m_unknown.pending()) return;
    if (same) return Q_EMIT unknownFound(m_sentences);
    if (!again) m_sentences.clear();
    m_unknown = m_queries->run([this, filter = selection.filter](QueryEngine& engine, std::stop_token stop) {
        QStringList sentences;
        if (const auto names = unknownNames(engine, filter, stop)) {
            for (const UnknownName& name : *names) {
                QString text = elidedMiddle(oneLine(sentence(name)), kMostSentence);
                if (!text.isEmpty()) text[0] = text[0].toUpper();
                sentences.push_back(text);
            }
        }
        return std::function<void()>([this, sentences] {
            m_sentences = sentences.join(QLatin1Char('\n'));
            Q_EMIT unknownFound(m_sentences);
            goOn();
        });
    });
}

void QueryHints::goOn()
{
    if (m_again && !m_withoutTime.pending() && !m_unknown.pending())
        look(Selection(m_selection), *std::exchange(m_again, std::nullopt), true);
}

void QueryHints::explainEmpty(const QString& text)
{
    m_empty = m_queries->run([this, selection = m_selection,
                              text = text.toStdString()](QueryEngine& engine, std::stop_token stop) {
        auto reason = whyEmpty(engine, selection, text, stop);
        auto remedies = reason ? std::move(reason->remedies) : std::vector<Remedy>();
        return std::function<void()>([this, remedies] { Q_EMIT remediesFound(remedies); });
    });
}

} // namespace faultline
