#include "models/ingest/path_template.h"

#include "models/ingest/path_order.h"
#include "models/ingest/workload_name.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace faultline {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kMaxParts = 256;

std::vector<std::string_view> partsOf(std::string_view path)
{
    std::vector<std::string_view> parts;
    while (!path.empty()) {
        const std::size_t end = path.find_first_of("/!");
        if (end != 0) parts.push_back(path.substr(0, end));
        if (end == std::string_view::npos) break;
        path.remove_prefix(end + 1);
    }
    return parts;
}

bool isFieldChar(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
}

// Pod log folders: <namespace>_<pod>_<uid>/<container>/<restarts>.log (kubelet); the links in
// /var/log/containers: <pod>_<namespace>_<container>-<64 hex digits>.log; docker:
// containers/<id>/<id>-json.log.
constexpr std::array<std::string_view, 4> kKnown = {
    "{host}/var/log/pods/{k8s.namespace.name}_{k8s.pod.name}_{k8s.pod.uid}/{k8s.container.name}/...",
    "pods/{k8s.namespace.name}_{k8s.pod.name}_{k8s.pod.uid}/{k8s.container.name}/"
    "{k8s.container.restart_count}.log*",
    "containers/{k8s.pod.name}_{k8s.namespace.name}_{k8s.container.name}-{container.id}.log",
    "docker/containers/{container.id}/{}-json.log*",
};

bool isHex(std::string_view text, std::size_t least)
{
    return text.size() >= least && text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

bool looksLikeHost(std::string_view part);

/// Fields that the known layouts find, checked against what such a field looks like.
bool plausible(const Fields& fields)
{
    for (const auto& [field, value] : fields) {
        if (field == "host" && !looksLikeHost(value)) return false;
        if (field == "container.id" && !isHex(value, 12)) return false;
        if (field == "k8s.pod.uid" && value.find_first_not_of("0123456789abcdefABCDEF-") != std::string::npos)
            return false;
        if (field == "k8s.container.restart_count" &&
            value.find_first_not_of("0123456789") != std::string::npos)
            return false;
        const bool name =
            field == "k8s.namespace.name" || field == "k8s.pod.name" || field == "k8s.container.name";
        if (name && value.find('_') != std::string::npos) return false;
    }
    return true;
}

std::optional<Fields> matchKnown(std::string_view path)
{
    for (const std::string_view text : kKnown) {
        const auto known = PathTemplate::parse(text);
        if (!known) continue;
        auto fields = known->match(path);
        if (!fields || !plausible(*fields)) continue;
        // The container is what people call the service, unless its name is the same in every pod.
        std::string pod, container;
        for (const auto& [name, value] : *fields) {
            if (name == "k8s.pod.name") pod = value;
            if (name == "k8s.container.name") container = value;
        }
        if (!container.empty()) fields->emplace_back("service", std::string(serviceOfPod(pod, container)));
        return fields;
    }
    return std::nullopt;
}

bool looksLikeHost(std::string_view part)
{
    if (part.size() < 2 ||
        part.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") !=
            std::string_view::npos)
        return false;
    const bool digit = part.find_first_of("0123456789") != std::string_view::npos;
    const bool letter =
        part.find_first_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string_view::npos;
    const bool dots = part.find('.') != std::string_view::npos;
    return (digit && (letter || dots)) || (dots && letter);
}

// A folder with one of these names says what the folders in it are.
std::string_view fieldBelow(std::string_view folder)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kNames = {{
        {"hosts", "host"},
        {"host", "host"},
        {"nodes", "host"},
        {"servers", "host"},
        {"machines", "host"},
        {"instances", "host"},
        {"services", "service"},
        {"service", "service"},
        {"apps", "service"},
        {"applications", "service"},
        {"regions", "cloud.region"},
        {"environments", "deployment.environment"},
    }};
    for (const auto& [name, field] : kNames)
        if (folder == name) return field;
    return {};
}

bool isLogFolder(std::string_view part)
{
    return part == "log" || part == "logs";
}

} // namespace

