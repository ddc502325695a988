#include "models/ingest/source_settings.h"

#include "models/ingest/detect.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace faultline {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 8> kRoles = {"timestamp", "severity", "message",  "service",
                                                    "host",      "logger",   "trace_id", "span_id"};
constexpr int kMostDepth = 2;

Error refused(std::string why)
{
    return makeError(ErrorKind::Input, "read the settings of a source", std::move(why));
}

bool isFormat(std::string_view name)
{
    const auto formats = knownFormats();
    return std::any_of(formats.begin(), formats.end(), [&](const FormatInfo& f) { return f.name == name; });
}

Status checkPath(const std::string& what, std::string_view path)
{
    if (path.empty()) return refused(what + " is empty");
    if (path.size() > kMostSettingPath) return refused(what + " is longer than 512 bytes");
    if (path.find('\0') != std::string_view::npos) return refused(what + " holds a NUL");
    return {};
}

Status readStrings(const Json& json, const std::string& what,
                   std::vector<std::pair<std::string, std::string>>& out)
{
    if (!json.is_object()) return refused("\"" + what + "\" is not an object");
    for (const auto& [name, value] : json.items()) {
        if (!value.is_string()) return refused("\"" + what + "." + name + "\" is not a text");
        out.emplace_back(name, value.get<std::string>());
    }
    return {};
}

Result<std::int64_t> readNumber(const Json& json, const std::string& what)
{
    // Unsigned numbers over the signed ones are a type of their own.
    if (!json.is_number_integer() ||
        (json.is_number_unsigned() && json.get<std::uint64_t>() > std::uint64_t{INT64_MAX}))
        return refused("\"" + what + "\" is not a whole number");
    return json.get<std::int64_t>();
}

Status readMember(const std::string& name, const Json& value, SourceSettings& settings)
{
    if (name == "v") {
        if (value != 1) return refused("they are of a version that this program does not know");
    } else if (name == "format" || name == "inner") {
        if (!value.is_string()) return refused("\"" + name + "\" is not a text");
        (name == "format" ? settings.format : settings.innerJson) = value.get<std::string>();
        if (value.get_ref<const std::string&>().empty()) return refused("\"" + name + "\" is empty");
    } else if (name == "zone" || name == "offset" || name == "file_time") {
        const auto number = readNumber(value, name);
        if (!number) return number.error();
        if (name == "file_time")
            settings.fileTime = *number;
        else if (name == "offset")
            settings.clockOffset = *number;
        else if (*number < -kMostZoneMinutes || *number > kMostZoneMinutes)
            return refused("the zone is more than 14 hours from UTC");
        else
            settings.zoneOffsetMinutes = static_cast<std::int16_t>(*number);
    } else if (name == "fields") {
        std::vector<std::pair<std::string, std::string>> fields;
        if (auto done = readStrings(value, name, fields); !done) return done;
        for (auto& [role, path] : fields) {
            if (std::find(kRoles.begin(), kRoles.end(), role) == kRoles.end())
                return refused("no field can be set as \"" + role + "\"");
            if (path.empty()) return refused("the field of \"" + role + "\" is empty");
            settings.setField(role, std::move(path));
        }
    } else if (name == "constants") {
        return readStrings(value, name, settings.constants);
    } else {
        return refused("\"" + name.substr(0, 64) + "\" is not known");
    }
    return {};
}

} // namespace

std::span<const std::string_view> settingRoles()
{
    return kRoles;
}

std::string_view SourceSettings::field(std::string_view role) const
{
    for (const auto& [name, path] : fields)
        if (name == role) return path;
    return {};
}

void SourceSettings::setField(std::string_view role, std::string path)
{
    const auto rank = [](std::string_view name) {
        return std::find(kRoles.begin(), kRoles.end(), name) - kRoles.begin();
    };
    std::erase_if(fields, [&](const auto& one) { return one.first == role; });
    if (path.empty()) return;
    const auto place = std::find_if(fields.begin(), fields.end(),
                                    [&](const auto& one) { return rank(one.first) > rank(role); });
    fields.emplace(place, std::string(role), std::move(path));
}

