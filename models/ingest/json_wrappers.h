#pragma once
#include "models/ingest/record_builder.h"

#include <string_view>

namespace faultline {

/// The members of an object as fields of the current event. GELF's additional fields lose their underscore.
void flattenObject(RecordBuilder& builder, const JsonTape& tape, std::size_t token, std::size_t base);

/// Whether a text under this name is looked into: where such a value begins with '{' (behind blanks), or
/// where the event is docker's (`log` and `stream`), unwrapMembers() may add fields. Other values of these
/// names are plain.
bool isWrapperName(std::string_view path);

/// Looks into the members of the current event that wrap another entry and adds what is found as derived
/// fields: JSON inside `log`, `message`, `msg`, `Log`, `MESSAGE` or `body` (to three levels), the head of a
/// text that docker wrapped, byte arrays of journald. A name that the event has already is not replaced: the
/// inner one is
/// "<member>.<name>".
void unwrapMembers(RecordBuilder& builder);

} // namespace faultline
