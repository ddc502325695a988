// How long "what changed" takes: the first answer, the whole one and its end when it is stopped, on a store.
// Usage: compare_bench STORE FROM TO [runs, default 5]   (RFC 3339; against the rest of the store)
#include "models/analysis/comparer.h"
#include "models/records/user_time.h"
#include "models/session/workspace.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <thread>

using namespace faultline;

namespace {

double secondsSince(std::chrono::steady_clock::time_point begin)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double cpuSeconds()
{
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

} // namespace

int main(int argc, char** argv)
{
    const auto from = argc > 3 ? parseUserTime(argv[2], 0) : std::nullopt;
    const auto to = argc > 3 ? parseUserTime(argv[3], 0) : std::nullopt;
    if (!from || !to) {
        std::fputs("usage: compare_bench STORE FROM TO [RUNS]\n", stderr);
        return 2;
    }
    const int runs = argc > 4 ? std::atoi(argv[4]) : 5;
    Workspace::Options options;
    options.storePath = argv[1];
    auto workspace = Workspace::open(options);
    if (!workspace) {
        std::fprintf(stderr, "%s\n", workspace.error().line().c_str());
        return 1;
    }
    CompareQuestion question;
    question.a.range = {*from, *to};
    double first = 1e9, whole = 1e9, cpu = 1e9;
    std::uint64_t events = 0;
    for (int i = 0; i < runs; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        const double cpuBegin = cpuSeconds();
        double early = 0;
        const auto answer = (*workspace)->comparer()->compare(question, {}, [&](const Comparison&) {
            early = secondsSince(begin);
        });
        if (!answer) {
            std::fprintf(stderr, "%s\n", answer.error().line().c_str());
            return 1;
        }
        events = answer->eventsA + answer->eventsB;
        first = std::min(first, early);
        whole = std::min(whole, secondsSince(begin));
        cpu = std::min(cpu, cpuSeconds() - cpuBegin);
    }
    // Stopped at twenty places along the way.
    double longest = 0;
    for (int i = 1; i <= 20; ++i) {
        std::stop_source stop;
        std::atomic<bool> ended{false};
        std::chrono::steady_clock::time_point end;
        std::thread asker([&] {
            (void)(*workspace)->comparer()->compare(question, stop.get_token());
            end = std::chrono::steady_clock::now();
            ended = true;
        });
        std::this_thread::sleep_for(std::chrono::duration<double>(whole * i / 22));
        const bool before = ended;
        const auto asked = std::chrono::steady_clock::now();
        stop.request_stop();
        asker.join();
        if (!before) longest = std::max(longest, std::chrono::duration<double>(end - asked).count());
    }
    std::printf(
        "%llu events: first answer %.0f ms, whole %.0f ms (%.2f s of CPU; least of %d runs); stopped within "
        "%.1f ms\n",
        static_cast<unsigned long long>(events), first * 1e3, whole * 1e3, cpu, runs, longest * 1e3);
    return 0;
}
