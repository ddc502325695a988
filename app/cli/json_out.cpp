#include "app/cli/json_out.h"

#include "app/cli/table.h"

#include <nlohmann/json.hpp>

namespace faultline::cli {

std::string jsonText(const nlohmann::ordered_json& value)
{
    return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void JsonRows::add(const nlohmann::ordered_json& row)
{
    addText(jsonText(row));
}

void JsonRows::addText(const std::string& object)
{
    if (m_array) print(m_context, m_any ? ",\n " : "[");
    print(m_context, object);
    if (!m_array) print(m_context, "\n");
    m_any = true;
}

void JsonRows::end()
{
    if (m_array) print(m_context, m_any ? "]\n" : "[]\n");
}

} // namespace faultline::cli
