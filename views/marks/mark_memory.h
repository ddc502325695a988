#pragma once
#include <string>

namespace faultline {

class InvestigatePage;
class StateKeeper;

/// The marks of a store, kept over restarts: those there are go to the page as soon as they are read, and
/// what the user does to them is done to those on disk, where other windows and programs may have marked and
/// unmarked others: these appear here. A document that is none of marks is put aside, and said to be.
///
/// Threads  GUI thread; `keeper` outlives the page.
void keepMarks(StateKeeper* keeper, const std::string& store, InvestigatePage* page);

} // namespace faultline
