#include "app/cli/one_line.h"

#include "app/cli/json_out.h"
#include "models/records/json_compact.h"
#include "models/records/time_text.h"
#include "models/records/value.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace faultline::cli {
namespace {

bool isBlank(std::string_view text)
{
    return text.find_first_not_of(" \t\r\n") == text.npos;
}

/// The lines that joined a JSON object, as the field that ingest made of them; nothing when `rest` is not it.
std::optional<std::string> joinedField(const EventRow& event, std::string_view rest)
{
    const std::vector<std::string> names = oneLineFields();
    for (std::size_t i = 0; i < names.size() && i < event.columns.size(); ++i)
        if (event.columns[i] == rest) return names[i];
    return std::nullopt;
}

bool everyLineIsJson(std::string_view text)
{
    std::string scratch;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        scratch.clear();
        const std::size_t taken = appendCompactJson(line, scratch);
        if (taken == 0 || !isBlank(line.substr(taken))) return false;
        text = end == text.npos ? std::string_view() : text.substr(end + 1);
    }
    return true;
}

} // namespace

std::vector<std::string> oneLineFields()
{
    return {"joined_lines", "error.stack_trace"};
}

std::string oneLine(const EventRow& event)
{
    const std::string_view document = event.document;
    if (document.find('\n') == document.npos) return event.document;
    std::string text;
    if (const std::size_t taken = appendCompactJson(document, text); taken != 0) {
        std::string_view rest = document.substr(taken);
        if (isBlank(rest)) return text;
        rest.remove_prefix(std::min(rest.find('\n') + 1, rest.size()));
        if (const auto name = joinedField(event, rest); name && text.front() == '{') {
            text.pop_back();
            text += (text.size() > 1 ? ",\"" : "\"") + *name + "\":" + jsonText(rest) + "}";
            return text;
        }
        if (everyLineIsJson(document)) return event.document;
    }
    nlohmann::ordered_json object;
    if ((event.flags & FlagTimeMissing) == 0) object["timestamp"] = formatRfc3339(event.key.time);
    if (event.severity != 0) object["severity"] = severityName(event.severity);
    object["message"] = document;
    return jsonText(object);
}

} // namespace faultline::cli