Result<PathTemplate> PathTemplate::parse(std::string_view text)
{
    PathTemplate result;
    result.m_text = std::string(text);
    const auto fail = [&](std::size_t at, std::size_t length, std::string why) {
        Error error = makeError(ErrorKind::Usage, "read the path template \"" + std::string(text) + "\"",
                                std::move(why), {"A template looks like {host}/var/log/{service}/..."});
        error.place = Error::Place{at, length};
        return error;
    };
    if (text.empty()) return fail(0, 0, "it is empty");
    result.m_rooted = text.front() == '/';
    std::set<std::string> names;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find_first_of("/!", at), text.size());
        const std::string_view part = text.substr(at, end - at);
        if (part == "...") {
            const bool edge = result.m_parts.empty() || end == text.size();
            if (!edge) return fail(at, 3, "\"...\" stands only at the beginning or at the end");
            result.m_parts.push_back({true, {}});
        } else if (!part.empty()) {
            Part parsed;
            for (std::size_t i = 0; i < part.size();) {
                if (part[i] == '*') {
                    parsed.tokens.push_back({Token::Kind::Any, {}});
                    ++i;
                } else if (part[i] == '{') {
                    const std::size_t close = part.find('}', i);
                    if (close == std::string_view::npos)
                        return fail(at + i, part.size() - i, "the brace is not closed");
                    const std::string_view name = part.substr(i + 1, close - i - 1);
                    if (!std::all_of(name.begin(), name.end(), isFieldChar))
                        return fail(at + i + 1, name.size(),
                                    "a field's name has letters, digits, \"_\", \"-\" and dots");
                    if (!parsed.tokens.empty() && parsed.tokens.back().kind != Token::Kind::Literal)
                        return fail(at + i, close - i + 1,
                                    "between two fields there must be a text that parts them");
                    if (!name.empty() && !names.insert(std::string(name)).second)
                        return fail(at + i, close - i + 1, "the field stands twice");
                    parsed.tokens.push_back(
                        {name.empty() ? Token::Kind::Any : Token::Kind::Field, std::string(name)});
                    i = close + 1;
                } else if (part[i] == '}') {
                    return fail(at + i, 1, "the brace was not opened");
                } else {
                    const std::size_t stop = std::min(part.find_first_of("{}*", i), part.size());
                    parsed.tokens.push_back({Token::Kind::Literal, std::string(part.substr(i, stop - i))});
                    i = stop;
                }
            }
            result.m_parts.push_back(std::move(parsed));
        }
        at = end + 1;
    }
    if (result.m_parts.size() > kMaxParts) return fail(0, text.size(), "it has more than 256 parts");
    if (!result.m_parts.empty() && result.m_parts.front().rest) {
        result.m_parts.erase(result.m_parts.begin());
        result.m_rooted = false;
    }
    if (result.m_parts.empty()) return fail(0, text.size(), "it has no part");
    return result;
}

// A field takes the shortest run that lets the literal after it follow, with the exceptions said below.
bool PathTemplate::matchPart(const Part& part, std::string_view text, Fields& fields)
{
    const auto& tokens = part.tokens;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const Token& token = tokens[i];
        if (token.kind == Token::Kind::Literal) {
            if (!text.starts_with(token.text)) return false;
            text.remove_prefix(token.text.size());
            continue;
        }
        const bool field = token.kind == Token::Kind::Field;
        std::size_t length = text.size();
        if (i + 1 < tokens.size() && tokens[i + 1].kind == Token::Kind::Literal) {
            const std::string& next = tokens[i + 1].text;
            const std::string_view after =
                i + 2 < tokens.size() ? std::string_view(tokens[i + 2].text) : std::string_view();
            // "x-{id}.log": where only one literal is left, it is the end of the part; an id has no "-".
            const bool fromEnd = i + 2 == tokens.size() || after == "container.id";
            length = fromEnd ? text.rfind(next) : text.find(next, field ? 1 : 0);
            // "{service}-{date}.log": a date begins with a digit, which "pay-api-" does not.
            while (after == "date" && length != std::string_view::npos &&
                   length + next.size() < text.size() &&
                   (text[length + next.size()] < '0' || text[length + next.size()] > '9'))
                length = text.find(next, length + 1);
            if (length == std::string_view::npos) return false;
        }
        if (field && length == 0) return false;
        if (field) fields.emplace_back(token.text, std::string(text.substr(0, length)));
        text.remove_prefix(length);
    }
    return text.empty();
}

