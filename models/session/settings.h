#pragma once
#include "models/session/experiments.h"
#include "models/session/user_state.h"

#include <QJsonObject>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace faultline {

/// The user's choices that hold for every store. A value.
struct Settings
{
    enum class Look { System, Dark, Light }; ///< System: as the desktop has it, dark where it does not say
    Look look = Look::System;
    std::string zone = "utc"; ///< how times are shown: utc, local or source
    struct Window
    {
        int width = 0, height = 0; ///< 0: never kept
        bool maximized = false;
        bool operator==(const Window&) const = default;
    };
    Window window;
    EnabledExperiments experiments;
    std::vector<std::string> recentCommands; ///< of the palette, the last one first; at most 20
    bool operator==(const Settings&) const = default;
};

/// Members that are missing, unknown or out of bounds leave the default.
Settings settingsFromJson(const QJsonObject& json);
QJsonObject settingsToJson(const Settings& settings);

/// One choice of the user.
using SettingsChange = std::function<void(Settings&)>;
/// The document with what `change` changes, and all else as it is: other choices, which another window may
/// have made, and members that this version does not know.
QJsonObject changedSettings(QJsonObject document, const SettingsChange& change);
/// What another window has chosen: the size of this one and experiments of this run stay.
void adopt(Settings& settings, const Settings& chosen);

/// The document of the settings in UserState.
inline constexpr const char* kSettingsDocument = "settings";
/// Before a window is made; blocks on disk. What is damaged gives the defaults, and is told.
Settings readSettings(const UserState& state, std::vector<Error>& damaged);

} // namespace faultline
