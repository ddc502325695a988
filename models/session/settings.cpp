#include "models/session/settings.h"

#include "models/session/state_keeper.h"

#include <QJsonArray>

namespace faultline {
namespace {

constexpr std::size_t kMostCommands = 20;
constexpr int kLeastSize = 320, kMostSize = 20'000;

const char* nameOf(Settings::Look look)
{
    switch (look) {
    case Settings::Look::System: return "system";
    case Settings::Look::Dark: return "dark";
    case Settings::Look::Light: return "light";
    }
    return "system";
}

} // namespace

Settings settingsFromJson(const QJsonObject& json)
{
    Settings settings;
    const QString look = json[QStringLiteral("theme")].toString();
    for (const auto each : {Settings::Look::System, Settings::Look::Dark, Settings::Look::Light})
        if (look == QLatin1String(nameOf(each))) settings.look = each;
    const std::string zone = json[QStringLiteral("zone")].toString().toStdString();
    if (zone == "utc" || zone == "local" || zone == "source") settings.zone = zone;
    const QJsonObject window = json[QStringLiteral("window")].toObject();
    const int width = window[QStringLiteral("width")].toInt(),
              height = window[QStringLiteral("height")].toInt();
    if (width >= kLeastSize && height >= kLeastSize && width <= kMostSize && height <= kMostSize)
        settings.window = {width, height, window[QStringLiteral("maximized")].toBool()};
    const auto enabled = json[QStringLiteral("experiments")].toArray();
    for (const auto& name : enabled) settings.experiments.keep(name.toString().toStdString(), true);
    const auto commands = json[QStringLiteral("recent_commands")].toArray();
    for (const auto& command : commands)
        if (command.isString() && settings.recentCommands.size() < kMostCommands)
            settings.recentCommands.push_back(command.toString().left(200).toStdString());
    return settings;
}

QJsonObject settingsToJson(const Settings& settings)
{
    QJsonObject json{{QStringLiteral("theme"), QLatin1String(nameOf(settings.look))},
                     {QStringLiteral("zone"), QString::fromStdString(settings.zone)}};
    if (settings.window.width > 0)
        json[QStringLiteral("window")] =
            QJsonObject{{QStringLiteral("width"), settings.window.width},
                        {QStringLiteral("height"), settings.window.height},
                        {QStringLiteral("maximized"), settings.window.maximized}};
    QJsonArray enabled;
    for (const Experiment& each : experiments())
        if (settings.experiments.kept(each.name))
            enabled.append(QString::fromUtf8(each.name.data(), static_cast<qsizetype>(each.name.size())));
    if (!enabled.isEmpty()) json[QStringLiteral("experiments")] = enabled;
    QJsonArray commands;
    for (const std::string& command : settings.recentCommands)
        commands.append(QString::fromStdString(command));
    if (!commands.isEmpty()) json[QStringLiteral("recent_commands")] = commands;
    return json;
}

QJsonObject changedSettings(QJsonObject document, const SettingsChange& change)
{
    Settings settings = settingsFromJson(document);
    const QJsonObject before = settingsToJson(settings);
    change(settings);
    const QJsonObject after = settingsToJson(settings);
    const QStringList gone = before.keys();
    for (const QString& member : gone)
        if (!after.contains(member)) document.remove(member);
    for (auto member = after.begin(); member != after.end(); ++member)
        if (before[member.key()] != member.value()) document[member.key()] = member.value();
    return document;
}

void adopt(Settings& settings, const Settings& chosen)
{
    settings.look = chosen.look;
    settings.zone = chosen.zone;
    settings.recentCommands = chosen.recentCommands;
    for (const Experiment& each : experiments())
        settings.experiments.keep(each.name, chosen.experiments.kept(each.name));
}

Settings readSettings(const UserState& state, std::vector<Error>& damaged)
{
    return settingsFromJson(readObject(&state, {}, kSettingsDocument, damaged));
}

} // namespace faultline
