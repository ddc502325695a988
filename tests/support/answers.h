#pragma once
#include "models/query/engine.h"

#include <string>

namespace faultline::test {

/// What differs between two answers to one question, as a sentence; empty when nothing does. Sums and means
/// may differ by rounding. Asked for every field, `a` may add canonical names that no event spells so.
std::string difference(const Answer& a, const Answer& b);
std::string difference(const EventRow& a, const EventRow& b);

/// A question in a few words, for messages.
std::string describe(const Question& question);

} // namespace faultline::test
