#include "models/session/experiments.h"

#include <algorithm>
#include <array>

namespace faultline {
namespace {

constexpr std::array<Experiment, 1> kExperiments{
    {{"sql-console", "SQL console",
      "Asks the store in SQL, read only. Large answers can take long; the tables may change."}}};

const Experiment* find(std::string_view name)
{
    const auto found = std::find_if(kExperiments.begin(), kExperiments.end(),
                                    [&](const Experiment& each) { return each.name == name; });
    return found == kExperiments.end() ? nullptr : &*found;
}

} // namespace

std::span<const Experiment> experiments()
{
    return kExperiments;
}

Status EnabledExperiments::enable(std::string_view name)
{
    if (find(name) != nullptr) {
        m_run.emplace(name);
        return {};
    }
    Error error = makeError(ErrorKind::Usage, "enable " + std::string(name.substr(0, 80)),
                            "there is no experiment of this name");
    std::string names;
    for (const Experiment& each : kExperiments) names += (names.empty() ? "" : ", ") + std::string(each.name);
    error.hints = {"There is: " + names + "."};
    return error;
}

void EnabledExperiments::keep(std::string_view name, bool on)
{
    if (find(name) == nullptr) return;
    if (on)
        m_kept.emplace(name);
    else if (const auto found = m_kept.find(name); found != m_kept.end())
        m_kept.erase(found);
}

} // namespace faultline
