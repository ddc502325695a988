#pragma once
#include "models/analysis/comparison.h"

#include <string>

namespace faultline {

/// Change::what: the events, as people name them.
std::string whatText(const Change& change);
/// Change::why, of a change whose numbers are all set. English; plain text.
std::string whyText(const Change& change, const Comparison& comparison);
/// "new", "gone", "more", "less".
std::string_view wayName(Change::Way way);
/// "pattern", "value", "pair", "number", "presence".
std::string_view kindName(Change::Kind kind);

} // namespace faultline
