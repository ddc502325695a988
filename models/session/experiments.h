#pragma once
#include "models/base/result.h"

#include <set>
#include <span>
#include <string>
#include <string_view>

namespace faultline {

/// A feature that is not yet trusted: it ships switched off, and can be switched off again without a release.
struct Experiment
{
    std::string_view name; ///< for --enable and the settings: a-z and '-'
    /// Of its check box, and what it does and what is not yet known about it: English, marked as texts of the
    /// context "Experiment" for who shows them in another language.
    const char *title, *sentence;
};

/// All there are, in the order they are shown.
std::span<const Experiment> experiments();

/// Which of them are switched on: kept in the settings, or for one run.
class EnabledExperiments
{
public:
    bool on(std::string_view name) const { return m_kept.contains(name) || m_run.contains(name); }
    bool kept(std::string_view name) const { return m_kept.contains(name); }
    bool forThisRun(std::string_view name) const { return m_run.contains(name); }
    /// For this run alone. Error: Usage with the names there are.
    Status enable(std::string_view name);
    /// In the settings. One that this version does not know is left out.
    void keep(std::string_view name, bool on);
    bool operator==(const EnabledExperiments&) const = default;

private:
    std::set<std::string, std::less<>> m_kept, m_run;
};

} // namespace faultline
