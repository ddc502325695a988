#pragma once
#include "models/records/value.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// The values inside the JSON text of an array or object, one after the other, without recursion.
///
/// Elements  (no path) the elements of arrays and of arrays within; members of objects are left out.
/// Path      the values at `rest` inside (`{"a":{"b":1}}` and `{"a.b":1}` are both a.b), through arrays;
/// arrays there
///           count by their elements. An array or object there comes first as a value of kind Json.
/// Texts     every value at any depth, keys left out.
/// Damage    Stops at text that is no JSON, and below 64 levels.
class JsonValues
{
public:
    enum class Walk : std::uint8_t { Elements, Path, Texts };
    JsonValues(std::string_view json, Walk walk, std::string_view rest = {})
        : m_json(json), m_rest(rest), m_walk(walk)
    {}
    struct Value
    {
        ValueKind kind =
            ValueKind::Null;   ///< Text, Number (all numbers, as written), Bool, Null, Json (empty text)
        std::string_view text; ///< valid until the next call; strings unescaped, true, false
    };
    bool next(Value& value);

private:
    static constexpr std::size_t kDead = static_cast<std::size_t>(-1); ///< not on the path
    struct Level
    {
        bool object = false;
        std::size_t place = 0; ///< how much of `rest` led here
    };
    void skipSpace();
    bool readString(std::string_view& inside);
    bool readKey();
    bool take(char c);
    /// Is a value at this place of the path one that is asked for?
    bool wanted(std::size_t place) const;

    std::string_view m_json;
    std::string_view m_rest;
    Walk m_walk;
    std::size_t m_at = 0;
    std::vector<Level> m_levels;
    std::size_t m_place = 0; ///< of the value that comes next
    bool m_begun = false;
    bool m_afterValue = false;
    std::string m_text, m_key;
};

} // namespace faultline
