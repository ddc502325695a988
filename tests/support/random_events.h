#pragma once
#include "tests/support/truth.h"

#include <cstdint>
#include <random>
#include <vector>

namespace faultline::test {

/// Events and questions from a seed, made to hit what breaks: fields that change type, are absent or null,
/// arrays (of objects too), empty and numeric text, text beyond ASCII, numbers of every form, equal times,
/// missing times.
///
/// Every document is one JSON object on a line that says exactly what the event's values say: members "a.b"
/// are written flat. `timestamp` is in the field "time" (kind Time, RFC 3339 with Z), severity in "level"
/// (its name).
class RandomEvents
{
public:
    explicit RandomEvents(std::uint64_t seed) : m_random(seed) {}
    /// In order of (time, source, ordinal). Ordinals count from 0 in the order of the events of a source.
    std::vector<TruthEvent> events(std::size_t count, std::uint32_t sources = 1);
    /// A filter in query text, of the fields and values that events() makes; parses always.
    std::string query(int depth = 2);
    Question question();

private:
    std::size_t pick(std::size_t below) { return static_cast<std::size_t>(m_random() % below); }
    bool chance(int percent) { return static_cast<int>(m_random() % 100) < percent; }
    TruthValue value(std::string path);
    std::string text();
    std::string field();
    std::string leaf();
    Selection selection();
    std::mt19937_64 m_random;
};

} // namespace faultline::test
