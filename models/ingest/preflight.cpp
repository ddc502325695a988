#include "models/ingest/preflight.h"

#include "models/base/worker_pool.h"
#include "models/ingest/discover.h"
#include "models/ingest/glob.h"
#include "models/ingest/preflight_probe.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace faultline {
namespace {

namespace fs = std::filesystem;

/// Shares of the budget after which no further file is begun: listing, first bytes, sample.
constexpr double kListed = 0.35, kProbed = 0.65, kSampled = 0.9;
/// Parts in the sample: at most so many MiB.
constexpr std::size_t kFewestParts = 8, kParts = 16;

class Look
{
public:
    Look(const PreflightOptions& options, std::stop_token stop)
        : m_options(options)
        , m_stop(std::move(stop))
        , m_begin(options.clock->steady())
        , m_now(options.clock->now())
        , m_pool(std::max<std::size_t>((options.threads != 0
                                            ? options.threads
                                            : std::max(1u, std::thread::hardware_concurrency())),
                                       2) -
                 1)
    {}

    Result<Preflight> run(const std::vector<std::string>& paths)
    {
        auto found = discoverWithin(paths, {[this] { return isOver(kListed); }}, m_stop);
        if (!found) return std::move(found).error();
        m_entries = std::move(*found);
        m_result.paths = paths;
        for (const InputEntry& entry : m_entries) add(entry);
        probe();
        if (!m_stop.stop_requested()) sample();
        addUp();
        if (m_stop.stop_requested())
            return makeError(ErrorKind::Cancelled, "look at what is there", "it was stopped");
        m_result.took = since();
        return std::move(m_result);
    }

private:
    double since() const
    {
        return std::chrono::duration<double>(m_options.clock->steady() - m_begin).count();
    }
    bool isOver(double share) const
    {
        return m_stop.stop_requested() ||
               since() >= share * std::chrono::duration<double>(m_options.budget).count();
    }

    void add(const InputEntry& entry)
    {
        PreflightFile file;
        file.path = entry.path;
        file.name = entry.name;
        file.bytes = entry.bytes;
        file.skipReason = entry.skipReason;
        file.compressed = entry.compressed;
        struct stat info = {};
        file.member = entry.path.find('!') != std::string::npos && ::lstat(entry.path.c_str(), &info) != 0;
        // A folder or an archive that was not listed to its end stands for what is in it.
        if (entry.unlooked && !entry.skipReason.empty()) {
            m_result.listedAll = false;
            file.bytes = 0;
        }
        m_result.files.push_back(std::move(file));
    }

    /// Entries to look into, the largest first: they decide the totals.
    std::vector<std::size_t> toProbe() const
    {
        std::vector<std::size_t> order;
        for (std::size_t i = 0; i < m_entries.size(); ++i)
            if (m_entries[i].skipReason.empty() && !isPipeEntry(m_entries[i])) order.push_back(i);
        std::stable_sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
            return m_entries[a].bytes > m_entries[b].bytes;
        });
        return order;
    }

    void probe()
    {
        const auto order = toProbe();
        m_pool.parallelFor(
            order.size(),
            [&](std::size_t place) {
                const std::size_t i = order[place];
                if (!isOver(kProbed))
                    probeFile(m_entries[i], *m_options.normaliser, m_now, m_result.files[i], m_stop);
            },
            m_stop);
    }

    struct Part
    {
        std::size_t file = 0;
        std::uint64_t offset = 0;
    };
    /// Places evenly over the bytes of what was looked at: each format counts as much as it has.
    std::vector<Part> parts() const
    {
        std::uint64_t total = 0;
        const auto counts = [](const PreflightFile& file) { return file.looked && !file.member; };
        for (const PreflightFile& file : m_result.files) total += counts(file) ? file.bytes : 0;
        const auto number = static_cast<std::size_t>(
            std::clamp<std::uint64_t>(total / Sampler::kPartBytes, kFewestParts, kParts));
        std::vector<Part> parts;
        std::set<std::pair<std::size_t, std::uint64_t>> seen;
        std::uint64_t before = 0;
        std::size_t next = 0;
        for (std::size_t i = 0; i < m_result.files.size(); ++i) {
            const PreflightFile& file = m_result.files[i];
            if (!counts(file)) continue;
            for (; next < number; ++next) {
                const auto place = static_cast<std::uint64_t>(
                    static_cast<double>(total) * static_cast<double>(next) / static_cast<double>(number));
                if (place >= before + file.bytes) break;
                const std::uint64_t offset = file.compressed ? 0 : place - before;
                if (seen.emplace(i, offset).second) parts.push_back({i, offset});
            }
            before += file.bytes;
        }
        return parts;
    }

    void sample()
    {
        const auto wanted = parts();
        Sampler sampler(m_options.normaliser, m_now);
        std::vector<SamplePart> taken(wanted.size());
        const auto begin = m_options.clock->steady();
        m_pool.parallelFor(
            wanted.size(),
            [&](std::size_t i) {
                if (!isOver(kSampled))
                    taken[i] = sampler.take(m_result.files[wanted[i].file], wanted[i].offset, m_stop);
            },
            m_stop);
        const double seconds = std::chrono::duration<double>(m_options.clock->steady() - begin).count();
        double disk = 0, unpacked = 0, parsed = 0, stored = 0;
        for (std::size_t i = 0; i < taken.size(); ++i) {
            parsed += static_cast<double>(taken[i].parsedBytes);
            stored += static_cast<double>(taken[i].storedBytes);
            m_result.sampleBytes += taken[i].decodedBytes;
            if (!m_result.files[wanted[i].file].compressed) continue;
            disk += static_cast<double>(taken[i].diskBytes);
            unpacked += static_cast<double>(taken[i].decodedBytes);
        }
        if (disk > 0) m_ratio = unpacked / disk;
        if (parsed > 0) m_stored = stored / parsed;
        if (seconds > 0) m_result.bytesPerSecond = static_cast<double>(m_result.sampleBytes) / seconds;
    }

    /// Of files without a look: as those that were looked at, altogether.
    double usualBytesPerEvent() const
    {
        double bytes = 0, events = 0;
        for (const PreflightFile& file : m_result.files) {
            if (file.bytesPerEvent <= 0) continue;
            bytes += static_cast<double>(file.bytes);
            events += static_cast<double>(file.bytes) / file.bytesPerEvent;
        }
        return events > 0 ? bytes / events : 0;
    }

    void addUp()
    {
        const double usual = usualBytesPerEvent();
        double decoded = 0, events = 0;
        for (const PreflightFile& file : m_result.files) {
            if (!file.skipReason.empty()) {
                ++m_result.skipped;
                continue;
            }
            ++m_result.toRead;
            m_result.unlooked += file.looked ? 0 : 1;
            m_result.bytes += file.bytes;
            const double bytes =
                static_cast<double>(file.bytes) * (file.compressed && !file.member ? m_ratio : 1);
            decoded += bytes;
            const double each = file.bytesPerEvent > 0 ? file.bytesPerEvent : usual;
            if (each > 0) events += bytes / each;
            if (!file.first) continue;
            const TimeNs a = *file.first, b = file.last.value_or(a);
            const TimeNs low = std::min(a, b), high = std::max(a, b);
            const TimeNs end = high == kTimeMax ? high : high + 1;
            if (!m_result.span) m_result.span = TimeRange{low, end};
            m_result.span->begin = std::min(m_result.span->begin, low);
            m_result.span->end = std::max(m_result.span->end, end);
        }
        m_result.decodedBytes = static_cast<std::uint64_t>(decoded);
        m_result.events = static_cast<std::uint64_t>(events);
        m_result.storeBytes = static_cast<std::uint64_t>(decoded * m_stored);
        if (m_result.bytesPerSecond > 0) m_result.seconds = decoded / m_result.bytesPerSecond;
        if (m_options.freeBytes)
            m_result.freeBytes = m_options.freeBytes(m_options.storePath);
        else if (!m_options.storePath.empty())
            m_result.freeBytes = spaceFor(m_options.storePath);
    }

    static std::optional<std::uint64_t> spaceFor(const std::string& path)
    {
        std::error_code failed;
        fs::path folder = fs::absolute(path, failed);
        while (!fs::exists(folder, failed) && folder.has_relative_path()) folder = folder.parent_path();
        const fs::space_info space = fs::space(folder, failed);
        if (failed || space.available == static_cast<std::uintmax_t>(-1)) return std::nullopt;
        return space.available;
    }

    const PreflightOptions& m_options;
    std::stop_token m_stop;
    std::chrono::steady_clock::time_point m_begin;
    TimeNs m_now;
    std::vector<InputEntry> m_entries;
    Preflight m_result;
    /// Unpacked bytes for each packed one, and stored for each parsed one, where no sample says it.
    double m_ratio = 8, m_stored = 1;
    WorkerPool m_pool; // last: ends before what it uses
};

} // namespace

