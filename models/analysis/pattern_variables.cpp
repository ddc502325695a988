#include "models/analysis/event_scan.h"
#include "models/analysis/pattern_miner.h"
#include "models/query/key_counter.h"
#include "models/query/message_patterns.h"
#include "models/query/numbers.h"
#include "models/records/mask.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>

namespace faultline {
namespace {

/// One variable over all segments.
struct Tally
{
    explicit Tally(std::size_t top) : counter(top) {}
    KeyCounter counter;
    std::vector<double> numbers;
    bool again = true;
};

class Variables
{
public:
    explicit Variables(const PatternVariablesQuestion& question) : m_question(question) {}
    Status read(EventScan& events, const CompiledFilter& filter);
    Result<PatternVariables> take();

private:
    void scan(SegmentScan& scan, const SelectedRows& selected);
    const PatternVariablesQuestion& m_question;
    std::mutex m_mutex;
    std::vector<std::unique_ptr<Tally>> m_tallies;
    std::string m_pattern;
    std::uint64_t m_count = 0;
    std::size_t m_numbers = 0;
    bool m_firstPass = true;
};

void Variables::scan(SegmentScan& scan, const SelectedRows& selected)
{
    const MessagePatterns patterns(scan, selected);
    std::vector<std::uint8_t> wanted(patterns.size(), 0);
    std::string pattern;
    bool found = false; // a message can be empty, and its pattern with it
    for (std::size_t code = 0; code < wanted.size() && !scan.stopped(); ++code) {
        if (patterns.id(code) != m_question.pattern) continue;
        if (!found) pattern = patterns.text(code);
        found = true;
        wanted[code] = 1;
    }
    if (scan.stopped() || !found) return;
    const auto variables =
        static_cast<std::size_t>(std::count(pattern.begin(), pattern.end(), kVariableMark));
    {
        const std::lock_guard lock(m_mutex);
        m_pattern = pattern;
        while (m_tallies.size() < variables) m_tallies.push_back(std::make_unique<Tally>(m_question.top));
    }
    std::vector<KeyCounter::Batch> batches;
    for (std::size_t i = 0; i < variables; ++i) batches.emplace_back(m_tallies[i]->counter);
    std::vector<std::vector<double>> numbers(variables);
    const FieldReader reader(scan, "message");
    std::string message;
    std::vector<Variable> parts;
    std::uint64_t count = 0;
    withStored(patterns.codes(), [&](auto view) {
        forEachRow(selected.set, selected.begin, selected.end, [&](RowIndex row) {
            if (wanted[view[row]] == 0 || scan.stopped()) return;
            message.clear();
            if (!reader.append(row, message)) return;
            ++count;
            maskMessage(message, parts);
            for (std::size_t i = 0; i < std::min(parts.size(), variables); ++i) {
                const std::string_view value =
                    std::string_view(message).substr(parts[i].begin, parts[i].end - parts[i].begin);
                if (m_tallies[i]->again) batches[i].add(value, 1);
                if (!m_firstPass) continue;
                if (const auto number = numberOf(value)) numbers[i].push_back(*number);
            }
        });
    });
    if (scan.stopped()) return;
    for (KeyCounter::Batch& batch : batches) batch.flush();
    const std::lock_guard lock(m_mutex);
    if (!m_firstPass) return;
    m_count += count;
    for (std::size_t i = 0; i < variables; ++i) {
        m_numbers += numbers[i].size();
        auto& all = m_tallies[i]->numbers;
        if (m_numbers > PatternMiner::kMostNumbers)
            return scan.fail(
                makeError(ErrorKind::Limit, "count the variables of a pattern",
                          "it has more than " + std::to_string(PatternMiner::kMostNumbers) + " numbers",
                          {"Narrow the time range or the query."}));
        all.insert(all.end(), numbers[i].begin(), numbers[i].end());
    }
}

Status Variables::read(EventScan& events, const CompiledFilter& filter)
{
    m_tallies.clear();
    m_pattern.clear();
    m_count = 0;
    m_numbers = 0;
    m_firstPass = true;
    for (bool again = true; again; m_firstPass = false) {
        Status status = events.forEach(filter, m_question.selection.range,
                                       [&](SegmentScan& segment, const SelectedRows& selected, std::size_t) {
                                           scan(segment, selected);
                                       });
        if (!status) return status;
        again = false;
        for (const auto& tally : m_tallies) {
            tally->again = tally->again && tally->counter.nextPass();
            again = again || tally->again;
        }
    }
    return {};
}

Result<PatternVariables> Variables::take()
{
    PatternVariables answer;
    answer.pattern = patternForDisplay(m_pattern);
    answer.count = m_count;
    for (const auto& tally : m_tallies) {
        PatternVariable& variable = answer.variables.emplace_back();
        for (KeyCounter::Item& item : tally->counter.top())
            variable.top.push_back({std::move(item.key), item.count});
        variable.distinct = tally->counter.distinct();
        std::vector<double>& numbers = tally->numbers;
        variable.numbers = numbers.size();
        if (numbers.empty()) continue;
        std::sort(numbers.begin(), numbers.end());
        variable.min = numbers.front();
        variable.max = numbers.back();
        for (const double q : {0.5, 0.9, 0.95, 0.99}) {
            const double place = q * static_cast<double>(numbers.size() - 1);
            const auto low = static_cast<std::size_t>(std::floor(place));
            const double below = numbers[low], above = numbers[std::min(low + 1, numbers.size() - 1)];
            variable.quantiles.emplace_back(q, below + (above - below) * (place - static_cast<double>(low)));
        }
    }
    return answer;
}

} // namespace

Result<PatternVariables> PatternMiner::variables(const PatternVariablesQuestion& question,
                                                 std::stop_token stop)
{
    if (question.top == 0 || question.top > 10'000)
        return makeError(ErrorKind::Usage, "count the variables of a pattern",
                         "the number of values is not from 1 to 10000");
    auto filter = CompiledFilter::compile(question.selection.filter);
    if (!filter) return filter.error();
    Variables variables(question);
    std::vector<MissedEvents> missed;
    const Status status = overSnapshot(*m_source, *m_pool, question.selection.range, stop, missed,
                                       [&](EventScan& events) { return variables.read(events, **filter); });
    if (!status) return status.error();
    auto answer = variables.take();
    if (answer) answer->missed = std::move(missed);
    return answer;
}

} // namespace faultline
