#pragma once
#include "models/ingest/record_builder.h"

namespace faultline {

/// For an object in Serilog's compact form (`@t` with `@m`, `@mt` or `@i`): adds the rendered template as
/// derived `message` when there is no `@m`, and the level Information when there is none. Else does nothing.
void addClefFields(RecordBuilder& builder, const JsonTape& tape, std::size_t token);

/// Renders a message template (messagetemplates.org) with the members of the object: {Name}, {@Name},
/// {$Name}, {0}, {Name:format} (takes the next of the `@r` renderings), {Name,10} alignment, {{ and }}. Names
/// that the object does not have stay as they are. Strings are written without quotes.
void renderTemplate(std::string_view messageTemplate, const JsonTape& tape, std::size_t object,
                    std::string& out);

} // namespace faultline
