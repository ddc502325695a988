#include "models/analysis/change_text.h"

#include "models/records/time_text.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace faultline {

namespace {

std::string number(double value, int digits = 3)
{
    std::array<char, 64> text;
    std::snprintf(text.data(), text.size(), "%.*g", digits, value);
    return text.data();
}

/// 12,345
std::string grouped(std::uint64_t value)
{
    std::string digits = std::to_string(value);
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

std::string events(std::uint64_t count)
{
    return grouped(count) + (count == 1 ? " event" : " events");
}

std::string percent(double share)
{
    const double value = share * 100;
    std::array<char, 64> text;
    std::snprintf(text.data(), text.size(),
                  value >= 10    ? "%.0f %%"
                  : value >= 0.1 ? "%.1f %%"
                                 : "%.2g %%",
                  value);
    return text.data();
}

std::string expected(double value)
{
    if (value >= 10) return grouped(static_cast<std::uint64_t>(std::llround(value)));
    return number(value, 2);
}

} // namespace

std::string_view wayName(Change::Way way)
{
    switch (way) {
    case Change::Way::New: return "new";
    case Change::Way::Gone: return "gone";
    case Change::Way::More: return "more";
    case Change::Way::Less: return "less";
    }
    return "";
}

std::string_view kindName(Change::Kind kind)
{
    switch (kind) {
    case Change::Kind::Pattern: return "pattern";
    case Change::Kind::Value: return "value";
    case Change::Kind::Pair: return "pair";
    case Change::Kind::Number: return "number";
    case Change::Kind::Presence: return "presence";
    }
    return "";
}

std::string whatText(const Change& change)
{
    switch (change.kind) {
    case Change::Kind::Pattern: return "message pattern \"" + change.pattern + "\"";
    case Change::Kind::Value: return change.field + " = " + change.value;
    case Change::Kind::Pair:
        return change.field + " = " + change.value + " with " + change.secondField + " = " +
               change.secondValue;
    case Change::Kind::Number:
        return change.field + (change.numbers && !change.numbers->above ? " <= " : " > ") + change.value;
    case Change::Kind::Presence: return "events with " + change.field;
    }
    return {};
}

std::string whyText(const Change& change, const Comparison& comparison)
{
    std::string text;
    switch (change.way) {
    case Change::Way::New: text = "New: " + events(change.inA) + " in A, none in B"; break;
    case Change::Way::Gone:
        text = "Gone: none in A, where " + expected(change.expectedA) + " were to be expected of " +
               events(change.inB) + " in B";
        break;
    case Change::Way::More:
    case Change::Way::Less: {
        const double times = static_cast<double>(change.inA) / std::max(change.expectedA, 1e-9);
        const std::string factor = change.way == Change::Way::More
                                       ? number(times, 2) + " times as many"
                                       : percent(times) + " of what was to be expected";
        text = (change.way == Change::Way::More ? "More: " : "Less: ") + factor + ": " + events(change.inA) +
               " in A against " + expected(change.expectedA) + " (" + percent(change.shareA) + " of A, " +
               percent(change.shareB) + " of B)";
        break;
    }
    }
    if (change.numbers) {
        text += "; median " + number(change.numbers->medianB) + " to " + number(change.numbers->medianA) +
                ", 95th percentile " + number(change.numbers->p95B) + " to " + number(change.numbers->p95A);
    }
    text += "; " + number(change.strength, 3) + " standard errors";
    if (change.dispersion >= 1.5)
        text += " (counts vary " + number(change.dispersion, 2) + " times as much as those of single events)";
    text += ", q " + (change.q < 1e-12 ? std::string("< 1e-12") : number(change.q, 2)) + " over " +
            grouped(comparison.tests) + " tests";
    if (change.onset) {
        text += change.beganBefore ? "; it began before A, at " : "; began at ";
        text += formatRfc3339(*change.onset);
    }
    return text + ".";
}

} // namespace faultline
