#include "tests/support/truth.h"

#include "models/base/hash.h"
#include "models/query/match.h"
#include "models/query/pattern_id.h"
#include "models/records/mask.h"
#include "models/records/time_text.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <stdexcept>

namespace faultline::test {

namespace {

constexpr std::array<std::string_view, 6> kCanonicalNames{"message", "service",  "host",
                                                          "logger",  "trace_id", "span_id"};

bool timed(const TruthEvent& event)
{
    return (event.flags & FlagTimeMissing) == 0;
}

const TruthValue* valueAt(const TruthEvent& event, std::string_view path)
{
    for (const auto& value : event.values)
        if (value.path == path) return &value;
    return nullptr;
}

/// The value a name stands for: the canonical one, else the event's own.
const TruthValue* valueOf(const TruthEvent& event, std::string_view name)
{
    for (std::size_t i = 0; i < kCanonicalNames.size(); ++i)
        if (kCanonicalNames[i] == name && !event.canonical[i].empty())
            if (const auto* value = valueAt(event, event.canonical[i])) return value;
    return valueAt(event, name);
}

/// `text` as mantissa and scale.
Decimal decimalOf(const std::string& text)
{
    const auto point = text.find('.');
    std::string digits = text;
    digits.erase(point, 1);
    return {std::stoll(digits), static_cast<std::uint8_t>(text.size() - point - 1)};
}

bool testValue(const ValueTest& test, const TruthValue& value, std::string_view rest = {})
{
    if (!rest.empty()) return value.kind == ValueKind::Json && test.testJson(value.text, rest);
    switch (value.kind) {
    case ValueKind::Text: return test.testText(value.text);
    case ValueKind::Int: return test.testInt(std::stoll(value.text));
    case ValueKind::Decimal: return test.testDecimal(decimalOf(value.text));
    case ValueKind::Number: return test.testNumber(value.text);
    case ValueKind::Bool: return test.testBool(value.text == "true");
    case ValueKind::Null: return test.testNull();
    case ValueKind::Json: return test.testJson(value.text);
    case ValueKind::Time: break;
    }
    const auto time = parseTime(value.text, {});
    return time && test.testTime(time->ns, time->layout);
}

/// Leaves that were compiled for a question, by their place in its filter.
using Tests = std::map<const Filter*, ValueTest>;

bool matchesLeaf(const Filter& leaf, const TruthEvent& event, Tests& tests)
{
    auto known = tests.find(&leaf);
    if (known == tests.end()) {
        auto compiled = ValueTest::compile(leaf);
        if (!compiled) throw std::logic_error(compiled.error().line());
        known = tests.emplace(&leaf, std::move(*compiled)).first;
    }
    const ValueTest& test = known->second;
    switch (test.subject()) {
    case ValueTest::Subject::EventSeverity: return test.testSeverity(event.severity);
    case ValueTest::Subject::EventTime: return timed(event) && test.testTimestamp(event.key.time);
    case ValueTest::Subject::AnyText:
        return std::any_of(event.values.begin(), event.values.end(), [&](const TruthValue& value) {
            return (value.kind == ValueKind::Text && test.testText(value.text)) ||
                   (value.kind == ValueKind::Json && test.testJson(value.text));
        });
    case ValueTest::Subject::Field: break;
    }
    if (leaf.field == "pattern_id")
        if (const auto* message = valueOf(event, "message");
            message && test.testText(patternIdText(hash64(patternOf(message->text)))))
            return true;
    if (const auto* value = valueOf(event, leaf.field); value && testValue(test, *value)) return true;
    // inside the JSON of a prefix: items.sku in the array `items`
    for (std::size_t dot = leaf.field.find('.'); dot != std::string::npos;
         dot = leaf.field.find('.', dot + 1))
        if (const auto* value = valueAt(event, leaf.field.substr(0, dot)))
            if (testValue(test, *value, std::string_view(leaf.field).substr(dot + 1))) return true;
    return false;
}

template <class Less> void sortFirst(auto& rows, std::size_t top, Less less)
{
    std::sort(rows.begin(), rows.end(), less);
    if (top > 0 && rows.size() > top) rows.resize(top);
}

std::int64_t floorDiv(std::int64_t a, std::int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

using Group = std::vector<std::optional<std::string>>;

Group groupOf(const TruthEvent& event, const std::vector<std::string>& by)
{
    Group group;
    for (const auto& field : by) group.push_back(fieldText(event, field));
    return group;
}

using Selected = std::vector<const TruthEvent*>;

Answer answer(const CountQuestion& question, const Selected& events)
{
    CountAnswer result;
    for (const auto* event : events)
        if (!question.before || event->key < *question.before) ++result.count;
    return result;
}

Answer answer(const HistogramQuestion& question, const Selected& events)
{
    HistogramAnswer result;
    result.total = events.size();
    std::map<Group, std::map<std::int64_t, std::uint64_t>> counts;
    std::optional<std::int64_t> first, last;
    for (const auto* event : events) {
        if (!timed(*event)) {
            ++result.outside;
            continue;
        }
        const std::int64_t bucket = floorDiv(event->key.time - question.origin, question.step);
        first = std::min(first.value_or(bucket), bucket);
        last = std::max(last.value_or(bucket), bucket);
        ++counts[groupOf(*event, question.by)][bucket];
    }
    if (!first) return result;
    result.firstBucket = *first;
    result.buckets = static_cast<std::size_t>(*last - *first + 1);
    for (const auto& [group, buckets] : counts) {
        HistogramAnswer::Series series;
        for (const auto& value : group) {
            series.group.push_back(value.value_or(""));
            series.absent.push_back(!value);
        }
        series.counts.resize(result.buckets);
        for (const auto& [bucket, count] : buckets) {
            series.counts[static_cast<std::size_t>(bucket - *first)] = count;
            series.total += count;
        }
        result.series.push_back(std::move(series));
    }
    std::stable_sort(result.series.begin(), result.series.end(),
                     [](const auto& a, const auto& b) { return a.total > b.total; });
    if (question.top > 0 && result.series.size() > question.top) {
        HistogramAnswer::Series other;
        other.other = true;
        other.counts.resize(result.buckets);
        for (std::size_t i = question.top; i < result.series.size(); ++i) {
            for (std::size_t b = 0; b < result.buckets; ++b) other.counts[b] += result.series[i].counts[b];
            other.total += result.series[i].total;
        }
        result.series.resize(question.top);
        result.series.push_back(std::move(other));
    }
    return result;
}

std::string_view kindName(ValueKind kind)
{
    switch (kind) {
    case ValueKind::Text: return "text";
    case ValueKind::Int: return "int";
    case ValueKind::Decimal:
    case ValueKind::Number: return "decimal";
    case ValueKind::Bool: return "bool";
    case ValueKind::Null: return "null";
    case ValueKind::Json: return "json";
    case ValueKind::Time: break;
    }
    return "text";
}

Answer answer(const FacetQuestion& question, const Selected& events)
{
    FacetAnswer result;
    result.total = events.size();
    std::set<std::string> fields(question.fields.begin(), question.fields.end());
    if (question.fields.empty())
        for (const auto* event : events)
            for (const auto& value : event->values) fields.insert(value.path);
    for (const auto& field : fields) {
        FieldSummary summary;
        summary.field = field;
        std::map<std::string, std::uint64_t> counts;
        std::set<std::string_view> kinds;
        for (const auto* event : events) {
            const auto text = fieldText(*event, field);
            if (!text) continue;
            ++summary.present;
            ++counts[*text];
            const auto* value = valueOf(*event, field);
            kinds.insert(field == "severity" || !value ? "text" : kindName(value->kind));
        }
        summary.distinct = question.values ? counts.size() : 0;
        summary.type = kinds.size() == 1 ? *kinds.begin() : kinds.empty() ? "" : "mixed";
        if (question.values)
            for (const auto& [value, count] : counts) summary.top.push_back({value, count});
        sortFirst(summary.top, question.top, [](const auto& a, const auto& b) {
            return a.count != b.count ? a.count > b.count : a.value < b.value;
        });
        result.fields.push_back(std::move(summary));
    }
    return result;
}

Answer answer(const GroupQuestion& question, const Selected& events)
{
    GroupAnswer result;
    result.total = events.size();
    std::map<Group, std::uint64_t> counts;
    for (const auto* event : events) ++counts[groupOf(*event, question.by)];
    result.groups = counts.size();
    for (const auto& [group, count] : counts) result.rows.push_back({group, count});
    sortFirst(result.rows, question.top, [](const auto& a, const auto& b) {
        return a.count != b.count ? a.count > b.count : a.group < b.group;
    });
    return result;
}

Statistics statistics(const StatsQuestion& question, const Selected& events)
{
    Statistics result;
    std::vector<double> numbers;
    for (const auto* event : events) {
        const auto* value = valueOf(*event, question.field);
        if (!value) continue;
        const bool number = value->kind == ValueKind::Int || value->kind == ValueKind::Decimal ||
                            value->kind == ValueKind::Number ||
                            (value->kind == ValueKind::Text && readNumber(value->text));
        if (number)
            numbers.push_back(std::strtod(value->text.c_str(), nullptr));
        else
            ++result.nonNumeric;
    }
    std::sort(numbers.begin(), numbers.end());
    result.count = numbers.size();
    if (!question.cuts.empty()) {
        result.between.assign(question.cuts.size() + 1, 0);
        for (const double number : numbers) {
            std::size_t place = 0;
            while (place < question.cuts.size() && number >= question.cuts[place]) ++place;
            ++result.between[place];
        }
    }
    if (numbers.empty()) return result;
    long double sum = 0;
    for (const double number : numbers) sum += number;
    result.min = numbers.front();
    result.max = numbers.back();
    result.sum = static_cast<double>(sum);
    result.mean = static_cast<double>(sum / static_cast<long double>(numbers.size()));
    for (const double q : question.quantiles) {
        const double place = q * static_cast<double>(numbers.size() - 1);
        const auto below = static_cast<std::size_t>(std::floor(place));
        const std::size_t above = std::min(below + 1, numbers.size() - 1);
        const double part = place - std::floor(place);
        result.quantiles.emplace_back(q, numbers[below] + (numbers[above] - numbers[below]) * part);
    }
    return result;
}

Answer answer(const StatsOverTimeQuestion& question, const Selected& events)
{
    StatsQuestion each;
    each.field = question.field;
    each.quantiles = question.quantiles;
    std::map<std::int64_t, Selected> buckets;
    for (const auto* event : events)
        if (timed(*event) && valueOf(*event, question.field))
            buckets[floorDiv(event->key.time - question.origin, question.step)].push_back(event);
    StatsOverTimeAnswer result;
    if (buckets.empty()) return result;
    result.firstBucket = buckets.begin()->first;
    for (std::int64_t bucket = result.firstBucket; bucket <= buckets.rbegin()->first; ++bucket)
        result.buckets.push_back(statistics(each, buckets[bucket]));
    return result;
}

Answer answer(const StatsQuestion& question, const Selected& events)
{
    StatsAnswer result;
    static_cast<Statistics&>(result) = statistics(question, events);
    if (question.by.empty()) return result;
    std::map<Group, Selected> groups;
    for (const auto* event : events) groups[groupOf(*event, question.by)].push_back(event);
    result.allGroups = groups.size();
    std::vector<const std::pair<const Group, Selected>*> order;
    for (const auto& group : groups) order.push_back(&group);
    sortFirst(order, question.top, [](const auto* a, const auto* b) {
        return a->second.size() != b->second.size() ? a->second.size() > b->second.size()
                                                    : a->first < b->first;
    });
    for (const auto* group : order)
        result.groups.push_back({group->first, statistics(question, group->second)});
    return result;
}

std::string canonicalText(const TruthEvent& event, std::string_view name)
{
    const auto* value = valueOf(event, name);
    return value ? value->text : std::string();
}

Answer answer(const PageQuestion& question, Selected events)
{
    const bool up = question.order == Order::Ascending;
    std::sort(events.begin(), events.end(),
              [up](const auto* a, const auto* b) { return up ? a->key < b->key : b->key < a->key; });
    PageAnswer result;
    std::uint64_t skipped = 0;
    for (const auto* event : events) {
        if (question.after && !(up ? *question.after < event->key : event->key < *question.after) &&
            !(question.inclusive && event->key == *question.after))
            continue;
        if (skipped < question.skip) {
            ++skipped;
            continue;
        }
        if (question.limit > 0 && result.rows.size() == question.limit) {
            result.more = true;
            break;
        }
        EventRow row;
        row.key = event->key;
        row.severity = event->severity;
        row.flags = event->flags;
        row.message = canonicalText(*event, "message");
        row.service = canonicalText(*event, "service");
        row.host = canonicalText(*event, "host");
        row.logger = canonicalText(*event, "logger");
        row.traceId = canonicalText(*event, "trace_id");
        row.spanId = canonicalText(*event, "span_id");
        row.patternId = hash64(patternOf(row.message));
        if (question.withDocument) row.document = event->document;
        if (question.withFields)
            for (const auto& value : event->values)
                row.fields.push_back({value.path, value.kind, value.text});
        for (const auto& field : question.fields) row.columns.push_back(fieldText(*event, field));
        result.rows.push_back(std::move(row));
    }
    return result;
}

Answer answer(const PatternQuestion& question, Selected events)
{
    std::sort(events.begin(), events.end(), [](const auto* a, const auto* b) { return a->key < b->key; });
    PatternAnswer result;
    result.total = events.size();
    std::map<std::uint64_t, PatternSummary> patterns;
    for (const auto* event : events) {
        const auto* message = valueOf(*event, "message");
        if (!message || message->kind != ValueKind::Text) continue;
        const std::string pattern = patternOf(message->text);
        PatternSummary& summary = patterns[hash64(pattern)];
        const bool timed = (event->flags & FlagTimeMissing) == 0;
        if (summary.count++ == 0 || (timed && !summary.timed)) {
            summary.id = hash64(pattern);
            summary.pattern = patternForDisplay(pattern);
            summary.example = message->text;
            summary.first = event->key.time;
            summary.timed = timed;
        }
        if (timed == summary.timed) summary.last = event->key.time;
        ++summary.bySeverity[severityClass(event->severity)];
    }
    for (auto& [id, summary] : patterns) result.patterns.push_back(std::move(summary));
    sortFirst(result.patterns, question.top, [](const auto& a, const auto& b) {
        return a.count != b.count ? a.count > b.count : a.id < b.id;
    });
    return result;
}

bool matchesTree(const Filter& filter, const TruthEvent& event, Tests& tests)
{
    const auto child = [&](const FilterPtr& inner) { return matchesTree(*inner, event, tests); };
    switch (filter.kind) {
    case Filter::Kind::All: return true;
    case Filter::Kind::And: return std::all_of(filter.children.begin(), filter.children.end(), child);
    case Filter::Kind::Or: return std::any_of(filter.children.begin(), filter.children.end(), child);
    case Filter::Kind::Not: return !child(filter.children.front());
    default: return matchesLeaf(filter, event, tests);
    }
}

bool selectsWith(const Selection& selection, const TruthEvent& event, Tests& tests)
{
    if (!selection.range.unbounded() && (!timed(event) || !selection.range.contains(event.key.time)))
        return false;
    return !selection.filter || matchesTree(*selection.filter, event, tests);
}

} // namespace

bool matches(const Filter& filter, const TruthEvent& event)
{
    Tests tests;
    return matchesTree(filter, event, tests);
}

bool selects(const Selection& selection, const TruthEvent& event)
{
    Tests tests;
    return selectsWith(selection, event, tests);
}

std::optional<std::string> fieldText(const TruthEvent& event, const std::string& field)
{
    if (field == "severity") return std::string(severityName(event.severity));
    if (field == "timestamp")
        return timed(event) ? std::optional(formatRfc3339(event.key.time)) : std::nullopt;
    const auto* value = valueOf(event, field);
    if (!value) return std::nullopt;
    return value->text;
}

Answer truth(const Question& question, const std::vector<TruthEvent>& events)
{
    return std::visit(
        [&](const auto& asked) {
            Selected selected;
            Tests tests;
            for (const auto& event : events)
                if (selectsWith(asked.selection, event, tests)) selected.push_back(&event);
            return answer(asked, std::move(selected));
        },
        question);
}

} // namespace faultline::test
