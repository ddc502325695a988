// Loggers that write flat objects: zerolog, zap, logstash, structlog, Serilog compact, ECS with dotted keys.
#include "models/session/demo/line_writer.h"

namespace faultline::demo {
namespace {

std::string_view lower(char level)
{
    switch (level) {
    case 'T': return "trace";
    case 'D': return "debug";
    case 'W': return "warn";
    case 'E': return "error";
    case 'F': return "fatal";
    default: return "info";
    }
}

std::string_view upper(char level)
{
    switch (level) {
    case 'T': return "TRACE";
    case 'D': return "DEBUG";
    case 'W': return "WARN";
    case 'E': return "ERROR";
    case 'F': return "FATAL";
    default: return "INFO";
    }
}

void flatTrace(const Event& event, LineBuffer& out)
{
    if (event.request.kind == Kind::Background) return;
    out.lit(",\"trace_id\":\"").hex(event.request.traceHigh).hex(event.request.traceLow);
    out.lit("\",\"span_id\":\"").hex(event.span).put('"');
}

void flatVariant(const Event& event, LineBuffer& out)
{
    if (!event.request.knowsVariant) return;
    out.lit(",\"feature_flag.key\":\"").text(kFlagKey);
    out.lit("\",\"feature_flag.result.variant\":\"").text(variantName(event.request)).put('"');
}

} // namespace

void LineWriter::auth(const Event& event, const MessageRow& row, LineBuffer& out)
{
    const Request& request = event.request;
    out.lit("{\"level\":\"")
        .text(lower(row.level))
        .lit("\",\"service\":\"auth\",\"version\":\"")
        .text(version(event));
    out.lit("\",\"env\":\"prod\",\"host\":\"");
    appendPod(event.service, event.salt, out);
    out.put('"');
    flatTrace(event, out);
    if (request.kind != Kind::Background) {
        out.lit(",\"user_id\":\"u-").number(request.user).lit("\",\"session\":\"").hex(request.session, 8);
        out.lit("\",\"remote_addr\":\"");
        appendAddress(request.address, out);
        out.lit("\",\"grant\":\"").text(request.kind == Kind::Login ? "password" : "token");
        out.lit("\",\"cache_hit\":").text(event.salt & 3 ? "true" : "false");
        out.lit(",\"attempt\":").number(event.attempt);
        out.lit(",\"status\":").number(event.status);
        out.lit(",\"duration_ms\":").thousandth(event.durationUs);
    }
    if (!row.errorType.empty()) out.lit(",\"error\":\"").text(row.errorType).put('"');
    out.lit(",\"goroutines\":").number(180 + event.salt % 240);
    out.lit(",\"time\":\"");
    stamp(event.time, 6, out)
        .lit("Z\",\"caller\":\"")
        .text(row.logger)
        .put(':')
        .number(row.line)
        .lit("\",\"message\":\"");
    m_catalogue.message(event, out);
    out.lit("\"}");
}

void LineWriter::pricing(const Event& event, const MessageRow& row, LineBuffer& out)
{
    const Request& request = event.request;
    out.lit("{\"level\":\"")
        .text(lower(row.level))
        .lit("\",\"ts\":")
        .number(static_cast<std::uint64_t>(event.time / kSecondNs));
    out.put('.').padded(static_cast<std::uint64_t>(event.time % kSecondNs / 1000), 6);
    out.lit(",\"logger\":\"").text(row.logger).lit("\",\"caller\":\"quote/engine.go:").number(row.line);
    out.lit("\",\"msg\":\"");
    m_catalogue.message(event, out);
    out.lit("\",\"service\":\"pricing\",\"version\":\"").text(version(event)).lit("\",\"pod\":\"");
    appendPod(event.service, event.salt, out);
    out.put('"');
    flatTrace(event, out);
    if (request.kind != Kind::Background) {
        out.lit(",\"user_id\":\"u-").number(request.user).lit("\",\"items\":").number(request.items);
        out.lit(",\"currency\":\"EUR\",\"total_cents\":").number(request.cents);
        out.lit(",\"engine\":\"").text(request.variant ? "v2" : "v1").put('"');
        flatVariant(event, out);
        out.lit(",\"db.query_ms\":").thousandth(event.durationUs - event.durationUs / 16);
        out.lit(",\"duration_ms\":").thousandth(event.durationUs);
    }
    if (!row.errorType.empty()) {
        out.lit(",\"error\":\"").text(row.errorType).lit("\",\"pool_in_use\":").number(event.inUse);
        out.lit(",\"pool_waiting\":").number(event.waiting);
        if (!row.stack.empty()) out.lit(",\"stacktrace\":\"").text(row.stack).put('"');
    }
    out.put('}');
}

void LineWriter::checkout(const Event& event, const MessageRow& row, LineBuffer& out)
{
    const Request& request = event.request;
    out.lit("{\"@timestamp\":\"");
    stamp(event.time, 3, out).lit("Z\",\"@version\":\"1\",\"message\":\"");
    m_catalogue.message(event, out);
    out.lit("\",\"logger_name\":\"").text(row.logger).lit("\",\"thread_name\":\"http-nio-8080-exec-");
    out.number(event.salt % 200 + 1).lit("\",\"level\":\"").text(upper(row.level)).lit("\",\"level_value\":");
    const unsigned value = row.level == 'D'   ? 10'000
                           : row.level == 'W' ? 30'000
                           : row.level == 'E' ? 40'000
                                              : 20'000;
    out.number(value);
    if (!row.stack.empty()) out.lit(",\"stack_trace\":\"").text(row.stack).put('"');
    if (!row.errorType.empty()) out.lit(",\"error.type\":\"").text(row.errorType).put('"');
    out.lit(",\"service\":\"checkout\",\"version\":\"").text(version(event)).lit("\",\"host\":\"");
    appendPod(event.service, event.salt, out);
    out.put('"');
    flatTrace(event, out);
    if (request.kind != Kind::Background) {
        out.lit(",\"userId\":\"u-").number(request.user).lit("\",\"orderId\":").number(request.order);
        out.lit(",\"amount\":").hundredth(request.cents).lit(",\"currency\":\"EUR\"");
        flatVariant(event, out);
        out.lit(",\"duration_ms\":").number(event.durationUs / 1000);
    }
    out.put('}');
}

void LineWriter::shipping(const Event& event, const MessageRow& row, LineBuffer& out)
{
    constexpr std::string_view kCarriers[] = {"parcelbird", "northpost", "swiftbox", "parcelbird"};
    const Request& request = event.request;
    out.lit("{\"event\":\"");
    m_catalogue.message(event, out);
    out.lit("\",\"level\":\"")
        .text(row.level == 'W' ? "warning" : lower(row.level))
        .lit("\",\"timestamp\":\"");
    stamp(event.time, 6, out)
        .lit("Z\",\"logger\":\"")
        .text(row.logger)
        .lit("\",\"service\":\"shipping\",\"release\":\"");
    out.text(version(event)).lit("\",\"host\":\"");
    appendPod(event.service, event.salt, out);
    out.lit("\",\"process\":").number(event.salt % 8 + 11);
    flatTrace(event, out);
    if (request.kind != Kind::Background) {
        out.lit(",\"order_id\":").number(request.order).lit(",\"user_id\":\"u-").number(request.user);
        out.lit("\",\"carrier\":\"")
            .text(kCarriers[event.salt >> 4 & 3])
            .lit("\",\"parcel_g\":")
            .number(event.salt % 9000 + 150);
        out.lit(",\"attempt\":").number(event.attempt).lit(",\"duration_ms\":").thousandth(event.durationUs);
        out.lit(",\"request_path\":\"");
        appendPath(event, out);
        out.put('"');
    }
    if (!row.errorType.empty()) {
        out.lit(",\"error\":\"").text(row.errorType).put('"');
        if (!row.stack.empty()) out.lit(",\"exception\":\"").text(row.stack).put('"');
    }
    out.put('}');
}

void LineWriter::payment(const Event& event, const MessageRow& row, LineBuffer& out)
{
    constexpr std::string_view kProviders[] = {"cardgate", "paylane", "cardgate", "bankpay"};
    const Request& request = event.request;
    out.lit("{\"@t\":\"");
    stamp(event.time, 7, out).lit("Z\",\"@m\":\"");
    m_catalogue.message(event, out);
    out.lit("\",\"@i\":\"").hex(mix(event.message), 8).put('"');
    if (row.level == 'D') out.lit(",\"@l\":\"Debug\"");
    if (row.level == 'W') out.lit(",\"@l\":\"Warning\"");
    if (row.level == 'E') out.lit(",\"@l\":\"Error\"");
    if (!row.stack.empty()) out.lit(",\"@x\":\"").text(row.stack).put('"');
    if (request.kind != Kind::Background) {
        out.lit(",\"@tr\":\"")
            .hex(request.traceHigh)
            .hex(request.traceLow)
            .lit("\",\"@sp\":\"")
            .hex(event.span);
        out.lit("\",\"OrderId\":").number(request.order).lit(",\"UserId\":\"u-").number(request.user);
        out.lit("\",\"PaymentId\":\"pay_")
            .hex(mix(request.order), 12)
            .lit("\",\"Amount\":")
            .hundredth(request.cents);
        out.lit(",\"Currency\":\"EUR\",\"Provider\":\"").text(kProviders[request.user & 3]);
        out.lit("\",\"ElapsedMs\":").thousandth(event.durationUs).lit(",\"Attempt\":").number(event.attempt);
    }
    if (!row.errorType.empty()) out.lit(",\"ExceptionType\":\"").text(row.errorType).put('"');
    out.lit(",\"SourceContext\":\"").text(row.logger).lit("\",\"ThreadId\":").number(event.salt % 48 + 4);
    out.lit(",\"Application\":\"payment\",\"Version\":\"").text(version(event)).lit("\",\"MachineName\":\"");
    appendPod(event.service, event.salt, out);
    out.lit("\"}");
}

void LineWriter::catalog(const Event& event, const MessageRow& row, LineBuffer& out)
{
    const Request& request = event.request;
    out.lit("{\"@timestamp\":\"");
    stamp(event.time, 3, out).lit("Z\",\"log.level\":\"").text(upper(row.level)).lit("\",\"message\":\"");
    m_catalogue.message(event, out);
    out.lit("\",\"ecs.version\":\"1.2.0\",\"service.name\":\"catalog\",\"service.version\":\"")
        .text(version(event));
    out.lit("\",\"service.environment\":\"prod\",\"host.name\":\"");
    appendPod(event.service, event.salt, out);
    out.lit("\",\"event.dataset\":\"catalog.log\",\"process.thread.name\":\"http-nio-8080-exec-")
        .number(event.salt % 64 + 1);
    out.lit("\",\"log.logger\":\"").text(row.logger).put('"');
    if (request.kind != Kind::Background) {
        out.lit(",\"trace.id\":\"")
            .hex(request.traceHigh)
            .hex(request.traceLow)
            .lit("\",\"span.id\":\"")
            .hex(event.span);
        out.lit("\",\"url.path\":\"");
        appendPath(event, out);
        out.lit("\",\"http.response.status_code\":").number(event.status);
        out.lit(",\"product.sku\":\"SKU-")
            .padded(request.sku, 4)
            .lit("\",\"event.duration\":")
            .number(std::uint64_t{event.durationUs} * 1000);
    }
    if (!row.errorType.empty()) {
        out.lit(",\"error.type\":\"").text(row.errorType).put('"');
        if (!row.stack.empty()) out.lit(",\"error.stack_trace\":\"").text(row.stack).put('"');
    }
    out.put('}');
}

} // namespace faultline::demo
