// Loggers that nest: Caddy, pino, ECS, slog, GCP structured logging, the OpenTelemetry log data model.
#include "models/session/demo/line_writer.h"

namespace faultline::demo {
namespace {

std::string_view lower(char level)
{
    return level == 'D'   ? "debug"
           : level == 'W' ? "warn"
           : level == 'E' ? "error"
           : level == 'F' ? "fatal"
                          : "info";
}
std::string_view upper(char level)
{
    return level == 'D'   ? "DEBUG"
           : level == 'W' ? "WARN"
           : level == 'E' ? "ERROR"
           : level == 'F' ? "FATAL"
                          : "INFO";
}

void trace(const Event& event, LineBuffer& out)
{
    if (event.request.kind == Kind::Background) return;
    out.lit(",\"trace_id\":\"").hex(event.request.traceHigh).hex(event.request.traceLow);
    out.lit("\",\"span_id\":\"").hex(event.span).put('"');
}

void nestedVariant(const Event& event, LineBuffer& out)
{
    if (!event.request.knowsVariant) return;
    out.lit(",\"feature_flag\":{\"key\":\"").text(kFlagKey).lit("\",\"result\":{\"variant\":\"");
    out.text(variantName(event.request)).lit("\"}}");
}

} // namespace

void LineWriter::edge(const Event& event, const MessageRow& row, LineBuffer& out)
{
    const Request& request = event.request;
    out.lit("{\"level\":\"")
        .text(lower(row.level))
        .lit("\",\"ts\":")
        .number(static_cast<std::uint64_t>(event.time / kSecondNs));
    out.put('.').padded(static_cast<std::uint64_t>(event.time % kSecondNs / 1000), 6);
    out.lit(",\"logger\":\"").text(row.logger).lit("\",\"msg\":\"");
    m_catalogue.message(event, out);
    out.lit("\",\"service\":\"edge\""); // the directive log_append of Caddy
    if (request.kind != Kind::Background) {
        out.lit(",\"request\":{\"remote_ip\":\"");
        appendAddress(request.address, out);
        out.lit("\",\"proto\":\"HTTP/2.0\",\"method\":\"").text(method(request.kind));
        out.lit("\",\"host\":\"shop.example\",\"uri\":\"");
        appendPath(event, out);
        out.lit("\",\"headers\":{\"User-Agent\":[\"").text(userAgent(request.agent));
        out.lit("\"]}},\"user_id\":\"u-").number(request.user).lit("\",\"duration\":");
        out.number(event.durationUs / 1'000'000).put('.').padded(event.durationUs % 1'000'000, 6);
        out.lit(",\"size\":").number(event.status >= 500 ? 162 : 1200 + event.salt % 40'000);
        out.lit(",\"status\":").number(event.status);
        trace(event, out);
        out.lit(",\"upstream\":\"");
        appendPod(Service::Storefront, event.salt, out);
        out.put('"');
    }
    if (!row.errorType.empty()) out.lit(",\"err_id\":\"").text(row.errorType).put('"');
    out.put('}');
}

void LineWriter::storefront(const Event& event, const MessageRow& row, LineBuffer& out)
{
    const Request& request = event.request;
    const unsigned level = row.level == 'D' ? 20 : row.level == 'W' ? 40 : row.level == 'E' ? 50 : 30;
    out.lit("{\"level\":")
        .number(level)
        .lit(",\"time\":")
        .number(static_cast<std::uint64_t>(event.time / 1'000'000));
    out.lit(",\"pid\":").number(event.salt % 3 + 17).lit(",\"hostname\":\"");
    appendPod(event.service, event.salt, out);
    out.lit("\",\"name\":\"storefront\",\"module\":\"").text(row.logger).put('"');
    trace(event, out);
    if (request.kind != Kind::Background) {
        out.lit(",\"reqId\":\"")
            .hex(request.traceLow >> 16, 12)
            .lit("\",\"userId\":\"u-")
            .number(request.user);
        out.lit("\",\"req\":{\"method\":\"").text(method(request.kind)).lit("\",\"url\":\"");
        appendPath(event, out);
        out.lit("\",\"remoteAddress\":\"");
        appendAddress(request.address, out);
        out.lit("\"}");
        nestedVariant(event, out);
        if (row.phase != Phase::Begin) {
            out.lit(",\"res\":{\"statusCode\":")
                .number(event.status)
                .lit("},\"responseTime\":")
                .number(event.durationUs / 1000);
        }
    }
    if (!row.errorType.empty()) {
        out.lit(",\"err\":{\"type\":\"").text(row.errorType).lit("\",\"message\":\"");
        m_catalogue.message(event, out);
        if (!row.stack.empty()) out.lit("\",\"stack\":\"").text(row.stack);
        out.lit("\"}");
    }
    out.lit(",\"msg\":\"");
    m_catalogue.message(event, out);
    out.lit("\"}");
}

void LineWriter::search(const Event& event, const MessageRow& row, LineBuffer& out)
{
    const Request& request = event.request;
    out.lit("{\"@timestamp\":\"");
    stamp(event.time, 3, out)
        .lit("Z\",\"log\":{\"level\":\"")
        .text(upper(row.level))
        .lit("\",\"logger\":\"")
        .text(row.logger);
    out.lit("\"},\"message\":\"");
    m_catalogue.message(event, out);
    out.lit("\",\"ecs\":{\"version\":\"8.11.0\"},\"service\":{\"name\":\"search\",\"version\":\"")
        .text(version(event));
    out.lit("\",\"environment\":\"prod\"},\"host\":{\"name\":\"");
    appendPod(event.service, event.salt, out);
    out.lit("\"}");
    if (request.kind != Kind::Background) {
        out.lit(",\"trace\":{\"id\":\"")
            .hex(request.traceHigh)
            .hex(request.traceLow)
            .lit("\"},\"span\":{\"id\":\"")
            .hex(event.span);
        out.lit("\"},\"event\":{\"dataset\":\"search.query\",\"duration\":")
            .number(std::uint64_t{event.durationUs} * 1000);
        out.lit("},\"search\":{\"terms\":\"")
            .text(searchTerms(request.sku))
            .lit("\",\"hits\":")
            .number(event.salt % 977 + 3);
        out.lit(",\"shards\":5,\"page\":")
            .number(request.items)
            .lit("},\"user\":{\"id\":\"u-")
            .number(request.user)
            .lit("\"}");
    }
    if (!row.errorType.empty()) {
        out.lit(",\"error\":{\"type\":\"").text(row.errorType).lit("\",\"message\":\"");
        m_catalogue.message(event, out);
        out.lit("\"}");
    }
    out.put('}');
}

void LineWriter::cart(const Event& event, const MessageRow& row, LineBuffer& out)
{
    const Request& request = event.request;
    out.lit("{\"time\":\"");
    stamp(event.time, 9, out)
        .lit("Z\",\"level\":\"")
        .text(upper(row.level))
        .lit("\",\"source\":{\"function\":\"")
        .text(row.logger);
    out.lit("\",\"file\":\"/src/cart/service.go\",\"line\":").number(row.line).lit("},\"msg\":\"");
    m_catalogue.message(event, out);
    out.lit("\",\"service\":\"cart\",\"host\":\"");
    appendPod(event.service, event.salt, out);
    out.put('"');
    trace(event, out);
    if (request.kind != Kind::Background) {
        out.lit(",\"user\":{\"id\":\"u-")
            .number(request.user)
            .lit("\",\"session\":\"")
            .hex(request.session, 8);
        out.lit("\"},\"cart\":{\"id\":\"c-")
            .number(request.user * 7u % 1'000'003u)
            .lit("\",\"items\":")
            .number(request.items);
        out.lit(",\"total_cents\":")
            .number(request.cents)
            .lit(",\"sku\":\"SKU-")
            .padded(request.sku, 4)
            .lit("\"}");
        nestedVariant(event, out);
        out.lit(",\"elapsed_ms\":").thousandth(event.durationUs);
    }
    if (!row.errorType.empty()) out.lit(",\"error\":\"").text(row.errorType).put('"');
    out.put('}');
}

void LineWriter::inventory(const Event& event, const MessageRow& row, LineBuffer& out)
{
    constexpr std::string_view kWarehouses[] = {"fra-1", "ams-2", "waw-1"};
    const Request& request = event.request;
    out.lit("{\"severity\":\"");
    out.text(row.level == 'W'   ? "WARNING"
             : row.level == 'N' ? "NOTICE"
                                : upper(row.level))
        .lit("\",\"time\":\"");
    stamp(event.time, 9, out).lit("Z\",\"message\":\"");
    m_catalogue.message(event, out);
    out.put('"');
    if (request.kind != Kind::Background) {
        out.lit(",\"logging.googleapis.com/trace\":\"projects/shop-prod/traces/")
            .hex(request.traceHigh)
            .hex(request.traceLow);
        out.lit("\",\"logging.googleapis.com/spanId\":\"")
            .hex(event.span)
            .lit("\",\"httpRequest\":{\"requestMethod\":\"");
        out.text(method(request.kind))
            .lit("\",\"requestUrl\":\"/stock/SKU-")
            .padded(request.sku, 4)
            .lit("\",\"status\":")
            .number(event.status);
        out.lit(",\"latency\":\"")
            .number(event.durationUs / 1'000'000)
            .put('.')
            .padded(event.durationUs % 1'000'000, 6);
        out.lit("s\"},\"sku\":\"SKU-")
            .padded(request.sku, 4)
            .lit("\",\"warehouse\":\"")
            .text(kWarehouses[request.sku % 3]);
        out.lit("\",\"quantity\":").number(request.items);
    }
    out.lit(",\"serviceContext\":{\"service\":\"inventory\",\"version\":\"").text(version(event));
    out.lit("\"},\"service\":\"inventory\",\"pod\":\"");
    appendPod(event.service, event.salt, out);
    out.lit("\",\"logger\":\"").text(row.logger).put('"');
    if (!row.errorType.empty()) out.lit(",\"error\":{\"type\":\"").text(row.errorType).lit("\"}");
    out.put('}');
}

void LineWriter::ordersDb(const Event& event, const MessageRow& row, LineBuffer& out)
{
    constexpr std::string_view kRoles[] = {"pricing", "checkout", "cart", "inventory"};
    const Request& request = event.request;
    const unsigned number = row.level == 'W' ? 13 : row.level == 'E' ? 17 : row.level == 'F' ? 21 : 9;
    out.lit("{\"timestamp\":\"");
    stamp(event.time, 3, out)
        .lit("Z\",\"severityText\":\"")
        .text(row.level == 'I'   ? "LOG"
              : row.level == 'W' ? "WARNING"
                                 : upper(row.level));
    out.lit("\",\"severityNumber\":").number(number).lit(",\"body\":\"");
    m_catalogue.message(event, out);
    out.lit("\",\"resource\":{\"service.name\":\"orders-db\",\"service.version\":\"").text(version(event));
    out.lit("\",\"host.name\":\"orders-db-0\"},\"attributes\":{\"db.system.name\":\"postgresql\",\"db."
            "namespace\":\"shop\",\"pid\":");
    out.number(event.salt % 9000 + 1200)
        .lit(",\"backend\":\"")
        .text(row.logger)
        .lit("\",\"connections\":")
        .number(event.inUse);
    if (request.kind != Kind::Background) {
        out.lit(",\"user\":\"").text(event.attempt == 0 ? "checkout" : kRoles[event.salt >> 8 & 3]);
        out.lit("\",\"duration_ms\":").thousandth(event.durationUs);
    }
    if (!row.errorType.empty()) out.lit(",\"db.response.status_code\":\"").text(row.errorType).put('"');
    out.put('}');
    if (request.kind != Kind::Background) {
        out.lit(",\"traceId\":\"")
            .hex(request.traceHigh)
            .hex(request.traceLow)
            .lit("\",\"spanId\":\"")
            .hex(event.span)
            .put('"');
    }
    out.put('}');
}

} // namespace faultline::demo
