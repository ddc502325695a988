// How often "what changed" names a cause that was planted, and how often it names one where there is none.
// Usage: planted [incidents of all kinds together, default 200] [pairs without a cause, default 200] [seed,
// default 1]
// [-v: each miss]
//
// Every incident is some minutes of traffic of six services (about 50 fields, 40 message patterns), of which
// the last few minutes are compared with what was before. What is made up does not look at what is found:
//   traffic   a rate that drifts and jitters, values of skewed shares which wander, ids, numbers with long
//   tails bursts    dozens of floods of lines, before and within the incident alike decoys    a deploy
//   shortly before the incident (lines of its own, another version from then on), single odd
//             lines, and in every third incident symptoms that follow the cause: time-outs of another service
//   cause     begins in the first tenth of the incident: a new value of a field, a share that shifts, a
//   message
//             that stops (at least 1 % of the lines), a slow tail, two values that come together more often
// Pairs without a cause have traffic and bursts, and no deploy, since that is a difference.
#include "models/analysis/comparer.h"
#include "models/query/filter.h"
#include "models/records/time_text.h"
#include "resources/embedded.h"
#include "tests/bench/segments_in_memory.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <vector>

using namespace faultline;

namespace {

constexpr TimeNs kStart = 1'795'359'600'000'000'000; // 2026-11-22T15:00:00Z

enum class Kind { NewValue, Shift, Vanished, SlowTail, Pair, None };
constexpr std::array kKinds{Kind::NewValue, Kind::Shift, Kind::Vanished, Kind::SlowTail, Kind::Pair};

const char* nameOf(Kind kind)
{
    switch (kind) {
    case Kind::NewValue: return "new value";
    case Kind::Shift: return "share shift";
    case Kind::Vanished: return "vanished pattern";
    case Kind::SlowTail: return "slow tail";
    case Kind::Pair: return "two fields";
    case Kind::None: return "none";
    }
    return "";
}

struct Cause
{
    Kind kind = Kind::None;
    std::string field, value, secondField, secondValue, pattern;
};

/// Text values with skewed shares which wander slowly.
struct TextField
{
    std::string name;
    std::vector<std::string> values;
    std::vector<double> weights;
    int onService = -1; ///< -1: all
    double wander = 0;  ///< how far weights move, and how fast
    double phase = 0, period = 300;
};
struct NumberField
{
    std::string name;
    double middle = 10, spread = 0.6;
    int onService = -1;
    bool whole = false;
};
struct Burst
{
    double at = 0, length = 1;
    int lines = 10, service = 0, message = 0;
};

/// One stretch of traffic.
class Incident
{
public:
    Incident(Kind kind, std::uint64_t seed) : m_random(seed) { m_cause.kind = kind; }
    /// JSON lines in order of time.
    std::string lines();
    const Cause& cause() const { return m_cause; }
    TimeRange odd() const { return {timeOf(m_before), timeOf(m_before + m_length)}; }

private:
    using Line = std::pair<double, std::string>;
    static TimeNs timeOf(double second) { return kStart + static_cast<TimeNs>(second * 1e9); }
    double uniform(double low = 0, double high = 1)
    {
        return low + (high - low) * static_cast<double>(m_random() >> 11) * 0x1p-53;
    }
    std::size_t pick(std::size_t below) { return static_cast<std::size_t>(m_random() % below); }
    double normal() { return std::normal_distribution<double>(0, 1)(m_random); }
    static std::string letters(std::size_t number)
    {
        std::string text;
        for (std::size_t i = 0; i < 4; ++i, number /= 19) text += "bcdfghjklmnpqrstvwx"[number % 19];
        return text;
    }
    void plan();
    void plantCause();
    std::size_t choose(const TextField& field, double at);
    std::string message(int service, std::size_t which, bool shown);
    void addEvent(double at, int service, std::size_t which, const std::string& level);

