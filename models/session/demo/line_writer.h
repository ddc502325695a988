#pragma once
#include "models/session/demo/catalogue.h"

#include <string>

namespace faultline::demo {

/// Writes an event as one JSON line in the manner of its service's logger:
///
///   edge        Caddy access log (float ts, nested request)     pricing    zap (float ts, flat)
///   storefront  pino (numeric level, epoch ms, nested)          checkout   logstash encoder (stack_trace,
///   MDC flat) auth        zerolog (flat)                                  payment    Serilog compact (@t,
///   @m, @x) catalog     ECS with dotted keys                            inventory  GCP structured logging
///   (severity, labels) search      ECS nested                                      shipping   structlog
///   (event) cart        slog (nested source and groups)                 orders-db  OpenTelemetry log data
///   model
///
/// One thread; keeps the text of the last second, so events should come in order of time.
class LineWriter
{
public:
    LineWriter(const Catalogue& catalogue, TimeNs start) : m_catalogue(catalogue), m_start(start) {}
    void write(const Event& event, LineBuffer& out);

private:
    void edge(const Event& event, const MessageRow& row, LineBuffer& out);
    void storefront(const Event& event, const MessageRow& row, LineBuffer& out);
    void auth(const Event& event, const MessageRow& row, LineBuffer& out);
    void catalog(const Event& event, const MessageRow& row, LineBuffer& out);
    void search(const Event& event, const MessageRow& row, LineBuffer& out);
    void cart(const Event& event, const MessageRow& row, LineBuffer& out);
    void pricing(const Event& event, const MessageRow& row, LineBuffer& out);
    void checkout(const Event& event, const MessageRow& row, LineBuffer& out);
    void payment(const Event& event, const MessageRow& row, LineBuffer& out);
    void inventory(const Event& event, const MessageRow& row, LineBuffer& out);
    void shipping(const Event& event, const MessageRow& row, LineBuffer& out);
    void ordersDb(const Event& event, const MessageRow& row, LineBuffer& out);

    /// RFC 3339 in UTC with `digits` of a second, without a zone.
    LineBuffer& stamp(TimeNs time, unsigned digits, LineBuffer& out);
    std::string_view version(const Event& event) const;

    const Catalogue& m_catalogue;
    TimeNs m_start;
    std::int64_t m_second = -1;
    std::string m_secondText;
};

/// "2026-11-17T12:00:00" of whole seconds since 1970.
std::string isoSecond(std::int64_t second);

/// In the lines of services that know it: which side of the flag the request was on.
std::string_view variantName(const Request& request);

} // namespace faultline::demo
