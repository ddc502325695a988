// Decodes a compressed file and prints MB/s of decoded bytes, beside gzip -dc on the same file:
//   inflate_bench [FILE]
// Without FILE it makes 400 MB of log lines in the folder for temporary files, and compresses them with gzip.
#include "models/ingest/open_input.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

std::string makeFile()
{
    const std::string path =
        (std::filesystem::temp_directory_path() / "faultline-inflate-bench.json.gz").string();
    FILE* pipe = ::popen(("gzip -6 > '" + path + "'").c_str(), "w");
    if (!pipe) return {};
    std::mt19937_64 random(1);
    const char* const services[] = {"checkout", "cart", "payment", "catalog", "shipping"};
    const char* const levels[] = {"INFO", "INFO", "INFO", "DEBUG", "WARN", "ERROR"};
    char line[400];
    for (std::size_t bytes = 0, n = 0; bytes < 400'000'000; ++n) {
        const std::uint64_t a = random(), b = random();
        const int length = std::snprintf(
            line, sizeof line,
            "{\"timestamp\":\"2026-01-31T%02zu:%02zu:%02zu.%06zuZ\",\"level\":\"%s\",\"service\":\"%s\","
            "\"message\":"
            "\"request %zu handled in %u "
            "ms\",\"trace_id\":\"%016llx%016llx\",\"status\":%d,\"user\":{\"id\":%u}}\n",
            n / 36'000'000 % 24, n / 600'000 % 60, n / 10'000 % 60, n * 100 % 1'000'000, levels[a % 6],
            services[b % 5], n, static_cast<unsigned>(a % 900), static_cast<unsigned long long>(a),
            static_cast<unsigned long long>(b), a % 50 ? 200 : 500, static_cast<unsigned>(b % 5000));
        std::fwrite(line, 1, static_cast<std::size_t>(length), pipe);
        bytes += static_cast<std::size_t>(length);
    }
    return ::pclose(pipe) == 0 ? path : std::string();
}

double secondsOf(const std::function<void()>& work)
{
    double best = 1e9;
    for (int run = 0; run < 5; ++run) {
        const auto begin = Clock::now();
        work();
        best = std::min(best, std::chrono::duration<double>(Clock::now() - begin).count());
    }
    return best;
}

} // namespace

int main(int argc, char** argv)
{
    const std::string path = argc > 1 ? argv[1] : makeFile();
    if (path.empty()) return 3;
    std::uint64_t decoded = 0;
    bool good = true;
    std::vector<char> buffer(4u << 20);
    const double ours = secondsOf([&] {
        decoded = 0;
        auto input = faultline::openInput(path);
        while (good && input) {
            auto chunk = (*input)->read(buffer.data(), buffer.size());
            good = chunk.ok();
            if (!good) break;
            decoded += chunk->bytes;
            if (chunk->eof) break;
        }
        good = good && input.ok();
    });
    const double peer =
        secondsOf([&] { good = std::system(("gzip -dc '" + path + "' > /dev/null").c_str()) == 0 && good; });
    const double megabytes = static_cast<double>(decoded) / 1e6;
    std::printf("decoded %.0f MB: %.0f MB/s; gzip -dc %.0f MB/s; ratio %.2f%s\n", megabytes, megabytes / ours,
                megabytes / peer, peer / ours, good ? "" : " (FAULT)");
    if (argc <= 1) std::filesystem::remove(path);
    return good ? 0 : 3;
}
