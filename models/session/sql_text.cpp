#include "models/session/sql_text.h"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

namespace faultline {
namespace {

nlohmann::ordered_json jsonValue(const SqlValue& value)
{
    switch (value.type) {
    case SqlValue::Type::Null: return nullptr;
    case SqlValue::Type::Integer: return value.integer;
    case SqlValue::Type::Real: return value.real;
    case SqlValue::Type::Text:
    case SqlValue::Type::Blob: return std::string(value.text);
    }
    return nullptr;
}

} // namespace

std::string exactNumber(double value)
{
    std::array<char, 40> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    return std::string(digits.data(), end);
}

std::string sqlText(const SqlValue& value)
{
    switch (value.type) {
    case SqlValue::Type::Null: return {};
    case SqlValue::Type::Integer: return std::to_string(value.integer);
    case SqlValue::Type::Real: return exactNumber(value.real);
    case SqlValue::Type::Text:
    case SqlValue::Type::Blob: return std::string(value.text);
    }
    return {};
}

std::vector<std::string> memberNames(const std::vector<std::string>& columns)
{
    std::vector<std::string> names = columns;
    std::set<std::string> used;
    for (std::string& name : names) {
        const std::string wanted = name;
        for (int n = 2; !used.insert(name).second; ++n) name = wanted + "_" + std::to_string(n);
    }
    return names;
}

std::string sqlRowJson(const std::vector<std::string>& members, std::span<const SqlValue> values)
{
    nlohmann::ordered_json object = nlohmann::ordered_json::object();
    for (std::size_t c = 0; c < values.size(); ++c) object[members[c]] = jsonValue(values[c]);
    return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

} // namespace faultline
