#include "models/ingest/workload_name.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace faultline {
namespace {

/// One part of a suffix, behind its "-".
enum class Part : std::uint8_t {
    None,
    Random,  ///< 5 characters that the API server generates
    Hash,    ///< 7 to 10 of the same characters: the hash of a ReplicaSet
    Number,  ///< 8 to 10 digits: a CronJob's scheduled time, the hash of an old cluster
    Ordinal, ///< 1 to 4 digits: of a StatefulSet, of an indexed Job, of a DeploymentConfig
};

/// What controllers put behind a name, the first that fits.
/// Source: k8s.io/apimachinery/pkg/util/rand (the characters: no vowels, no 0, 1, 3, so that no words come
/// up), k8s.io/apiserver/pkg/storage/names (5 characters), controllers of Deployment, Job and StatefulSet.
struct Suffix
{
    Part first, second;
};
constexpr std::array kSuffixes = {
    Suffix{Part::Hash, Part::Random},    // checkout-7d9f8b6c5-x2x9z
    Suffix{Part::Number, Part::Random},  // backup-28394560-zv8dt
    Suffix{Part::Ordinal, Part::Random}, // import-3-k8vqf
    Suffix{Part::None, Part::Random},    // fluentd-x2x9z
    Suffix{Part::None, Part::Ordinal},   // redis-0
};

/// Names of containers that are the same in every chart.
constexpr std::array<std::string_view, 16> kGeneric = {
    "server", "app",    "application", "main",    "service", "container", "web",   "api",
    "worker", "client", "backend",     "default", "java",    "node",      "nginx", "python"};

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isRandom(char c)
{
    return std::string_view("bcdfghjklmnpqrstvwxz2456789").find(c) != std::string_view::npos;
}

bool fits(Part part, std::string_view text)
{
    const auto all = [text](bool (*is)(char)) { return std::all_of(text.begin(), text.end(), is); };
    switch (part) {
    case Part::None: break;
    case Part::Random: return text.size() == 5 && all(isRandom);
    case Part::Hash: return text.size() >= 7 && text.size() <= 10 && all(isRandom);
    case Part::Number: return text.size() >= 8 && text.size() <= 10 && all(isDigit);
    case Part::Ordinal: return !text.empty() && text.size() <= 4 && all(isDigit);
    }
    return false;
}

/// Takes the last part off `name`; false when it is not of that kind or nothing is left.
bool take(Part part, std::string_view& name)
{
    const std::size_t dash = name.rfind('-');
    if (dash == std::string_view::npos || dash == 0 || !fits(part, name.substr(dash + 1))) return false;
    name = name.substr(0, dash);
    return true;
}

} // namespace

std::string_view workloadName(std::string_view pod)
{
    for (const Suffix& suffix : kSuffixes) {
        std::string_view name = pod;
        if (take(suffix.second, name) && (suffix.first == Part::None || take(suffix.first, name)))
            return name;
    }
    return pod;
}

std::string_view serviceOfPod(std::string_view pod, std::string_view container)
{
    const bool generic =
        container.empty() || std::find(kGeneric.begin(), kGeneric.end(), container) != kGeneric.end();
    return generic && !pod.empty() ? workloadName(pod) : container;
}

} // namespace faultline