bool isLargeRead(const std::vector<std::string>& paths, const LargeRead& limits, std::stop_token stop)
{
    std::uint64_t bytes = 0;
    std::size_t files = 0;
    std::vector<std::string> open;
    for (const std::string& path : paths) {
        if (path == "-") continue;
        if (hasGlob(path) && ::access(path.c_str(), F_OK) != 0)
            for (std::string& match : expandGlob(path, stop)) open.push_back(std::move(match));
        else
            open.push_back(path);
    }
    std::set<std::pair<std::uint64_t, std::uint64_t>> folders; // entered once: links may go round
    while (!open.empty() && !stop.stop_requested()) {
        const std::string path = std::move(open.back());
        open.pop_back();
        struct stat info = {};
        if (::stat(path.c_str(), &info) != 0) continue;
        if (S_ISREG(info.st_mode)) {
            bytes += static_cast<std::uint64_t>(info.st_size);
            if (++files > limits.files || bytes > limits.bytes) return true;
        }
        if (!S_ISDIR(info.st_mode) || !folders.emplace(info.st_dev, info.st_ino).second) continue;
        std::error_code error;
        fs::directory_iterator walk(path, error), end;
        for (; !error && walk != end; walk.increment(error)) {
            std::error_code ignored;
            if (junkReason(walk->path().filename().string(), walk->is_directory(ignored)).empty())
                open.push_back(walk->path().string());
        }
    }
    return false;
}

Result<Preflight> preflight(const std::vector<std::string>& paths, const PreflightOptions& options,
                            std::stop_token stop)
{
    return Look(options, std::move(stop)).run(paths);
}

std::vector<std::string> filesFirst(const Preflight& preflight, const TimeRange& range)
{
    std::vector<std::string> first;
    std::vector<const PreflightFile*> perhaps;
    for (const PreflightFile& file : preflight.files) {
        if (!file.skipReason.empty()) continue;
        if (file.first && file.last) {
            if (range.overlaps(std::min(*file.first, *file.last), std::max(*file.first, *file.last)))
                first.push_back(file.path);
        } else if (!file.first || *file.first < range.end) {
            perhaps.push_back(&file);
        }
    }
    // Of files whose end is not known, the one that begins last before the range's end is the likeliest.
    std::stable_sort(perhaps.begin(), perhaps.end(), [](const PreflightFile* a, const PreflightFile* b) {
        return a->first.value_or(kTimeMin) > b->first.value_or(kTimeMin);
    });
    for (const PreflightFile* const file : perhaps) first.push_back(file->path);
    return first;
}

} // namespace faultline
