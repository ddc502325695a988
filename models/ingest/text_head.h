#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace faultline {

/// What stands at the beginning of a plain text log line.
struct TextHead
{
    struct Part
    {
        std::size_t offset = 0;
        std::size_t length = 0; ///< 0: there is none
    };
    Part time, level, thread, process, logger, message;
    Part trace, span; ///< the ids of "TraceID: <32 hex> SpanID: <16 hex>" between the logger and the message
    Part clock;       ///< hh:mm:ss without a date, where there is no `time`
    /// The time in RFC 3339 where parseTime() does not read its layout (klog, Spark, Apache's error log), or
    /// a time that stands further inside (access logs; `time` has no length then); else empty.
    std::string readableTime;
    bool known = false; ///< a time or a level was found: the line is the head of an entry
};

/// Reads the head of a line: time in one of the common layouts, level, thread, logger, in the orders in which
/// loggers print them. Parts do not overlap and are in order of offset; the message is the rest. Any thread.
TextHead readTextHead(std::string_view line);

/// Length of the date and time at the start of `text`, 0 when there is none. `readable`: see TextHead.
std::size_t textTimeLength(std::string_view text, std::string& readable);

/// Whether a line goes on with the entry before it: indented, `at ...`, `Caused by`, `... 12 more`.
bool isContinuation(std::string_view line);

} // namespace faultline
