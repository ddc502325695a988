#pragma once
#include "app/cli/command.h"
#include "models/query/engine.h"
#include "models/session/workspace.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace faultline::cli {

/// The store that a reading command works on: --store, $FAULTLINE_STORE, or the one used last.
Result<std::string> storePath(const Context& context, const Arguments& arguments);
Result<std::shared_ptr<Workspace>> openToRead(const Context& context, const Arguments& arguments);

/// The values from `first` on as one query, with --from and --to, within the saved view of --view.
Result<Selection> selectionOf(const Context& context, const Arguments& arguments, std::size_t first = 0);
/// The text of that query, for messages.
std::string queryText(const Arguments& arguments, std::size_t first = 0);

/// The text of a whole selection: with --view that of the view as well.
std::string askedText(const Arguments& arguments, const Selection& selection, std::size_t first = 0);

/// A query as it is given to the program at a prompt: between single quotes of the shell, which leave what it
/// holds alone; with --json-errors as it is, for a program.
std::string queryForPrompt(const Context& context, std::string_view query);

/// Asks one question; with --timing N asks it N times and prints the times on stderr.
Result<Answer> ask(const Context& context, const Arguments& arguments, Workspace& workspace,
                   const Question& question);
/// The same for anything that asks: `body` is called once, or N times past the caches.
Status timed(const Context& context, const Arguments& arguments, Workspace& workspace,
             const std::function<Status()>& body);

/// A time the user gave, or an error that shows how times are written.
Result<TimeNs> timeOption(const Context& context, const Arguments& arguments, std::string_view name,
                          TimeNs fallback);

} // namespace faultline::cli
