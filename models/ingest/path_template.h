#pragma once
#include "models/base/result.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace faultline {

/// Which parts of a path are fields: "{host}/var/log/{service}/..." over the parts between slashes.
///
///   literal       stands for itself; "*" in it for any run of characters
///   {field}       any run of characters of one part; several may stand in a part: "{service}-{date}.log"
///   {}            any run, no field
///   ...           any number of parts, also none; at the end or at the beginning (it is implied at the
///   beginning)
///
/// A template that begins with "/" begins at the root. Fields are dotted names ("k8s.pod.name"). The "!" of a
/// member of an archive counts as a slash.
///
/// Threads  Immutable; any thread.
class PathTemplate
{
public:
    /// Error: Usage, with the place of the fault in the text.
    static Result<PathTemplate> parse(std::string_view text);
    /// The fields of `path` by this template, in its order; nothing when the path does not fit. An empty run
    /// does not fit a field.
    std::optional<std::vector<std::pair<std::string, std::string>>> match(std::string_view path) const;
    const std::string& text() const { return m_text; }

private:
    struct Token
    {
        enum class Kind : unsigned char { Literal, Any, Field };
        Kind kind = Kind::Literal;
        std::string text;
        bool operator==(const Token&) const = default;
    };
    struct Part
    {
        bool rest = false; ///< "..."
        std::vector<Token> tokens;
    };
    static bool matchPart(const Part& part, std::string_view text,
                          std::vector<std::pair<std::string, std::string>>& fields);
    std::string m_text;
    std::vector<Part> m_parts;
    bool m_rooted = false;
};

/// Templates that stand for layouts everyone has: Kubernetes pod and container logs, docker's json files,
/// journald exports by machine id; tried before a guess. Each yields names of the OpenTelemetry conventions
/// (k8s.pod.name, container.id ...), besides "service" where the path says it.
std::span<const std::string_view> knownPathTemplates();

/// Guesses a template for a set of paths (absolute, as InputEntry::path has them): a known layout that fits
/// most of them; else from names that say what follows ("hosts/", "var/log" behind a part that varies) and
/// from parts that look like host names. Empty when nothing is sure enough: a field that is wrong is worse
/// than none. The same for every order of the paths.
std::string guessPathTemplate(std::span<const std::string> paths);

/// The fields of a path by `text` (a template, or empty for knownPathTemplates() alone); empty when nothing
/// fits.
std::vector<std::pair<std::string, std::string>> pathFields(std::string_view text, std::string_view path);

} // namespace faultline
