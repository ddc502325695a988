#pragma once
#include "models/query/engine.h"

#include <string>
#include <vector>

namespace faultline::test {

/// An event as people see it: what it says, without a column in sight.
struct TruthValue
{
    std::string path;
    ValueKind kind = ValueKind::Text;
    std::string text; ///< strings unescaped, everything else as written
};
struct TruthEvent
{
    EventKey key;
    Severity severity = 0;
    std::uint16_t flags = 0;        ///< FlagTimeMissing: key.time is borrowed
    std::vector<TruthValue> values; ///< each path once
    /// Paths of the values that are message, service, host, logger, trace_id, span_id; "" where there is
    /// none.
    std::array<std::string, 6> canonical{"message", "service", "host", "logger", "trace_id", "span_id"};
    std::string document; ///< JSON text, made by the generator
};

/// Does the event match? Walks the tree, tests every value of the leaf's subject.
bool matches(const Filter& filter, const TruthEvent& event);
bool selects(const Selection& selection, const TruthEvent& event);
/// The text that a group or a facet shows for a field of an event; nothing when it is absent.
std::optional<std::string> fieldText(const TruthEvent& event, const std::string& field);

/// Answers any question by looking at every event, with no thought of speed. The truth that the scanner must
/// equal.
Answer truth(const Question& question, const std::vector<TruthEvent>& events);

} // namespace faultline::test
