#include "tests/support/answers.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace faultline::test {

namespace {

std::string show(const std::vector<std::optional<std::string>>& group)
{
    std::string out = "(";
    for (const auto& value : group) out += (value ? "'" + *value + "'" : "absent") + " ";
    return out + ")";
}

bool close(double a, double b)
{
    return a == b || std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b));
}

std::string show(const EventKey& key)
{
    return std::to_string(key.time) + "/" + std::to_string(key.source.value) + "/" +
           std::to_string(key.ordinal);
}

/// What differs between two answers, as a sentence; empty when nothing does.
std::string compare(const CountAnswer& a, const CountAnswer& b)
{
    return a.count == b.count ? "" : std::to_string(a.count) + " events, not " + std::to_string(b.count);
}

std::string compare(const HistogramAnswer& a, const HistogramAnswer& b)
{
    if (a.total != b.total) return "total " + std::to_string(a.total) + ", not " + std::to_string(b.total);
    if (a.outside != b.outside)
        return "outside " + std::to_string(a.outside) + ", not " + std::to_string(b.outside);
    if (a.firstBucket != b.firstBucket || a.buckets != b.buckets) return "other buckets";
    if (a.series.size() != b.series.size()) return "other number of series";
    for (std::size_t i = 0; i < a.series.size(); ++i) {
        const auto &x = a.series[i], &y = b.series[i];
        if (x.group != y.group || x.absent != y.absent || x.other != y.other || x.counts != y.counts ||
            x.total != y.total) {
            return "series " + std::to_string(i) + " is another";
        }
    }
    return "";
}

std::string compare(const FacetAnswer& a, const FacetAnswer& b)
{
    if (a.total != b.total) return "total " + std::to_string(a.total) + ", not " + std::to_string(b.total);
    // Asked for every field, the scanner adds canonical names that no event spells so; that they are right is
    // asked for by name, in namesOfEveryField().
    std::vector<FieldSummary> mine;
    const auto& theirs = b.fields;
    for (const auto& each : a.fields) {
        const auto same = [&](const FieldSummary& other) { return other.field == each.field; };
        static const std::set<std::string> extra{"severity", "message",  "service", "host",
                                                 "logger",   "trace_id", "span_id"};
        if (extra.count(each.field) == 0 || std::any_of(theirs.begin(), theirs.end(), same))
            mine.push_back(each);
    }
    if (mine.size() != theirs.size()) return "other number of fields";
    for (std::size_t i = 0; i < mine.size(); ++i) {
        const auto &x = mine[i], &y = theirs[i];
        if (x.field != y.field) return "field " + x.field + ", not " + y.field;
        if (x.type != y.type) return x.field + " is " + x.type + ", not " + y.type;
        if (x.present != y.present || x.distinct != y.distinct)
            return x.field + ": present or distinct differ";
        if (x.top.size() != y.top.size()) return x.field + ": other number of values";
        for (std::size_t k = 0; k < x.top.size(); ++k) {
            if (x.top[k].value != y.top[k].value || x.top[k].count != y.top[k].count) {
                return x.field + ": '" + x.top[k].value + "', not '" + y.top[k].value + "'";
            }
        }
    }
    return "";
}

std::string compare(const GroupAnswer& a, const GroupAnswer& b)
{
    if (a.total != b.total || a.groups != b.groups) return "other totals";
    if (a.rows.size() != b.rows.size()) return "other number of rows";
    for (std::size_t i = 0; i < a.rows.size(); ++i) {
        if (a.rows[i].group != b.rows[i].group || a.rows[i].count != b.rows[i].count) {
            return show(a.rows[i].group) + " " + std::to_string(a.rows[i].count) + ", not " +
                   show(b.rows[i].group) + " " + std::to_string(b.rows[i].count);
        }
    }
    return "";
}

std::string compare(const Statistics& a, const Statistics& b)
{
    if (a.count != b.count || a.nonNumeric != b.nonNumeric) {
        return std::to_string(a.count) + " numbers and " + std::to_string(a.nonNumeric) + " others, not " +
               std::to_string(b.count) + " and " + std::to_string(b.nonNumeric);
    }
    if (!close(a.min, b.min) || !close(a.max, b.max)) return "other bounds";
    if (!close(a.sum, b.sum) || !close(a.mean, b.mean)) return "other sum or mean";
    if (a.quantiles.size() != b.quantiles.size()) return "other number of percentiles";
    for (std::size_t i = 0; i < a.quantiles.size(); ++i) {
        if (!close(a.quantiles[i].second, b.quantiles[i].second)) {
            return "percentile " + std::to_string(a.quantiles[i].first) + ": " +
                   std::to_string(a.quantiles[i].second) + ", not " + std::to_string(b.quantiles[i].second);
        }
    }
    if (a.between != b.between) return "other counts between the cuts";
    return "";
}

