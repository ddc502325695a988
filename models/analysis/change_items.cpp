#include "models/analysis/change_items.h"

#include "models/analysis/change_statistics.h"
#include "models/query/filter_build.h"
#include "models/query/pattern_id.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <tuple>

namespace faultline {

namespace {

constexpr std::size_t kOfField = 12;       // values of one field that go on
constexpr double kWorthwhile = 2.5;        // |naive| below which nothing can pass among so many tests
constexpr std::size_t kPassingValues = 12; // of a field whose values come and go
constexpr std::size_t kGaugeValues = 24;   // numbers that are taken for names (status codes), at most
constexpr std::uint64_t kGaugeShare = 10;  // of more, those that one in so many events have
constexpr std::array kLowCuts{0.01, 0.05, 0.25};
constexpr std::array kHighCuts{0.5, 0.75, 0.9, 0.95, 0.99, 0.999};

/// Digits that a person can read; exact for whole numbers up to 1,000.
double rounded(double value)
{
    if (value == 0 || (std::abs(value) < 1000 && value == std::floor(value))) return value;
    const double unit = std::pow(10.0, std::floor(std::log10(std::abs(value))) - 2);
    return std::floor(value / unit + 0.5) * unit;
}

/// The shortest text that is this number, without an exponent where it can be had.
std::string numberText(double value)
{
    std::array<char, 64> text;
    const bool plain = value == 0 || (std::abs(value) >= 1e-6 && std::abs(value) < 1e18);
    const auto end =
        plain ? std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed).ptr
              : std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}

double shareOf(std::uint64_t part, std::uint64_t all)
{
    return all == 0 ? 0 : static_cast<double>(part) / static_cast<double>(all);
}

bool tested(std::uint64_t x, std::uint64_t y)
{
    return x + y >= statistics::kLeastEvents;
}

double naiveOf(const ChangeItem& item, double exposure)
{
    return statistics::signedRoot(static_cast<double>(item.count[0]), static_cast<double>(item.count[1]),
                                  exposure);
}

/// Values that are on one side only, of a field that has many: ids, batches, minutes. A new one is what is
/// to be expected of it.
bool comeAndGo(const std::vector<FieldTally::Value>& values)
{
    std::size_t lone[2] = {0, 0};
    std::uint64_t loneEvents = 0, events = 0;
    for (const auto& value : values) {
        const std::uint64_t all = value.count[0] + value.count[1];
        events += all;
        for (int side = 0; side < 2; ++side) {
            if (value.count[side] == 0 || value.count[1 - side] != 0) continue;
            ++lone[side];
            loneEvents += all;
        }
    }
    return lone[0] >= kPassingValues / 2 && lone[1] >= kPassingValues / 2 && 2 * loneEvents > events;
}

void addNumbers(const FieldTally& tally, double exposure, FieldItems& found)
{
    const auto bins = tally.numbers().bins();
    if (bins.size() < 2) return;
    const std::uint64_t valuesA = tally.numbers().values(0), valuesB = tally.numbers().values(1);
    if (!tested(valuesA, valuesB) || valuesA == 0 || valuesB == 0) return;
    // Cuts where the sides together, each counted alike, reach a share.
    std::vector<double> reached(bins.size());
    std::vector<std::uint64_t> upTo[2];
    double sum = 0;
    std::uint64_t below[2] = {0, 0};
    for (std::size_t i = 0; i < bins.size(); ++i) {
        sum += (shareOf(bins[i].count[0], valuesA) + shareOf(bins[i].count[1], valuesB)) / 2;
        reached[i] = sum;
        for (int side = 0; side < 2; ++side) upTo[side].push_back(below[side] += bins[i].count[side]);
    }
    const std::uint64_t all[2] = {valuesA, valuesB};
    std::optional<ChangeItem> best;
    std::size_t last = bins.size();
    const auto look = [&](double share, bool above) {
        const auto at = static_cast<std::size_t>(
            std::lower_bound(reached.begin(), reached.end(), share - 1e-12) - reached.begin());
        if (at + 1 >= bins.size() || at == last) return;
        last = at;
        ChangeItem item;
        item.kind = Change::Kind::Number;
        item.field = tally.name();
        item.numbers.cut = rounded(bins[at].low);
        item.numbers.above = above;
        for (int side = 0; side < 2; ++side)
            item.count[side] = above ? all[side] - upTo[side][at] : upTo[side][at];
        if (!tested(item.count[0], item.count[1])) return;
        ++found.tests;
        item.naive = naiveOf(item, exposure);
        if (!best || std::abs(item.naive) > std::abs(best->naive)) best = std::move(item);
    };
    for (const double share : kLowCuts) look(share, false);
    last = bins.size();
    for (const double share : kHighCuts) look(share, true);
    if (!best || std::abs(best->naive) < kWorthwhile) return;
    Change::Numbers& numbers = best->numbers;
    numbers.medianA = bins[binOfQuantile(bins, 0, 0.5)].low;
    numbers.medianB = bins[binOfQuantile(bins, 1, 0.5)].low;
    numbers.p95A = bins[binOfQuantile(bins, 0, 0.95)].low;
    numbers.p95B = bins[binOfQuantile(bins, 1, 0.95)].low;
    numbers.distance = kolmogorovDistance(bins);
    numbers.valuesA = valuesA;
    numbers.valuesB = valuesB;
    best->value = numberText(numbers.cut);
    found.items.push_back(std::move(*best));
}

} // namespace

