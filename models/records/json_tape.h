#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// One piece of a JSON document. Offsets are bytes from the start of the text that was read.
struct JsonToken
{
    enum class Type : std::uint8_t { Object, Array, Key, String, Number, True, False, Null };
    enum Flag : std::uint8_t {
        Escaped = 1, ///< a string with at least one escape
        Odd = 2,     ///< an escape that appendJsonEscaped() would not write
        LoneSurrogate = 4,
        BadUtf8 = 8, ///< a string with bytes that are not UTF-8
        Exotic = 16, ///< a number that overflows a double
    };
    std::uint32_t begin = 0; ///< strings and keys: the inside of the quotes; else all bytes of the value
    std::uint32_t end = 0;
    std::uint32_t next = 0; ///< index of the token behind this value (behind all its members)
    Type type = Type::Null;
    std::uint8_t flags = 0;
};

/// Where and why a text is not JSON, in words for a person.
struct JsonFault
{
    std::size_t offset = 0;
    std::string reason; ///< "expected ':' after a member's name"
};

/// Reads one JSON value (RFC 8259) into a flat list of tokens: an object is followed by its keys, each by its
/// value; an array by its elements. Strict, but for two things that real logs contain: lone surrogates and
/// invalid UTF-8 inside strings are accepted and marked.
///
/// Limits   Tokens are recorded to kDepth; what is deeper is checked and not recorded. Never recursive.
/// Threads  One thread at a time; keep the object, so that its memory is reused.
class JsonTape
{
public:
    static constexpr std::size_t kDepth = 64;
    static constexpr std::size_t kMaxDepth = 1'000'000;
    enum class Verdict : std::uint8_t {
        Value,   ///< tokens() holds it
        TooDeep, ///< valid, and nested deeper than kDepth
        Invalid, ///< fault() says where and why; tokens() holds what was complete
    };
    /// Reads the value at `begin`, skipping white space before it. `whole`: nothing but white space may
    /// follow it; else end() says where it ended.
    Verdict read(std::string_view text, std::size_t begin = 0, bool whole = true);
    const std::vector<JsonToken>& tokens() const { return m_tokens; }
    const JsonToken& operator[](std::size_t index) const { return m_tokens[index]; }
    std::size_t end() const { return m_end; }
    const JsonFault& fault() const { return m_fault; }
    /// After Invalid: true when the text ended before the value did (more bytes could complete it).
    bool truncated() const { return m_truncated; }
    std::string_view text(const JsonToken& token) const
    {
        return m_text.substr(token.begin, token.end - token.begin);
    }

private:
    Verdict fail(std::size_t offset, std::string reason);
    bool readString(std::size_t& at, JsonToken& token);
    bool readNumber(std::size_t& at, JsonToken& token);
    std::string_view m_text;
    std::vector<JsonToken> m_tokens;
    std::vector<std::uint32_t> m_open; ///< token of each open container, while recorded
    std::vector<char> m_kinds;         ///< '{' or '[' of each open container
    std::size_t m_end = 0;
    JsonFault m_fault;
    bool m_truncated = false;
};

/// Appends the text of the inside of a JSON string that a JsonTape accepted. Lone surrogates and invalid
/// UTF-8 become U+FFFD, one for each maximal bad part.
void unescapeJsonLenient(std::string_view inside, std::string& out);

} // namespace faultline
