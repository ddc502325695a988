#pragma once
#include "models/query/engine.h"

#include <string>

namespace faultline::cli {

/// Fields that a question about documents asks for, so that oneLine() finds them in EventRow::columns.
std::vector<std::string> oneLineFields();

/// The event's document on one line, for `search --format ndjson`. A document without a line end is the
/// answer, byte for byte. Others:
///
///   a JSON object or array over several lines   the same tokens without the white space between them
///   a JSON object and lines that joined it      the object, with these lines as its member
///                                               "error.stack_trace" ("joined_lines" when it has a stack)
///   lines that are JSON each (a container's     as they are: these are documents, one a line
///   split record)
///   any other text                              {"timestamp","severity","message"}: the message is all of
///                                               the text; timestamp and severity only when they are known
///
/// `event` has document and columns as asked for with oneLineFields() in front.
std::string oneLine(const EventRow& event);

} // namespace faultline::cli