FilterPtr ChangeItem::filter() const
{
    switch (kind) {
    case Change::Kind::Pattern:
        return filters::equals(std::string(kPatternIdField), patternIdText(patternId));
    case Change::Kind::Value: return filters::equals(field, value);
    case Change::Kind::Pair:
        return filters::allOf({filters::equals(field, value), filters::equals(secondField, secondValue)});
    case Change::Kind::Number:
        return filters::compare(field, numbers.above ? Filter::Op::Greater : Filter::Op::LessEqual, value);
    case Change::Kind::Presence: return filters::exists(field);
    }
    return filters::all();
}

bool ChangeItem::before(const ChangeItem& other) const
{
    const auto key = [](const ChangeItem& item) {
        return std::tie(item.kind, item.patternId, item.field, item.value, item.secondField,
                        item.secondValue);
    };
    return key(*this) < key(other);
}

void keepStrongest(std::vector<ChangeItem>& items, std::size_t most)
{
    std::sort(items.begin(), items.end(), [](const ChangeItem& a, const ChangeItem& b) {
        const double x = std::abs(a.naive), y = std::abs(b.naive);
        return x != y ? x > y : a.before(b);
    });
    if (items.size() > most) items.resize(most);
}

FieldItems itemsOf(const FieldTally& tally, double exposure, std::uint64_t eventsA, std::uint64_t eventsB)
{
    FieldItems found;
    const std::string& field = tally.name();
    ChangeItem presence;
    presence.kind = Change::Kind::Presence;
    presence.field = field;
    presence.count[0] = tally.present(0);
    presence.count[1] = tally.present(1);
    const bool everywhere = presence.count[0] == eventsA && presence.count[1] == eventsB;
    if (!everywhere && tested(presence.count[0], presence.count[1])) {
        ++found.tests;
        presence.naive = naiveOf(presence, exposure);
        if (std::abs(presence.naive) >= kWorthwhile) found.items.push_back(presence);
    }
    addNumbers(tally, exposure, found);

    auto values = tally.values();
    if (tally.many())
        found.notes.push_back({field, FieldNote::Why::ManyValues, tally.distinct(), tally.often()});
    if (comeAndGo(values)) {
        found.notes.clear();
        found.notes.push_back({field, FieldNote::Why::Passing, values.size(), 0});
        return found;
    }
    // Of a gauge with many values only one that is stuck at: what it does otherwise the cuts tell.
    const bool gauge =
        values.size() > kGaugeValues && tally.numbers().values(0) + tally.numbers().values(1) != 0;
    std::vector<ChangeItem> items;
    for (const auto& value : values) {
        if (!tested(value.count[0], value.count[1])) continue;
        if (gauge && value.count[0] * kGaugeShare < tally.present(0) &&
            value.count[1] * kGaugeShare < tally.present(1))
            continue;
        ++found.tests;
        ChangeItem item;
        item.field = field;
        item.value = value.text;
        item.count[0] = value.count[0];
        item.count[1] = value.count[1];
        item.naive = naiveOf(item, exposure);
        found.strongest = std::max(found.strongest, std::abs(item.naive));
        if (std::abs(item.naive) >= kWorthwhile) items.push_back(std::move(item));
    }
    keepStrongest(items, kOfField);
    std::move(items.begin(), items.end(), std::back_inserter(found.items));
    if (values.size() >= 2 && values.size() <= kFewValues && !tally.many()) found.few = std::move(values);
    return found;
}

} // namespace faultline
