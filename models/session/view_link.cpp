#include "models/session/view_link.h"

#include "models/base/hash.h"
#include "models/base/percent_code.h"
#include "models/records/time_text.h"
#include "models/records/utf8.h"

#include <algorithm>
#include <array>
#include <set>

namespace faultline {
namespace {

constexpr std::string_view kScheme = "faultline://";

/// As browsers and chats write a query: spaces may come as "+".
std::optional<std::string> decoded(std::string text)
{
    std::replace(text.begin(), text.end(), '+', ' ');
    return percentDecoded(text);
}

Error fault(const std::string& why)
{
    return makeError(ErrorKind::Usage, "read the link", why,
                     {"Copy the whole link, from faultline:// to its end."});
}

Status takeTime(const std::string& name, const std::string& value, TimeNs& time)
{
    if (value == formatRfc3339(0)) { // parseTime() takes 0 for no time
        time = 0;
        return {};
    }
    const auto parsed = parseTime(value, {});
    if (!parsed || parsed->zoneAssumed) return fault("its \"" + name + "\" is no time with a zone");
    time = parsed->ns;
    return {};
}

Status takeMember(const std::string& name, std::string value, ViewLink& link)
{
    if (name == "q") {
        link.query = std::move(value);
    } else if (name == "from") {
        return takeTime(name, value, link.range.begin);
    } else if (name == "to") {
        return takeTime(name, value, link.range.end);
    } else if (name == "at") {
        TimeNs time = 0;
        if (Status status = takeTime(name, value, time); !status) return status;
        link.at = time;
    } else if (name == "tz") {
        constexpr std::array<std::string_view, 3> kZones = {"utc", "local", "source"};
        if (std::find(kZones.begin(), kZones.end(), value) == kZones.end())
            return fault("its \"tz\" is not utc, local or source");
        link.zone = std::move(value);
    } else if (name == "sel") {
        const bool hex = value.size() == 32 && std::all_of(value.begin(), value.end(), [](char c) {
                             return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                         });
        if (!hex) return fault("its \"sel\" is not 32 hex digits");
        link.selection = std::move(value);
    }
    return {};
}

} // namespace

std::string printLink(const ViewLink& link)
{
    std::string out = std::string(kScheme) + "open";
    char separator = '?';
    const auto member = [&](std::string_view name, std::string_view value) {
        out.push_back(separator);
        out.append(name).push_back('=');
        out += percentEncoded(value);
        separator = '&';
    };
    if (!link.query.empty()) member("q", link.query);
    if (link.range.begin != kTimeMin) member("from", formatRfc3339(link.range.begin));
    if (link.range.end != kTimeMax) member("to", formatRfc3339(link.range.end));
    if (!link.zone.empty()) member("tz", link.zone);
    if (!link.selection.empty()) member("sel", link.selection);
    if (link.at) member("at", formatRfc3339(*link.at));
    return out;
}

bool isLink(std::string_view text)
{
    return text.starts_with(kScheme);
}

Result<ViewLink> parseLink(std::string_view text)
{
    if (text.size() > kMostLinkBytes) return fault("it is longer than 64 KiB");
    if (!isLink(text)) return fault("it does not begin with faultline://");
    text.remove_prefix(kScheme.size());
    const std::size_t question = text.find('?');
    std::string_view action = text.substr(0, question);
    if (action.ends_with('/')) action.remove_suffix(1); // as some desktops hand it on
    if (action != "open")
        return fault("there is nothing to do called \"" + std::string(action.substr(0, 40)) + "\"");
    ViewLink link;
    std::set<std::string> seen;
    std::string_view rest =
        question == std::string_view::npos ? std::string_view() : text.substr(question + 1);
    while (!rest.empty()) {
        const std::string_view part = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), part.size() + 1));
        if (part.empty()) continue;
        const std::size_t equals = part.find('=');
        const std::string name(part.substr(0, equals));
        auto value =
            decoded(equals == std::string_view::npos ? std::string() : std::string(part.substr(equals + 1)));
        if (!value) return fault("an escape such as %20 is broken in \"" + name + "\"");
        const bool control = std::any_of(value->begin(), value->end(), [](char c) {
            return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        });
        if (!isValidUtf8(*value) || control) return fault("\"" + name + "\" holds what is no text");
        if (!seen.insert(name).second) return fault("\"" + name + "\" is there twice");
        if (Status status = takeMember(name, std::move(*value), link); !status) return status.error();
    }
    if (link.range.end < link.range.begin) return fault("it ends before it begins");
    return link;
}

std::string contentHash(std::string_view document)
{
    RunningHash hash;
    hash.add(document);
    return hash.digest().hex();
}

} // namespace faultline
