#pragma once
#include "app/cli/command.h"
#include "models/query/engine.h"
#include "models/session/workspace.h"

#include <string>
#include <vector>

namespace faultline::cli {

/// What a command asked about, as far as its author may have got a name wrong.
struct Asked
{
    Selection selection;
    std::vector<std::string> fields; ///< named beside the query: --by, --fields, --only, the field of stats
    std::string text = {};           ///< the query as it was typed
};

/// Says on stderr what is odd about a question that was answered: names that no event has, and, when nothing
/// was `found`, which term or which range hid everything and where the events are. With --json-errors
/// {"notes":[...]}. Nothing is said when there is nothing to say; a failure to find out is no failure of the
/// command.
void explain(const Context& context, Workspace& workspace, const Asked& asked, bool found);

} // namespace faultline::cli