    static constexpr int kServices = 6;
    static constexpr std::size_t kMessages = 7; ///< of a service
    std::mt19937_64 m_random;
    Cause m_cause;
    double m_before = 900, m_length = 180, m_begin = 0, m_rate = 15;
    std::vector<TextField> m_texts;
    std::vector<NumberField> m_numbers;
    std::vector<std::vector<double>> m_messageWeights;
    std::vector<std::vector<std::string>> m_messages; ///< with # for a number
    int m_vanishedService = -1;
    std::size_t m_vanished = 0;
    std::size_t m_causeText = 0, m_causeValue = 0, m_causeSecond = 0, m_causeSecondValue = 0,
                m_causeNumber = 0;
    double m_causeShare = 0, m_slower = 1;
    int m_deployed = -1;
    double m_deployAt = 0;
    std::vector<Line> m_lines;
};

void Incident::plan()
{
    m_before = uniform(480, 1500);
    m_length = uniform(120, 300);
    m_rate = uniform(8, 20);
    m_begin = m_before + uniform(0, 0.1) * m_length;
    static const char* const names[] = {
        "region",       "tier",         "client.os",   "client.app",  "tenant.plan",
        "cache.result", "db.pool",      "http.method", "http.route",  "queue.name",
        "build.branch", "node.zone",    "auth.method", "locale",      "currency",
        "experiment",   "feature.cart", "tls.version", "cdn.pop",     "device.type",
        "partner",      "job.kind",     "retry.class", "storage.bin", "ab.bucket"};
    for (const char* name : names) {
        TextField field;
        field.name = name;
        const std::size_t count = 2 + pick(pick(3) == 0 ? 28 : 7);
        double weight = 1;
        const double falls = uniform(0.55, 0.95);
        for (std::size_t i = 0; i < count; ++i) {
            field.values.push_back(letters(pick(130'321)));
            field.weights.push_back(weight);
            weight *= falls;
        }
        std::sort(field.values.begin(), field.values.end());
        field.values.erase(std::unique(field.values.begin(), field.values.end()), field.values.end());
        field.weights.resize(field.values.size());
        field.onService = pick(3) == 0 ? static_cast<int>(pick(kServices)) : -1;
        field.wander = uniform(0, 0.25);
        field.phase = uniform(0, 6.3);
        field.period = uniform(40, 900);
        m_texts.push_back(std::move(field));
    }
    static const char* const numbers[] = {"duration_ms", "bytes_out", "bytes_in", "queue_ms", "db_ms",
                                          "cpu_share",   "heap_mb",   "items",    "rows"};
    for (const char* name : numbers)
        m_numbers.push_back({name, std::exp(uniform(1, 7)), uniform(0.2, 0.9),
                             pick(3) == 0 ? static_cast<int>(pick(kServices)) : -1, pick(2) == 0});
    for (int s = 0; s < kServices; ++s) {
        std::vector<std::string> messages;
        std::vector<double> weights;
        for (std::size_t i = 0; i < kMessages; ++i) {
            messages.push_back(letters(pick(130'321)) + " " + letters(pick(130'321)) +
                               " of item # done in # ms");
            weights.push_back(std::pow(0.6, static_cast<double>(i)));
        }
        m_messages.push_back(std::move(messages));
        m_messageWeights.push_back(std::move(weights));
    }
}

void Incident::plantCause()
{
    m_causeText = pick(m_texts.size());
    TextField& field = m_texts[m_causeText];
    // On all services or on one of the busier ones: what a handful of events have nobody can tell from
    // chance.
    if (m_cause.kind != Kind::None) field.onService = pick(2) == 0 ? static_cast<int>(pick(3)) : -1;
    switch (m_cause.kind) {
    case Kind::NewValue:
        m_causeShare = std::exp(uniform(std::log(0.02), std::log(0.3)));
        m_cause.field = field.name;
        m_cause.value = "zz-" + letters(pick(130'321));
        break;
    case Kind::Shift: {
        // By 15 to 50 points, of a value that half of the events have at most.
        double all = 0;
        for (const double weight : field.weights) all += weight;
        do m_causeValue = pick(field.values.size());
        while (field.weights[m_causeValue] > all / 2);
        const double before = field.weights[m_causeValue] / all;
        m_causeShare = uniform(0.15, 0.5) / (1 - before);
        m_cause.field = field.name;
        m_cause.value = field.values[m_causeValue];
        break;
    }
    case Kind::Vanished:
        m_vanishedService = static_cast<int>(pick(3)); // the busier ones: 1 % of the lines and more
        m_vanished = pick(4);
        m_cause.pattern = m_messages[static_cast<std::size_t>(m_vanishedService)][m_vanished];
        break;
    case Kind::SlowTail:
        m_causeNumber = pick(m_numbers.size());
        m_numbers[m_causeNumber].onService = pick(2) == 0 ? static_cast<int>(pick(3)) : -1;
        m_causeShare = uniform(0.05, 0.2);
        m_slower = uniform(4, 20);
        m_cause.field = m_numbers[m_causeNumber].name;
        break;
    case Kind::Pair: {
        do m_causeSecond = pick(m_texts.size());
        while (m_causeSecond == m_causeText);
        TextField& second = m_texts[m_causeSecond];
        field.onService = second.onService = -1;
        m_causeValue = pick(std::min<std::size_t>(field.values.size(), 4));
        m_causeSecondValue = pick(std::min<std::size_t>(second.values.size(), 4));
        m_causeShare = uniform(0.1, 0.3);
        m_cause.field = field.name;
        m_cause.value = field.values[m_causeValue];
        m_cause.secondField = second.name;
        m_cause.secondValue = second.values[m_causeSecondValue];
        break;
    }
    case Kind::None: break;
    }
}

std::size_t Incident::choose(const TextField& field, double at)
{
    // The first value's share swings about.
    const double first = 1 + field.wander * std::sin(field.phase + 6.2832 * at / field.period);
    double all = field.weights[0] * first;
    for (std::size_t i = 1; i < field.weights.size(); ++i) all += field.weights[i];
    double left = uniform() * all - field.weights[0] * first;
    std::size_t at_ = 0;
    while (left > 0 && at_ + 1 < field.weights.size()) left -= field.weights[++at_];
    return at_;
}

std::string Incident::message(int service, std::size_t which, bool)
{
    std::string text;
    for (const char c : m_messages[static_cast<std::size_t>(service)][which])
        text += c == '#' ? std::to_string(pick(5000)) : std::string(1, c);
    return text;
}

void Incident::addEvent(double at, int service, std::size_t which, const std::string& level)
{
    const bool odd = at >= m_begin;
    if (m_cause.kind == Kind::Vanished && odd && service == m_vanishedService && which == m_vanished) return;
    const auto id = static_cast<unsigned long long>(m_random());
    char head[400];
    std::snprintf(
        head, sizeof head,
        "{\"time\":\"%s\",\"level\":\"%s\",\"service\":\"svc-%c\",\"host\":\"svc-%c-%zu\",\"trace_id\":"
        "\"%016llx%016llx\",\"user\":\"u%zu\",\"version\":\"%s\",\"message\":\"",
        formatRfc3339(timeOf(at)).c_str(), level.c_str(), 'a' + service, 'a' + service, pick(3), id,
        static_cast<unsigned long long>(m_random()), pick(4000),
        service == m_deployed && at >= m_deployAt ? "2.1.0" : "2.0.9");
    std::string line = head + message(service, which, true) + "\"";
    const bool pair = m_cause.kind == Kind::Pair && odd && uniform() < m_causeShare;
    for (std::size_t f = 0; f < m_texts.size(); ++f) {
        const TextField& field = m_texts[f];
        if (field.onService >= 0 && field.onService != service) continue;
        std::string value = field.values[choose(field, at)];
        if (odd && f == m_causeText) {
            if ((m_cause.kind == Kind::NewValue || m_cause.kind == Kind::Shift) && uniform() < m_causeShare)
                value = m_cause.value;
            if (pair) value = m_cause.value;
        }
        if (pair && f == m_causeSecond) value = m_cause.secondValue;
        line += ",\"" + field.name + "\":\"" + value + "\"";
    }
    for (std::size_t n = 0; n < m_numbers.size(); ++n) {
        const NumberField& field = m_numbers[n];
        if (field.onService >= 0 && field.onService != service) continue;
        double value = field.middle * std::exp(field.spread * normal());
        if (odd && m_cause.kind == Kind::SlowTail && n == m_causeNumber && uniform() < m_causeShare)
            value *= m_slower;
        char text[64];
        std::snprintf(text, sizeof text, field.whole ? ",\"%s\":%.0f" : ",\"%s\":%.3f", field.name.c_str(),
                      field.whole ? std::floor(value) : value);
        line += text;
    }
    static const char* const more[] = {"200", "200", "200", "200", "304", "404"};
    line += ",\"status\":" + std::string(more[pick(6)]) + ",\"thread\":" + std::to_string(pick(16)) +
            ",\"seq\":" + std::to_string(static_cast<long long>(at * 1000)) + "}\n";
    m_lines.emplace_back(at, std::move(line));
}

std::string Incident::lines()
{
    plan();
    plantCause();
    const double end = m_before + m_length;
    const bool nothing = m_cause.kind == Kind::None;
    if (!nothing && pick(2) == 0) {
        m_deployed = static_cast<int>(pick(kServices));
        m_deployAt = m_before - uniform(60, 240);
    }
    // The rate: a slow wave, jitter from second to second, and requests of several lines.
    const double wave = uniform(0, 0.3), period = uniform(300, 2000), jitter = uniform(0.05, 0.3);
    for (double second = 0; second < end; ++second) {
        const double mean =
            m_rate / 2.5 * (1 + wave * std::sin(6.2832 * second / period)) * std::exp(jitter * normal());
        const int requests = std::poisson_distribution<int>(std::max(mean, 0.01))(m_random);
        for (int r = 0; r < requests; ++r) {
            const int service = static_cast<int>(std::min({pick(kServices), pick(kServices)}));
            double at = second + uniform();
            for (std::size_t i = 0, count = 1 + pick(4); i < count && at < end; ++i, at += uniform(0, 0.02)) {
                const auto& weights = m_messageWeights[static_cast<std::size_t>(service)];
                const auto which = static_cast<std::size_t>(
                    std::discrete_distribution<int>(weights.begin(), weights.end())(m_random));
                addEvent(at, service, which, pick(12) == 0 ? "warn" : "info");
            }
        }
    }
    // Floods of one message, from a fifth of a second to half a minute long, anywhere.
    const auto bursts = static_cast<int>(end / 25);
    for (int b = 0; b < bursts; ++b) {
        const double at = uniform(0, end), length = std::exp(uniform(std::log(0.2), std::log(30)));
        const int service = static_cast<int>(pick(kServices));
        const auto which = 4 + pick(kMessages - 4);
        const auto count = static_cast<int>(std::exp(uniform(std::log(4.0), std::log(250.0))));
        for (int i = 0; i < count; ++i)
            if (const double when = at + uniform(0, length); when < end)
                addEvent(when, service, which, "error");
    }
    const auto extra = [&](double at, const std::string& service, const std::string& level,
                           const std::string& text) {
        m_lines.emplace_back(at, "{\"time\":\"" + formatRfc3339(timeOf(at)) + "\",\"level\":\"" + level +
                                     "\",\"service\":\"" + service + "\",\"message\":\"" + text + "\"}\n");
    };
    for (int i = 0; i < 5; ++i)
        extra(uniform(0, end), "cron", "info", "odd " + letters(pick(130'321)) + " happened once");
    if (m_deployed >= 0) {
        extra(m_deployAt, "deployer", "info",
              std::string("deployed 2.1.0 of svc-") + static_cast<char>('a' + m_deployed));
        for (int i = 0; i < 6; ++i)
            extra(m_deployAt + i * 0.7, "deployer", "info", "rollout step " + std::to_string(i));
    }
    if (!nothing && pick(3) == 0) {
        const double from = m_begin + uniform(15, 50);
        const int service = static_cast<int>(pick(kServices));
        const double every = uniform(0.15, 1.5);
        for (double at = from; at < end; at += every * uniform(0.3, 1.7))
            extra(at, std::string("svc-") + static_cast<char>('a' + service), "error",
                  "upstream timed out after " + std::to_string(1000 + pick(3000)) + " ms");
    }
    std::stable_sort(m_lines.begin(), m_lines.end(),
                     [](const Line& a, const Line& b) { return a.first < b.first; });
    std::string all;
    for (const Line& line : m_lines) all += line.second;
    return all;
}

bool names(const Change& change, const Cause& cause)
{
    switch (cause.kind) {
    case Kind::NewValue:
    case Kind::Shift: // a pair with that value names it too
        return (change.field == cause.field && change.value == cause.value &&
                change.kind != Change::Kind::Number) ||
               (change.secondField == cause.field && change.secondValue == cause.value);
    case Kind::Vanished: {
        const std::size_t number = cause.pattern.find('#');
        return change.kind == Change::Kind::Pattern &&
               change.pattern.starts_with(cause.pattern.substr(0, number));
    }
    case Kind::SlowTail: return change.kind == Change::Kind::Number && change.field == cause.field;
    case Kind::Pair: {
        const bool same = change.field == cause.field && change.value == cause.value &&
                          change.secondField == cause.secondField && change.secondValue == cause.secondValue;
        const bool swapped = change.field == cause.secondField && change.value == cause.secondValue &&
                             change.secondField == cause.field && change.secondValue == cause.value;
        return change.kind == Change::Kind::Pair && (same || swapped);
    }
    case Kind::None: break;
    }
    return false;
}

struct Score
{
    int all = 0, first = 0, third = 0, headFirst = 0, headThird = 0;
};

void print(const char* name, const Score& tally)
{
    const auto share = [&](int count) { return 100.0 * count / std::max(tally.all, 1); };
    std::printf("| %-16s | %9d | %5.1f %% | %5.1f %% | %9.1f %% | %9.1f %% |\n", name, tally.all,
                share(tally.first), share(tally.third), share(tally.headFirst), share(tally.headThird));
}

} // namespace

int main(int argc, char** argv)
{
    const bool verbose = argc > 1 && std::string(argv[argc - 1]) == "-v";
    if (verbose) --argc;
    const int incidents = argc > 1 ? std::atoi(argv[1]) : 200;
    const int pairs = argc > 2 ? std::atoi(argv[2]) : 200;
    const std::uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
    auto aliases = Normaliser::load(embeddedFile("fields/aliases.json"));
    if (!aliases) return 1;
    auto pool = std::make_shared<WorkerPool>(1);
    const auto compare = [&](Incident& incident) {
        const auto store = std::make_shared<bench::SegmentsInMemory>(incident.lines(), *aliases);
        Comparer comparer(store, pool);
        CompareQuestion question;
        question.a.range = incident.odd();
        auto found = comparer.compare(question);
        if (!found) {
            std::fprintf(stderr, "%s\n", found.error().line().c_str());
            std::exit(1);
        }
        return std::move(*found);
    };
    std::map<Kind, Score> tallies;
    Score all;
    for (int i = 0; i < incidents; ++i) {
        const Kind kind = kKinds[static_cast<std::size_t>(i) % kKinds.size()];
        Incident incident(kind, seed * 1'000'003 + static_cast<std::uint64_t>(i));
        const Comparison found = compare(incident);
        std::size_t rank = found.groups.size(), headRank = rank;
        for (std::size_t g = found.groups.size(); g-- > 0;) {
            const ChangeGroup& group = found.groups[g];
            const auto isCause = [&](const Change& change) { return names(change, incident.cause()); };
            if (isCause(group.head)) headRank = g;
            if (isCause(group.head) || std::any_of(group.same.begin(), group.same.end(), isCause)) rank = g;
        }
        const bool is = rank < found.groups.size(), isHead = headRank < found.groups.size();
        for (Score* tally : {&tallies[kind], &all}) {
            ++tally->all;
            tally->first += is && rank == 0;
            tally->third += is && rank < 3;
            tally->headFirst += isHead && headRank == 0;
            tally->headThird += isHead && headRank < 3;
        }
        if (verbose && (!is || rank > 0)) {
            const Cause& cause = incident.cause();
            std::printf("%d %s: %s %s %s %s %s: rank %zu of %zu, %llu events\n", i, nameOf(kind),
                        cause.field.c_str(), cause.value.c_str(), cause.secondField.c_str(),
                        cause.secondValue.c_str(), cause.pattern.c_str(), is ? rank + 1 : 0,
                        found.groups.size(), static_cast<unsigned long long>(found.eventsA));
            for (std::size_t g = 0; g < std::min<std::size_t>(found.groups.size(), 3); ++g)
                std::printf("   %s: %s [%.1f]\n", found.groups[g].head.what.c_str(),
                            found.groups[g].head.why.c_str(), found.groups[g].head.score);
        }
    }
    std::printf("| cause            | incidents |  top 1  |  top 3  | as head, 1  | as head, 3  |\n"
                "|---|---|---|---|---|---|\n");
    for (const Kind kind : kKinds) print(nameOf(kind), tallies[kind]);
    print("all", all);
    int wrong = 0;
    for (int i = 0; i < pairs; ++i) {
        Incident incident(Kind::None, seed * 7'000'003 + static_cast<std::uint64_t>(i));
        const Comparison found = compare(incident);
        wrong += !found.groups.empty();
        if (!verbose) continue;
        for (const ChangeGroup& group : found.groups)
            std::printf("none %d: %s: %s\n", i, group.head.what.c_str(), group.head.why.c_str());
    }
    std::printf("\nPairs without a cause: %d of %d have a finding (%.1f %%; the level is 5 %%)\n", wrong,
                pairs, 100.0 * wrong / std::max(pairs, 1));
    return 0;
}
