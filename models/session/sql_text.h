#pragma once
#include "models/store/sql_session.h"

#include <span>
#include <string>
#include <vector>

namespace faultline {

/// The fewest digits that read back as the same number.
std::string exactNumber(double value);
/// A value of an SQL answer as text; of Null none.
std::string sqlText(const SqlValue& value);
/// Names of columns that differ from each other, as members of one object must: a second count(*) is
/// count(*)_2.
std::vector<std::string> memberNames(const std::vector<std::string>& columns);
/// A row as a JSON object on one line, with U+FFFD for bytes that are not UTF-8. As many names as values.
std::string sqlRowJson(const std::vector<std::string>& members, std::span<const SqlValue> values);

} // namespace faultline
