#pragma once
#include <string>

namespace faultline {

class InvestigatePage;
class StateKeeper;

/// The marks of a store, kept over restarts: those there are go to the page as soon as they are read, and
/// what the user changes is written behind. A document that is none of marks is left as it is, and said to
/// be: then nothing is kept. GUI thread; `keeper` outlives the page.
void keepMarks(StateKeeper* keeper, const std::string& store, InvestigatePage* page);

} // namespace faultline
