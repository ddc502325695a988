#pragma once
#include "app/cli/command.h"

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace faultline::cli {

/// Compact JSON text; bytes that are not UTF-8 become U+FFFD, as JSON has no other way.
std::string jsonText(const nlohmann::ordered_json& value);

/// Writes objects as they come: a JSON array, one object a line, or (ndjson) objects alone.
class JsonRows
{
public:
    JsonRows(const Context& context, bool array) : m_context(context), m_array(array) {}
    void add(const nlohmann::ordered_json& row);
    void addText(const std::string& object); ///< one that is JSON text already
    void end();

private:
    const Context& m_context;
    bool m_array;
    bool m_any = false;
};

} // namespace faultline::cli
