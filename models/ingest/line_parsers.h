#pragma once
#include "models/ingest/json_events.h"
#include "models/ingest/record_builder.h"

#include <string_view>

namespace faultline {

/// What a parser made of one line. Each parser begins and ends an event of the builder only when it is true.
/// `line` has no end of line; its bytes are the event's document.

/// A line in logfmt: at least two key=value pairs from its first byte on, and nothing else. Values may be
/// quoted.
bool readLogfmt(RecordBuilder& builder, std::string_view line);

/// A syslog line: `<PRI>` with RFC 5424 or RFC 3164 behind it, or RFC 3164 without PRI (a file of syslogd).
/// JSON in its message becomes fields.
bool readSyslog(RecordBuilder& builder, JsonEvents& json, std::string_view line);

/// A line that ends in a JSON object behind something else: `service | {...}`, `[pod/name/container] {...}`,
/// a time, a console logger's head. What stands before it becomes fields.
bool readPrefixed(RecordBuilder& builder, JsonEvents& json, std::string_view line);

/// A container runtime's line (CRI): `<time> stdout|stderr P|F text`. `partial` is true for P; the text is
/// then not looked into.
bool readCri(RecordBuilder& builder, JsonEvents& json, std::string_view line, bool& partial);

/// Any line: time, level, thread, logger where the head shows them, the rest is the message.
void readPlainText(RecordBuilder& builder, std::string_view line);

/// The fields of a text head that stands at `offset` of the document. `message`: its path, empty for none.
void addHeadFields(RecordBuilder& builder, std::string_view text, std::size_t offset,
                   std::string_view message);

} // namespace faultline