std::optional<Fields> PathTemplate::match(std::string_view path) const
{
    const auto parts = partsOf(path);
    const bool openEnd = m_parts.back().rest;
    const std::size_t wanted = m_parts.size() - (openEnd ? 1 : 0);
    if (parts.size() < wanted) return std::nullopt;
    // The end of the path decides where a template without "..." lies; with it, the last place that fits.
    const std::size_t lastStart = m_rooted ? 0 : parts.size() - wanted;
    const std::size_t firstStart = m_rooted || openEnd ? 0 : lastStart;
    if (m_rooted && !openEnd && parts.size() != wanted) return std::nullopt;
    for (std::size_t start = lastStart + 1; start-- > firstStart;) {
        Fields fields;
        bool fits = true;
        for (std::size_t i = 0; fits && i < wanted; ++i)
            fits = matchPart(m_parts[i], parts[start + i], fields);
        if (fits) return fields;
    }
    return std::nullopt;
}

std::span<const std::string_view> knownPathTemplates()
{
    return kKnown;
}

std::string guessPathTemplate(std::span<const std::string> paths)
{
    if (paths.empty()) return {};
    std::map<std::string_view, std::size_t> fits;
    for (const std::string_view text : kKnown) {
        const auto known = PathTemplate::parse(text);
        for (const std::string& path : paths) {
            const auto fields = known ? known->match(path) : std::nullopt;
            if (fields && plausible(*fields)) ++fits[text];
        }
    }
    // The longer one says more.
    std::string_view chosen;
    for (const auto& [text, count] : fits)
        if (count * 10 >= paths.size() * 8 && text.size() > chosen.size()) chosen = text;
    if (!chosen.empty()) return std::string(chosen);

    // Columns of parts before and after "var/log", "log" or "logs"; the file itself is the last part.
    struct Votes
    {
        std::set<std::string_view> values;
        std::size_t hosts = 0, seen = 0;
    };
    Votes before, below;
    std::map<std::string_view, Votes> named;
    std::size_t varLog = 0;
    for (const std::string& path : paths) {
        const auto parts = partsOf(path);
        for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
            if (i + 2 < parts.size() && !fieldBelow(parts[i]).empty()) {
                Votes& votes = named[parts[i]];
                votes.values.insert(parts[i + 1]);
                ++votes.seen;
            }
            if (!isLogFolder(parts[i]) || i == 0 || parts[i - 1] != "var") continue;
            ++varLog;
            if (i >= 2) {
                before.values.insert(parts[i - 2]);
                before.hosts += looksLikeHost(parts[i - 2]);
                ++before.seen;
            }
            if (i + 2 < parts.size()) {
                below.values.insert(parts[i + 1]);
                ++below.seen;
            }
            break;
        }
    }
    const auto most = [&](std::size_t count) { return count * 10 >= paths.size() * 8; };
    const bool host = most(before.seen) && (before.values.size() > 1 || before.hosts == before.seen);
    const bool service = most(below.seen);
    if (most(varLog) && (host || service)) {
        return std::string(host ? "{host}/" : "") + "var/log/" + (service ? "{service}/" : "") + "...";
    }
    std::string best;
    std::size_t bestValues = 1;
    for (const auto& [folder, votes] : named) {
        if (!most(votes.seen) || votes.values.size() <= bestValues) continue;
        bestValues = votes.values.size();
        best = std::string(folder) + "/{" + std::string(fieldBelow(folder)) + "}/...";
    }
    return best;
}

std::vector<std::pair<std::string, std::string>> pathFields(std::string_view text, std::string_view path)
{
    if (!text.empty() && std::find(kKnown.begin(), kKnown.end(), text) == kKnown.end()) {
        const auto parsed = PathTemplate::parse(text);
        if (!parsed) return {};
        return parsed->match(path).value_or(Fields{});
    }
    return matchKnown(path).value_or(Fields{});
}

} // namespace faultline
