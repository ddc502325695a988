#include "models/session/list_layout.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

namespace faultline {
namespace {

using Kind = ListLayout::Column::Kind;
constexpr std::size_t kMostJson = 64 * 1024;
constexpr std::array<std::string_view, 4> kColumns{"time", "severity", "service", "message"};
constexpr std::array<std::string_view, 5> kScopes{"everything", "source", "service", "host", "trace"};

template <std::size_t Count>
std::optional<std::size_t> placeOf(const std::array<std::string_view, Count>& names, std::string_view name)
{
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    return static_cast<std::size_t>(found - names.begin());
}

std::optional<ListLayout::Column> columnOf(const nlohmann::json& json)
{
    if (!json.is_object()) return std::nullopt;
    ListLayout::Column column;
    const auto name = json.find("column"), field = json.find("field"), chars = json.find("chars");
    if ((name != json.end()) == (field != json.end())) return std::nullopt;
    if (field != json.end()) {
        if (!field->is_string()) return std::nullopt;
        column.field = field->get<std::string>();
        if (column.field.empty()) return std::nullopt;
    } else {
        if (!name->is_string()) return std::nullopt;
        const auto place = placeOf(kColumns, name->get_ref<const std::string&>());
        if (!place) return std::nullopt;
        column.kind = static_cast<Kind>(*place);
    }
    if (chars == json.end()) return column;
    if (!chars->is_number_unsigned() ||
        chars->get<std::uint64_t>() > static_cast<std::uint64_t>(ListLayout::kMostChars))
        return std::nullopt;
    column.chars = chars->get<int>();
    return column;
}

bool readFlag(const nlohmann::json& json, const char* name, bool& to)
{
    const auto found = json.find(name);
    if (found == json.end()) return true;
    if (!found->is_boolean()) return false;
    to = found->get<bool>();
    return true;
}

} // namespace

std::vector<std::string> ListLayout::fields() const
{
    std::vector<std::string> names;
    for (const Column& column : columns)
        if (column.kind == Column::Kind::Field) names.push_back(column.field);
    return names;
}

std::string layoutToJson(const ListLayout& layout)
{
    auto columns = nlohmann::ordered_json::array();
    for (const ListLayout::Column& column : layout.columns) {
        nlohmann::ordered_json each;
        if (column.kind == Kind::Field)
            each["field"] = column.field;
        else
            each["column"] = kColumns[static_cast<std::size_t>(column.kind)];
        if (column.chars > 0) each["chars"] = column.chars;
        columns.push_back(std::move(each));
    }
    nlohmann::ordered_json json;
    json["columns"] = std::move(columns);
    json["wrap"] = layout.wrap;
    json["context"] = layout.context;
    json["scope"] = kScopes[static_cast<std::size_t>(layout.scope)];
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Result<ListLayout> layoutFromJson(std::string_view text)
{
    const auto fault = [](const std::string& why) {
        return makeError(ErrorKind::Input, "read the layout of a list", why);
    };
    if (text.size() > kMostJson) return fault("it is longer than 64 KiB");
    if (std::count(text.begin(), text.end(), '[') + std::count(text.begin(), text.end(), '{') > 200)
        return fault("it is nested too deep");
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) return fault("it is no JSON object");
    ListLayout layout;
    if (!readFlag(json, "wrap", layout.wrap) || !readFlag(json, "context", layout.context))
        return fault("\"wrap\" or \"context\" is neither true nor false");
    if (const auto scope = json.find("scope"); scope != json.end()) {
        const auto place =
            scope->is_string() ? placeOf(kScopes, scope->get_ref<const std::string&>()) : std::nullopt;
        if (!place) return fault("its scope is none of everything, source, service, host and trace");
        layout.scope = static_cast<ListLayout::Scope>(*place);
    }
    const auto columns = json.find("columns");
    if (columns == json.end()) return layout;
    if (!columns->is_array() || columns->size() > ListLayout::kMostColumns)
        return fault("its columns are no list of at most 64");
    layout.columns.clear();
    bool message = false;
    for (const auto& each : *columns) {
        auto column = columnOf(each);
        if (!column) return fault("one of its columns cannot be read");
        const bool twice =
            std::any_of(layout.columns.begin(), layout.columns.end(), [&](const ListLayout::Column& other) {
                return other.kind == column->kind && other.field == column->field;
            });
        if (twice) return fault("it has a column twice");
        message = message || column->kind == Kind::Message;
        layout.columns.push_back(std::move(*column));
    }
    if (!message) layout.columns.push_back({Kind::Message, {}, 0});
    return layout;
}

} // namespace faultline
