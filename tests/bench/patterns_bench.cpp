// What message patterns cost: CPU seconds of reading the demo's lines into segments, with messages masked and
// with the same texts stored as any other field; the target is at most 15 %. Usage: patterns_bench [events]
// [runs]
#include "models/ingest/detect.h"
#include "models/ingest/piece_parser.h"
#include "resources/embedded.h"
#include "tests/support/demo_lines.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <nlohmann/json.hpp>
#include <string>

using namespace faultline;

namespace {

double cpuSeconds()
{
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

/// The aliases of the product; without those of the message no column is masked.
std::shared_ptr<const Normaliser> aliases(bool messages)
{
    auto json = nlohmann::json::parse(embeddedFile("fields/aliases.json"), nullptr, false);
    if (!messages && json.is_object()) json["message"] = nlohmann::json::array();
    auto loaded = Normaliser::load(json.dump());
    return loaded ? *loaded : nullptr;
}

/// CPU seconds of parsing and sealing; bytes of all blobs in `stored`.
double parse(const std::string& lines, const std::shared_ptr<const Normaliser>& normaliser,
             std::size_t& stored)
{
    constexpr std::size_t pieceBytes = 24u << 20;
    auto run = std::make_shared<SourceRun>();
    run->id = SourceId{1};
    run->context.format = "json";
    run->arrival = run->fileTime = run->context.time.now = 1'800'000'000 * kSecondNs;
    run->chain = std::make_unique<SourceChain>(Checkpoint{});
    run->decoder = makeDecoder("json");
    PieceParser parser(normaliser);
    double seconds = 0;
    stored = 0;
    for (std::size_t begin = 0, number = 0; begin < lines.size(); ++number) {
        std::size_t end = std::min(begin + pieceBytes, lines.size());
        if (end < lines.size()) end = lines.rfind('\n', end) + 1;
        Piece piece;
        piece.size = end - begin;
        piece.buffer = std::make_unique<char[]>(piece.size + kPiecePadding);
        std::memcpy(piece.buffer.get(), lines.data() + begin, piece.size);
        SourceSpan span;
        span.source = run;
        span.number = number;
        span.end = piece.size;
        span.position = begin;
        span.parallel = true;
        span.ends = end == lines.size();
        piece.spans.push_back(std::move(span));
        const double before = cpuSeconds();
        const auto batch = parser.parse(piece, {});
        seconds += cpuSeconds() - before;
        if (batch)
            for (const SealedSegment& sealed : batch->segments)
                for (const std::string& chunk : sealed.chunks) stored += chunk.size();
        begin = end;
    }
    return seconds;
}

} // namespace

int main(int argc, char** argv)
{
    const std::uint64_t events = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 200'000;
    const int runs = argc > 2 ? std::atoi(argv[2]) : 5;
    const std::string lines = test::demoLines(events);
    const auto masked = aliases(true), plain = aliases(false);
    if (lines.empty() || !masked || !plain) return 1;
    double with = 1e9, without = 1e9;
    std::size_t withBytes = 0, withoutBytes = 0;
    for (int i = 0; i < runs; ++i) {
        with = std::min(with, parse(lines, masked, withBytes));
        without = std::min(without, parse(lines, plain, withoutBytes));
    }
    const double megabytes = static_cast<double>(lines.size()) / 1e6;
    std::printf("%.0f MB of lines, least of %d runs\n", megabytes, runs);
    std::printf("with patterns     %.3f s CPU  %.0f MB/s  %.1f MB stored\n", with, megabytes / with,
                static_cast<double>(withBytes) / 1e6);
    std::printf("without patterns  %.3f s CPU  %.0f MB/s  %.1f MB stored\n", without, megabytes / without,
                static_cast<double>(withoutBytes) / 1e6);
    std::printf("patterns cost     %.1f %% of it\n", 100 * (with - without) / with);
    return 0;
}
