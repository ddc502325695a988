#include "models/tables/number_facts.h"

#include <algorithm>
#include <cmath>

namespace faultline {
namespace {

/// The value of a quantile that was asked for.
double quantile(const Statistics& statistics, double q)
{
    for (const auto& [asked, value] : statistics.quantiles)
        if (asked == q) return value;
    return statistics.max;
}

/// 1, 2, 2.5 or 5 times a power of ten, at least `least`.
double roundWidth(double least)
{
    const double power = std::pow(10.0, std::floor(std::log10(least)));
    for (const double factor : {1.0, 2.0, 2.5, 5.0})
        if (factor * power >= least) return factor * power;
    return 10.0 * power;
}

} // namespace

std::vector<double> distributionCuts(double least, double most, double p99, std::size_t bars)
{
    std::vector<double> cuts;
    if (!(most > least) || bars == 0 || !std::isfinite(most - least)) return cuts;
    // A tail that is long would press all else into one bar.
    const double end = p99 > least && most - least > 1.5 * (p99 - least) ? p99 : most;
    const double width = roundWidth((end - least) / static_cast<double>(bars));
    const double from = std::floor(least / width);
    for (std::size_t i = 0; i <= 2 * bars + 2; ++i) {
        const double cut = (from + static_cast<double>(i)) * width;
        // So near to each other that a double cannot tell them apart.
        if (!std::isfinite(cut) || (!cuts.empty() && cut <= cuts.back())) return {};
        cuts.push_back(cut);
        if (cut > end) break;
    }
    return cuts;
}

NumberFacts::NumberFacts(std::shared_ptr<QueryService> queries, QObject* parent)
    : QObject(parent), m_queries(std::move(queries))
{}

void NumberFacts::clear()
{
    m_ticket.cancel();
    m_field.clear();
    m_whole.reset();
    m_distribution.reset();
    m_overTime.reset();
    m_error.reset();
    Q_EMIT changed();
}

void NumberFacts::fail(const Error& error)
{
    if (error.kind == ErrorKind::Cancelled) return;
    m_error = error;
    Q_EMIT changed();
}

void NumberFacts::ask(const Selection& selection, const QString& field, const TimeScale& scale)
{
    if (field != m_field) clear();
    m_field = field;
    m_selection = selection;
    m_scale = scale;
    m_error.reset();
    StatsQuestion question;
    question.selection = selection;
    question.field = field.toStdString();
    m_ticket =
        m_queries->ask({question}, [this](const Result<std::vector<Answer>>& answers, const ScanProgress&) {
            if (!answers) return fail(answers.error());
            m_whole = std::get<StatsAnswer>(answers->front());
            m_distribution.reset();
            m_overTime.reset();
            if (m_whole->count > 0) askMore();
            Q_EMIT changed();
        });
}

void NumberFacts::askMore()
{
    StatsQuestion sizes;
    sizes.selection = m_selection;
    sizes.field = m_field.toStdString();
    sizes.quantiles = {};
    sizes.cuts = distributionCuts(m_whole->min, m_whole->max, quantile(*m_whole, 0.99));
    StatsOverTimeQuestion times;
    times.selection = {m_selection.filter, m_scale.range};
    times.field = sizes.field;
    times.origin = m_scale.origin;
    times.step = m_scale.step;
    m_ticket =
        m_queries->ask({sizes, times}, [this, cuts = sizes.cuts](const Result<std::vector<Answer>>& answers,
                                                                 const ScanProgress&) {
            if (!answers) return fail(answers.error());
            const auto& counted = std::get<StatsAnswer>(answers->front());
            if (cuts.size() >= 2 && counted.between.size() == cuts.size() + 1) {
                Distribution made;
                made.from = cuts.front();
                made.width = cuts[1] - cuts[0];
                made.counts.assign(counted.between.begin() + 1, counted.between.end() - 1);
                made.above = counted.between.back();
                made.most = counted.max;
                m_distribution = std::move(made);
            }
            m_overTime = std::get<StatsOverTimeAnswer>(answers->back());
            Q_EMIT changed();
        });
}

} // namespace faultline