void SourceSettings::applyTo(SourceContext& context) const
{
    context.time.zoneOffsetMinutes = zoneOffsetMinutes.value_or(0);
    context.clockOffset = clockOffset;
    context.overrides = fields;
    context.constants = constants;
    context.innerJson = innerJson;
}

Status checkSettings(const SourceSettings& settings)
{
    if (!settings.format.empty() && !isFormat(settings.format))
        return refused("there is no format \"" + settings.format.substr(0, 64) + "\"");
    if (std::abs(settings.zoneOffsetMinutes.value_or(0)) > kMostZoneMinutes)
        return refused("the zone is more than 14 hours from UTC");
    if (settings.clockOffset > kMostClockOffset || settings.clockOffset < -kMostClockOffset)
        return refused("the clock offset is over a hundred years");
    for (const auto& [role, path] : settings.fields)
        if (auto done = checkPath("the field of \"" + role + "\"", path); !done) return done;
    if (!settings.innerJson.empty())
        if (auto done = checkPath("the field of the inner JSON", settings.innerJson); !done) return done;
    if (settings.constants.size() > kMostSettingConstants) return refused("it has over 64 constants");
    for (const auto& [path, value] : settings.constants) {
        if (auto done = checkPath("the path of a constant", path); !done) return done;
        if (value.size() > kMostSettingPath) return refused("a constant is longer than 512 bytes");
    }
    return {};
}

std::string printSettings(const SourceSettings& settings)
{
    Json json{{"v", 1}};
    const auto strings = [](const std::vector<std::pair<std::string, std::string>>& all) {
        Json object = Json::object();
        for (const auto& [name, value] : all) object[name] = value;
        return object;
    };
    if (!settings.format.empty()) json["format"] = settings.format;
    if (settings.zoneOffsetMinutes) json["zone"] = *settings.zoneOffsetMinutes;
    if (settings.clockOffset != 0) json["offset"] = settings.clockOffset;
    if (!settings.innerJson.empty()) json["inner"] = settings.innerJson;
    if (!settings.fields.empty()) json["fields"] = strings(settings.fields);
    if (!settings.constants.empty()) json["constants"] = strings(settings.constants);
    if (settings.fileTime) json["file_time"] = *settings.fileTime;
    // Parts of a path may be any bytes; what is no UTF-8 is kept in a form that is.
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<SourceSettings> parseSettings(std::string_view text)
{
    SourceSettings settings;
    if (text.empty()) return settings;
    if (text.size() > kMostSettingsBytes) return refused("they are longer than 64 KiB");
    bool deep = false, twice = false;
    std::vector<std::vector<std::string>> names;
    const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
        if (event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start) {
            deep = deep || depth >= kMostDepth;
            names.emplace_back();
        } else if (event == Json::parse_event_t::object_end || event == Json::parse_event_t::array_end) {
            if (!names.empty()) names.pop_back();
        } else if (event == Json::parse_event_t::key && !names.empty()) {
            auto& seen = names.back();
            const std::string name = value.get<std::string>();
            twice = twice || std::find(seen.begin(), seen.end(), name) != seen.end();
            seen.push_back(name);
        }
        return !deep;
    };
    const Json json = Json::parse(text, watch, false);
    if (deep) return refused("they are nested too deeply");
    if (!json.is_object()) return refused("they are not a JSON object");
    if (twice) return refused("a member is there twice");
    if (!json.contains("v")) return refused("\"v\" is missing");
    for (const auto& [name, value] : json.items())
        if (auto done = readMember(name, value, settings); !done) return std::move(done).error();
    if (auto done = checkSettings(settings); !done) return std::move(done).error();
    return settings;
}

