#pragma once
#include "models/records/value.h"

#include <string>
#include <string_view>

namespace faultline {

/// A value of the overflow column: its kind, and its text (strings unescaped, numbers and arrays as written).
struct JsonMember
{
    ValueKind kind = ValueKind::Null;
    std::string text;
    std::int64_t integer = 0; ///< Int and Bool
};

/// Walks the members of the JSON object in the overflow column of a row: next() until false. Members are in
/// the order of the text. Stops at damaged text; no recursion, no more memory than a member.
class JsonMembers
{
public:
    explicit JsonMembers(std::string_view object) : m_text(object) {}
    bool next(std::string& key, JsonMember& value);

private:
    void skipSpace();
    bool readString(std::string& out);
    bool readValue(JsonMember& value);
    std::string_view m_text;
    std::size_t m_at = 0;
    bool m_begun = false;
};

/// The member `key` (the last of duplicates); false when there is none.
bool findMember(std::string_view object, std::string_view key, JsonMember& value);

} // namespace faultline
