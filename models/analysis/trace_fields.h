#pragma once
#include "models/query/segment_scan.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// How to read a field that says how long what an event tells of took.
struct DurationField
{
    enum class Form : std::uint8_t {
        Unit,     ///< numbers in `unit`, and texts with a unit of their own
        OnlyText, ///< nobody knows the unit of a whole number: texts with a unit, and decimals in seconds
    };
    Form form = Form::Unit;
    std::int64_t unit = 1; ///< ns
};

/// The fields that are taken for the duration of their event: duration, elapsed, latency, took,
/// response_time, request_time and total_time, each with a unit at the end of its name (duration_ms,
/// ElapsedMilliseconds), below nothing or below event, span, http, req, request, res, response, fields,
/// attributes or Properties. Further by their makers' words:
///
///   event.duration  ns   ECS, https://www.elastic.co/docs/reference/ecs/ecs-event
///   responseTime    ms   pino-http
///   Elapsed         ms   Serilog.AspNetCore's request logging
///   duration        a decimal is in seconds (zap's default encoder, Caddy); a whole number is of no known
///                   unit (ns with slog, ms with others) and is not read; "12ms" says it itself
std::optional<DurationField> durationField(std::string_view path);

/// What a text says of it: "12ms", or a number; ns. Nothing when it is none, negative, or over 30 days.
std::optional<std::int64_t> readDuration(const DurationField& field, std::string_view text);

/// Durations of the selected rows of a segment.
class DurationReader
{
public:
    /// Reads the columns. After an error, or when stopped, anything: look at the scan.
    DurationReader(SegmentScan& scan, const SelectedRows& selected);
    bool none() const { return m_ns.empty(); }
    /// ns; -1 when the row does not say. With several fields the first by name counts.
    std::int64_t at(RowIndex row) const { return m_ns.empty() ? -1 : m_ns[row]; }

private:
    void read(SegmentScan& scan, ColumnIndex column, const DurationField& field,
              const SelectedRows& selected);
    std::vector<std::int64_t> m_ns; ///< by row; empty: no row says
};

/// Paths that name the parent of an event's span: parent_id, parent_span_id, parent.id (ECS), @ps (CLEF) ...
std::vector<std::string_view> parentFields();

/// Time - duration, without running over.
inline TimeNs beginOf(TimeNs time, std::int64_t duration)
{
    return duration > 0 && time > kTimeMin + duration ? time - duration : time;
}

} // namespace faultline