Result<std::int16_t> parseZone(std::string_view text)
{
    const auto wrong = [&] {
        return makeError(ErrorKind::Usage, "read the time zone \"" + std::string(text.substr(0, 64)) + "\"",
                         "it is no offset from UTC",
                         {"Give one as +02:00, -0530, +2 or UTC; at most 14 hours."});
    };
    if (text == "UTC" || text == "utc" || text == "Z" || text == "z") return std::int16_t{0};
    if (text.size() < 2 || text.size() > 6 || (text[0] != '+' && text[0] != '-')) return wrong();
    std::string digits(text.substr(1));
    const std::size_t colon = digits.find(':');
    if (colon != std::string::npos) {
        if (colon == 0 || colon + 3 != digits.size()) return wrong();
        digits.erase(colon, 1);
    } else if (digits.size() <= 2) {
        digits += "00";
    }
    if (digits.size() < 3 || digits.size() > 4 || digits.find_first_not_of("0123456789") != std::string::npos)
        return wrong();
    int number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const int minutes = number / 100 * 60 + number % 100;
    if (number % 100 >= 60 || minutes > kMostZoneMinutes) return wrong();
    return static_cast<std::int16_t>(text[0] == '-' ? -minutes : minutes);
}

std::string zoneText(std::int16_t minutes)
{
    if (minutes == 0) return "UTC";
    const int all = std::abs(minutes);
    std::string text = minutes < 0 ? "-00:00" : "+00:00";
    text[1] = static_cast<char>('0' + all / 600);
    text[2] = static_cast<char>('0' + all / 60 % 10);
    text[4] = static_cast<char>('0' + all % 60 / 10);
    text[5] = static_cast<char>('0' + all % 10);
    return text;
}

Result<std::int64_t> parseClockOffset(std::string_view text)
{
    std::string_view rest = text;
    const bool minus = rest.starts_with('-');
    if (minus || rest.starts_with('+')) rest.remove_prefix(1);
    if (rest == "0") return std::int64_t{0};
    const auto ns = parseDuration(rest);
    if (!ns || *ns < 0 || *ns > kMostClockOffset)
        return makeError(ErrorKind::Usage,
                         "read the clock offset \"" + std::string(text.substr(0, 64)) + "\"",
                         "it is no duration",
                         {"Give one as +90s, -1h30m or 250ms (units ns us ms s m h d w); 0 takes it away."});
    return minus ? -*ns : *ns;
}

std::string clockOffsetText(std::int64_t ns)
{
    if (ns == 0) return "0s";
    std::string text = ns < 0 ? "-" : "+";
    std::int64_t rest = std::abs(ns);
    static constexpr std::pair<std::int64_t, std::string_view> kUnits[] = {{86'400 * kSecondNs, "d"},
                                                                           {3'600 * kSecondNs, "h"},
                                                                           {60 * kSecondNs, "m"},
                                                                           {kSecondNs, "s"},
                                                                           {1'000'000, "ms"},
                                                                           {1'000, "us"},
                                                                           {1, "ns"}};
    for (const auto& [unit, name] : kUnits) {
        if (rest < unit) continue;
        text.append(std::to_string(rest / unit)).append(name);
        rest %= unit;
    }
    return text;
}

std::string describeSettings(const SourceSettings& settings)
{
    std::string text;
    const auto say = [&text](const std::string& part) {
        if (!text.empty()) text += ", ";
        text += part;
    };
    if (!settings.format.empty()) say("format " + settings.format);
    if (settings.zoneOffsetMinutes) say("zone " + zoneText(*settings.zoneOffsetMinutes));
    if (settings.clockOffset != 0) say("clock " + clockOffsetText(settings.clockOffset));
    for (const auto& [role, path] : settings.fields) say(role + " from " + path);
    if (!settings.innerJson.empty()) say("inner JSON in " + settings.innerJson);
    return text.empty() ? "as recognised" : text;
}

} // namespace faultline
