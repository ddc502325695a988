#pragma once
#include <string>
#include <string_view>

namespace faultline {

/// A time that stands inside a line of plain text: in brackets (access logs, S3, uWSGI, Ruby), behind a
/// logger's name (Redis, SQLAlchemy), in audit(...). What stands inside says less of a line than a time at
/// its head, so the places are few: in the first 200 bytes, dates with a time of day, not in sentences.
/// True: `out` is the time, as parseTime() reads it. Any thread.
bool timeInside(std::string_view line, std::string& out);

} // namespace faultline
