#include "models/session/experiments.h"

#include <QtGlobal>

#include <algorithm>
#include <array>

namespace faultline {
namespace {

constexpr std::array<Experiment, 1> kExperiments{
    {{"log-scale", QT_TRANSLATE_NOOP("Experiment", "Logarithmic timeline"),
      QT_TRANSLATE_NOOP("Experiment",
                        "Offers heights of the timeline's bars as logarithms, so that quiet times are seen "
                        "beside a storm. Parts of a bar are then no longer as high as in another bar of the "
                        "same count.")}}};

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
