#pragma once
#include "models/ingest/decoder.h"
#include "models/ingest/text_arena.h"
#include "models/records/json_tape.h"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// Makes the fields of an event out of JSON tokens and single values: dotted paths, kinds, slots.
///
/// Paths    Members of objects join with dots; {"a.b":1} and {"a":{"b":1}} are one path. Names over 256 bytes
/// are
///          cut. Arrays, empty objects and what is nested deeper than kNesting are one Json value.
/// Repeats  Of members with one name, or of two members with one path, the last wins, and the event does not
///          rebuild. A derived value never replaces another: it gets the path "<where>.<path>", or is
///          dropped.
/// Limits   kFields fields an event; the others go into DecodedEvent::overflow.
/// Memory   Paths are interned and live until begin() of a later event when they have become too many
///          (kPaths); views in an event are valid until then, other texts until the arena is reset.
/// Threads  One thread at a time.
class FieldFlattener
{
public:
    static constexpr std::size_t kNesting = 16, kFields = 2000, kNameBytes = 256, kPaths = 65'536;

    explicit FieldFlattener(TextArena& arena);
    /// Call once a record, before its first event: the only place where interned paths may be given up.
    void beginRecord();
    /// The fields that follow belong to `event`, whose fields are empty.
    void begin(DecodedEvent& event);
    /// The members of the object at `token` of `tape`. Slots count from byte `base` of the tape's text;
    /// base == npos: derived values. `where` names the member that holds a derived document.
    void object(const JsonTape& tape, std::size_t token, std::size_t base, std::string_view prefix = {},
                std::string_view where = {});
    /// One JSON value under a path of the caller's.
    void value(const JsonTape& tape, std::size_t token, std::size_t base, std::string_view path,
               std::string_view where = {});
    /// A value that stands in the document as it is: bytes [offset, offset + text.size()).
    void slot(std::string_view path, ValueKind kind, std::string_view text, std::size_t offset);
    /// A text that stands between quotes with JSON's escapes: `raw` at `offset`. What would be written with
    /// other escapes than it was makes the event one that does not rebuild.
    void quotedSlot(std::string_view path, std::string_view raw, std::size_t offset);
    /// A value that does not stand in the document. `text` must outlive the event (arena, or document).
    void derived(std::string_view path, ValueKind kind, std::string_view text, std::string_view where = {});
    /// A derived value that follows from the names of the members alone (CLEF: no @l means Information).
    void implied(std::string_view path, std::string_view text);
    /// Removes what was replaced and closes the overflow. Call once all fields of the event are there.
    void finish();

    /// The index of a field of the current event, or FieldValue::npos.
    std::size_t find(std::string_view path);
    /// The kind of a JSON number by its text.
    static ValueKind numberKind(std::string_view digits);

    static constexpr std::size_t npos = FieldValue::npos;

private:
    using PathId = std::uint32_t;
    static constexpr PathId kRoot = 0;
    struct Path
    {
        std::string text;
        std::uint64_t event = 0; ///< the event that has it
        std::uint32_t field = 0; ///< where
    };
    /// A member's name below a path.
    struct Edge
    {
        std::string name; ///< as written, with its escapes
        PathId parent = kRoot, path = kRoot;
        std::uint32_t follower = 0;        ///< the edge that came after it last time; 0: none
        std::uint64_t object = 0;          ///< the last object that had this member
        std::uint32_t first = 0, last = 0; ///< fields it made there
    };
    struct Open
    {
        std::uint32_t at = 0, end = 0; ///< tokens
        PathId path = kRoot;
        std::uint64_t object = 0;
        std::uint32_t edge = 0; ///< the member being read
        std::uint32_t previous = 0;
    };
    std::uint32_t edgeFor(PathId parent, std::string_view name, bool escaped, std::uint32_t previous);
    PathId pathFor(std::string_view text);
    void add(PathId path, const FieldValue& value, std::string_view where);
    void addToken(const JsonTape& tape, const JsonToken& token, std::size_t base, PathId path,
                  std::string_view where);
    void overflow(std::string_view path, const FieldValue& value);
    void kill(std::size_t field);
    void growEdges();
    void growPaths();
    void clearInterned();

    TextArena& m_arena;
    DecodedEvent* m_event = nullptr;
    std::uint64_t m_eventNumber = 0, m_objectNumber = 0;
    std::deque<Path> m_paths;
    std::vector<Edge> m_edges;
    std::vector<std::uint32_t> m_edgeTable, m_pathTable; ///< open addressing; 0: free
    std::vector<Open> m_stack;
    std::vector<bool> m_dead;
    std::size_t m_deadCount = 0;
    std::string m_text, m_overflow;
};

} // namespace faultline
