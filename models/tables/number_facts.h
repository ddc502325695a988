#pragma once
#include "models/query/engine.h"
#include "models/session/query_service.h"

#include <QObject>

#include <optional>
#include <vector>

namespace faultline {

/// Counts of a field's numbers by size: bar i is [from + i x width, from + (i + 1) x width).
struct Distribution
{
    double from = 0, width = 0;
    std::vector<std::uint64_t> counts;
    std::uint64_t above = 0; ///< at the end of the last bar and beyond: the long tail past p99
    double most = 0;         ///< the greatest number
};

/// Bounds for a distribution of about `bars` bars: of round width, from below the least number to past p99,
/// or to past the greatest where that is near. Empty when all numbers are equal.
std::vector<double> distributionCuts(double least, double most, double p99, std::size_t bars = 24);

/// What the numbers of one field are in the events of a selection: percentiles, how they are distributed, and
/// percentiles over time. All of it exact.
///
/// Asking   The whole first; distribution and times in a second pass, which needs its bounds.
/// Threads  Lives on the GUI thread and never blocks it.
/// Cancel   ask(), clear() and the destructor stop what is pending; a late answer is dropped.
class NumberFacts final : public QObject
{
    Q_OBJECT
public:
    /// Buckets of the percentiles over time: [origin + i x step, origin + (i + 1) x step) within `range`.
    struct TimeScale
    {
        TimeRange range;
        TimeNs origin = 0, step = kSecondNs;
    };

    explicit NumberFacts(std::shared_ptr<QueryService> queries, QObject* parent = nullptr);
    void ask(const Selection& selection, const QString& field, const TimeScale& scale);
    void clear();
    const std::optional<StatsAnswer>& whole() const { return m_whole; }
    const std::optional<Distribution>& distribution() const { return m_distribution; }
    const std::optional<StatsOverTimeAnswer>& overTime() const { return m_overTime; }
    const TimeScale& scale() const { return m_scale; }
    bool loading() const { return m_ticket.pending(); }
    const std::optional<Error>& error() const { return m_error; }

Q_SIGNALS:
    void changed();

private:
    void askMore();
    void fail(const Error& error);

    std::shared_ptr<QueryService> m_queries;
    Selection m_selection;
    QString m_field;
    TimeScale m_scale;
    std::optional<StatsAnswer> m_whole;
    std::optional<Distribution> m_distribution;
    std::optional<StatsOverTimeAnswer> m_overTime;
    std::optional<Error> m_error;
    QueryService::Ticket m_ticket;
};

} // namespace faultline