std::string compare(const StatsOverTimeAnswer& a, const StatsOverTimeAnswer& b)
{
    if (a.firstBucket != b.firstBucket || a.buckets.size() != b.buckets.size())
        return std::to_string(a.buckets.size()) + " buckets from " + std::to_string(a.firstBucket) +
               ", not " + std::to_string(b.buckets.size()) + " from " + std::to_string(b.firstBucket);
    for (std::size_t i = 0; i < a.buckets.size(); ++i) {
        const std::string what = compare(a.buckets[i], b.buckets[i]);
        if (!what.empty())
            return "bucket " + std::to_string(a.firstBucket + static_cast<std::int64_t>(i)) + ": " + what;
    }
    return "";
}

std::string compare(const StatsAnswer& a, const StatsAnswer& b)
{
    if (a.allGroups != b.allGroups || a.groups.size() != b.groups.size())
        return std::to_string(a.groups.size()) + " of " + std::to_string(a.allGroups) + " groups, not " +
               std::to_string(b.groups.size()) + " of " + std::to_string(b.allGroups);
    for (std::size_t i = 0; i < a.groups.size(); ++i) {
        if (a.groups[i].group != b.groups[i].group)
            return "group " + show(a.groups[i].group) + ", not " + show(b.groups[i].group);
        const std::string what = compare(a.groups[i].statistics, b.groups[i].statistics);
        if (!what.empty()) return "group " + show(a.groups[i].group) + ": " + what;
    }
    return compare(static_cast<const Statistics&>(a), static_cast<const Statistics&>(b));
}

} // namespace

std::string difference(const EventRow& x, const EventRow& y)
{
    if (x.key != y.key) return show(x.key) + ", not " + show(y.key);
    if (x.severity != y.severity || x.flags != y.flags) return "severity or flags of " + show(x.key);
    if (x.message != y.message) return "message '" + x.message + "', not '" + y.message + "'";
    if (x.service != y.service || x.host != y.host || x.logger != y.logger)
        return "canonical fields of " + show(x.key);
    if (x.traceId != y.traceId || x.spanId != y.spanId) return "ids of " + show(x.key);
    if (!x.message.empty() && x.patternId != y.patternId) return "pattern of " + x.message;
    if (x.columns != y.columns) return "columns " + show(x.columns) + ", not " + show(y.columns);
    if (x.document != y.document) return "document " + x.document + ", not " + y.document;
    return "";
}

namespace {

std::string compare(const PageAnswer& a, const PageAnswer& b)
{
    for (std::size_t i = 0; i < std::min(a.rows.size(), b.rows.size()); ++i) {
        if (auto what = difference(a.rows[i], b.rows[i]); !what.empty())
            return "row " + std::to_string(i) + ": " + what;
    }
    if (a.rows.size() != b.rows.size()) {
        return std::to_string(a.rows.size()) + " rows, not " + std::to_string(b.rows.size());
    }
    return a.more == b.more ? "" : "other `more`";
}

std::string compare(const PatternAnswer& a, const PatternAnswer& b)
{
    if (a.total != b.total) return "other total";
    if (a.patterns.size() != b.patterns.size()) {
        return std::to_string(a.patterns.size()) + " patterns, not " + std::to_string(b.patterns.size());
    }
    for (std::size_t i = 0; i < a.patterns.size(); ++i) {
        const auto &x = a.patterns[i], &y = b.patterns[i];
        if (x.id != y.id || x.count != y.count) return "'" + x.pattern + "', not '" + y.pattern + "'";
        if (x.pattern != y.pattern || x.example != y.example) return "text of pattern '" + x.pattern + "'";
        if (x.timed != y.timed || x.first != y.first || x.last != y.last || x.bySeverity != y.bySeverity)
            return "times of '" + x.pattern + "'";
    }
    return "";
}

} // namespace

std::string difference(const Answer& a, const Answer& b)
{
    if (a.index() != b.index()) return "an answer to another question";
    return std::visit([&](const auto& x) { return compare(x, std::get<std::decay_t<decltype(x)>>(b)); }, a);
}

std::string describe(const Question& question)
{
    static const char* const names[] = {"count", "histogram", "facet",    "group",
                                        "stats", "page",      "patterns", "stats over time"};
    const Selection& selection =
        std::visit([](const auto& asked) -> const Selection& { return asked.selection; }, question);
    std::string out = names[question.index()];
    out += " of [" + (selection.filter ? printFilter(*selection.filter) : std::string()) + "]";
    if (!selection.range.unbounded()) {
        out += " in " + std::to_string(selection.range.begin) + ".." + std::to_string(selection.range.end);
    }
    if (const auto* group = std::get_if<GroupQuestion>(&question)) {
        for (const auto& field : group->by) out += " by " + field;
    }
    if (const auto* stats = std::get_if<StatsQuestion>(&question)) {
        out += " of field " + stats->field;
        for (const auto& field : stats->by) out += " by " + field;
    }
    if (const auto* stats = std::get_if<StatsOverTimeQuestion>(&question))
        out += " of field " + stats->field + " by " + std::to_string(stats->step) + " ns";
    if (const auto* facet = std::get_if<FacetQuestion>(&question); facet && !facet->values)
        out += ", presence";
    return out;
}

} // namespace faultline::test
