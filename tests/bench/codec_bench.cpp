// How fast values become segments and come back: prints ns a row and MB/s of raw lines for add, seal and
// decode, and bytes a row of each column. Usage: codec_bench [segments] [unsorted]
#include "models/store/codecs.h"
#include "models/store/segment_builder.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace faultline;

namespace {

constexpr std::size_t kTexts = 11;
constexpr std::array<const char*, kTexts> kTextNames{"level",       "service",    "host",    "logger",
                                                     "trace_id",    "span_id",    "message", "method",
                                                     "http.target", "request_id", "user"};
struct Line
{
    TimeNs time = 0;
    std::uint8_t severity = 9;
    std::array<std::string_view, kTexts> texts; ///< in Lines::bytes, as they would lie in the bytes of a file
    std::array<std::int64_t, 3> ints{};         ///< status, bytes, thread
    Decimal duration;
    std::uint32_t documentBytes = 0;
};

struct Lines
{
    std::vector<Line> lines;
    std::string bytes;
};

std::string hex(std::mt19937_64& random, std::size_t digits)
{
    std::string text;
    while (text.size() < digits) {
        char part[17];
        std::snprintf(part, sizeof part, "%016llx", static_cast<unsigned long long>(random()));
        text += part;
    }
    text.resize(digits);
    return text;
}

Lines makeLines(std::size_t count, bool unsorted)
{
    std::mt19937_64 random(42);
    const std::array<const char*, 12> services{"checkout", "cart",     "payment", "shipping",
                                               "frontend", "search",   "catalog", "auth",
                                               "email",    "currency", "ads",     "gateway"};
    const auto number = [&random](std::uint64_t below) { return std::to_string(random() % below); };
    std::vector<std::string> traces(40);
    for (std::string& trace : traces) trace = hex(random, 32);
    Lines all;
    all.lines.resize(count);
    all.bytes.reserve(count * 320);
    TimeNs time = 1'760'000'000'000'000'000;
    for (Line& line : all.lines) {
        std::array<std::string, kTexts> texts;
        auto& [level, service, host, logger, traceId, spanId, message, method, target, request, user] = texts;
        time += static_cast<TimeNs>(random() % 4'000) * 1'000;
        line.time = unsorted ? time - static_cast<TimeNs>(random() % 20'000) * 1'000 : time;
        const std::uint64_t dice = random() % 100;
        level = dice < 80 ? "INFO" : dice < 92 ? "DEBUG" : dice < 98 ? "WARN" : "ERROR";
        line.severity = dice < 80 ? 9 : dice < 92 ? 5 : dice < 98 ? 13 : 17;
        service = services[std::min(random() % 12, random() % 12)];
        host = service + "-7d9f8b6c5-" + number(4);
        logger = "com.shop." + service + (random() % 2 ? ".http.Handler" : ".db.Pool");
        std::string& trace = traces[random() % traces.size()];
        if (random() % 8 == 0) trace = hex(random, 32);
        traceId = trace;
        spanId = hex(random, 16);
        const std::string order = number(1'000'000);
        user = "u" + number(50'000);
        line.duration = {static_cast<std::int64_t>(random() % 1'000 * (random() % 1'000) / 2), 3};
        switch (random() % 6) {
        case 0: message = "order " + order + " placed by user " + user + " in " + number(900) + " ms"; break;
        case 1: message = "GET /api/orders/" + order + " completed with status 200"; break;
        case 2: message = "connection pool at " + number(100) + "% (" + number(64) + " of 64 in use)"; break;
        case 3: message = "cache miss for key order:" + order + ", loading from database"; break;
        case 4: message = "request handled"; break;
        default:
            message = std::string("retrying call to ") + services[random() % 12] +
                      " after timeout, attempt " + number(5);
        }
        method = random() % 3 ? "GET" : "POST";
        target = "/api/orders/" + order;
        request = hex(random, 8) + "-" + hex(random, 4) + "-4" + hex(random, 3) + "-a" + hex(random, 3) +
                  "-" + hex(random, 12);
        line.ints = {dice < 95 ? 200 : 500 + static_cast<std::int64_t>(random() % 4),
                     static_cast<std::int64_t>(random() % 20'000), static_cast<std::int64_t>(random() % 32)};
        std::size_t bytes = 215; // keys, quotes and numbers
        for (std::size_t i = 0; i < kTexts; ++i) {
            bytes += texts[i].size();
            if (all.bytes.size() + texts[i].size() > all.bytes.capacity()) std::abort(); // views would dangle
            const std::size_t at = all.bytes.size();
            all.bytes += texts[i];
            line.texts[i] = std::string_view(all.bytes).substr(at);
        }
        line.documentBytes = static_cast<std::uint32_t>(bytes);
    }
    return all;
}

struct Columns
{
    explicit Columns(SegmentBuilder& builder)
    {
        time = builder.column("timestamp", ValueKind::Time);
        for (std::size_t i = 0; i < kTexts; ++i) texts[i] = builder.column(kTextNames[i], ValueKind::Text);
        ints = {builder.column("http.status", ValueKind::Int), builder.column("http.bytes", ValueKind::Int),
                builder.column("thread", ValueKind::Int)};
        duration = builder.column("duration_ms", ValueKind::Decimal);
        Shape layout;
        layout.literals = {"{", "}"};
        layout.slots = {{texts[6], SlotStyle::JsonString, {}}};
        layout.canonical[static_cast<std::size_t>(Canonical::Message)] = texts[6];
        shape = builder.shape(layout);
    }
    ColumnIndex time = 0, duration = 0;
    std::array<ColumnIndex, kTexts> texts{};
    std::array<ColumnIndex, 3> ints{};
    std::uint32_t shape = 0;
};

void add(SegmentBuilder& builder, const Columns& to, const Line& line, Ordinal ordinal)
{
    builder.addPresent(to.time);
    for (std::size_t i = 0; i < kTexts; ++i) builder.addText(to.texts[i], line.texts[i]);
    for (std::size_t i = 0; i < to.ints.size(); ++i) builder.addInt(to.ints[i], line.ints[i]);
    builder.addDecimal(to.duration, line.duration);
    builder.endRow({line.time, ordinal, SourceId{1}, to.shape, 0, line.severity, line.documentBytes});
}

double seconds(std::chrono::steady_clock::time_point since)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

} // namespace

int main(int argc, char** argv)
{
    const int segments = argc > 1 ? std::atoi(argv[1]) : 8;
    const bool unsorted = argc > 2;
    const Lines made = makeLines(kSegmentRows, unsorted);
    const std::vector<Line>& lines = made.lines;
    SegmentBuilder builder;
    double adding = 1e9, sealing = 1e9, decoding = 1e9; // of the fastest segment: the machine is shared
    std::vector<double> columnDecoding(64, 1e9);
    std::uint64_t decodedBytes = 0;
    SealedSegment sealed;
    for (int i = 0; i < segments; ++i) {
        auto since = std::chrono::steady_clock::now();
        const Columns columns(builder);
        for (std::size_t row = 0; row < lines.size() && !builder.full(); ++row)
            add(builder, columns, lines[row], row);
        adding = std::min(adding, seconds(since));
        since = std::chrono::steady_clock::now();
        sealed = builder.seal();
        sealing = std::min(sealing, seconds(since));
        double all = 0;
        decodedBytes = 0;
        for (std::size_t column = 0; column < sealed.info.columns.size(); ++column) {
            since = std::chrono::steady_clock::now();
            const auto data =
                decodeColumn(sealed.info.columns[column], sealed.info.rows, sealed.chunks[column]);
            const double took = seconds(since);
            if (!data) {
                std::fprintf(stderr, "%s\n", data.error().line().c_str());
                return 1;
            }
            columnDecoding[column] = std::min(columnDecoding[column], took);
            all += took;
            decodedBytes += (*data)->bytes();
        }
        decoding = std::min(decoding, all);
    }
    const double rows = sealed.info.rows, raw = static_cast<double>(sealed.info.rawBytes);
    std::printf("%u rows, %.0f bytes a line, 16 values; stored %.1f bytes a line (%.1f %%)\n",
                sealed.info.rows, raw / rows, static_cast<double>(sealed.info.storedBytes) / rows,
                100.0 * static_cast<double>(sealed.info.storedBytes) / raw);
    const auto print = [&](const char* what, double time, double bytes) {
        std::printf("%-8s %7.1f ns a row  %6.2f ns a value  %8.0f MB/s\n", what, time / rows * 1e9,
                    time / rows / 16 * 1e9, bytes / time / 1e6);
    };
    print("add", adding, raw);
    print("seal", sealing, raw);
    print("decode", decoding, static_cast<double>(decodedBytes));
    for (std::size_t i = 0; i < sealed.info.columns.size(); ++i) {
        const ColumnInfo& column = sealed.info.columns[i];
        if (column.storedBytes > 0)
            std::printf("  %-12s codec %u  %6.2f bytes a row  distinct %5u  decode %5.2f ns a row\n",
                        column.path.c_str(), column.codec, static_cast<double>(column.storedBytes) / rows,
                        column.distinct, columnDecoding[i] / rows * 1e9);
    }
    return 0;
}
