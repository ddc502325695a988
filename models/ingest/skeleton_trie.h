#pragma once
#include "models/ingest/id_form.h"
#include "models/ingest/normaliser.h"
#include "models/ingest/row_writer.h"
#include "models/store/segment_builder.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// The fast path of JSON lines, and of a container runtime's lines (CRI) with JSON in them: a tree of the
/// skeletons seen so far, walked along a line's bytes.
///
/// Idea     Lines of one logger differ in their values and hardly in what stands between them. A node is the
///          literal bytes before a value and the kind of that value; a path from the root is a shape. A line
///          is compared with literals and its values are scanned strictly (JSON grammar, UTF-8), so that a
///          line that ends on a shape is valid JSON and rebuilds exactly, without a parse. What does not fit
///          goes to the decoder, which teaches the tree a new path.
/// Equality A hit gives the row that the decoder and the normaliser would give (a property test holds it);
///          values whose reading depends on more than their kind (a time that does not parse, an id to be
///          rewritten, text that may hold inner JSON) are refused.
/// Threads  One. Belongs to one RowWriter; forgets all when its generation changes.
class SkeletonTrie
{
public:
    /// `clockOffset`, `innerJson`: SourceContext's of the lines.
    SkeletonTrie(RowWriter& rows, std::int64_t clockOffset, std::string innerJson)
        : m_rows(rows), m_clockOffset(clockOffset), m_innerJson(std::move(innerJson))
    {
        forget();
    }

    /// A value that events of a shape have beside their document.
    struct Derived
    {
        ColumnId column = kNoColumnId;
        std::string text; ///< the same for all (path parts, implied values), or
        ColumnId from =
            kNoColumnId; ///< the id in this column, rewritten, or the pod that a service is named by
        ColumnId other = kNoColumnId; ///< the pod's container
        IdForm form = IdForm::Plain;
        bool trace = false;
    };

    /// Where a time stands in two numbers, if it does.
    struct SplitTime
    {
        ColumnId seconds = kNoColumnId, nanos = kNoColumnId;
    };

    /// Where a time stands whose text its field keeps, since the time is a mended one.
    struct KeptTime
    {
        ColumnId column = kNoColumnId;
        TimeLayout layout; ///< of the text
    };

    /// What the caller needs for endRow().
    struct Hit
    {
        std::uint32_t shape = 0;
        TimeNs time = 0;
        bool hasTime = false;
        bool zoneAssumed = false;
        Severity severity = 0;
    };
    /// Reads the line [begin, end) and adds its values to `builder`; false when no path fits, with nothing
    /// added. At least 64 bytes behind `end` must be readable.
    bool add(const char* begin, const char* end, SegmentBuilder& builder, Hit& hit);

    /// Learns the shape of an event that the decoder read.
    void learn(ShapeId shape, const SeverityReading& severity, std::vector<Derived> derived,
               const SplitTime& split, const KeptTime& kept);

    std::uint64_t hits() const { return m_hits; }

private:
    static constexpr std::uint32_t kNone = 0xffffffffu;
    struct Node
    {
        std::array<char, 16> head{}; ///< first bytes of the literal
        std::uint32_t headMask = 0;  ///< which of them count, a bit each
        std::uint32_t literalSize = 0;
        std::string literal;
        std::uint32_t firstChild = kNone, sibling = kNone;
        ColumnId column = kNoColumnId;
        ShapeId shape = kNone; ///< the literal ends the line: no slot
        ValueKind kind = ValueKind::Text;
        bool escaped = false;         ///< Text inside quotes
        bool inner = false;           ///< Text that is looked into where it may be an object
        JsonEscapes escapes;          ///< of such a Text
        TimeLayout layout;            ///< of a time: a Time slot, or a value that keeps its text (KeptTime)
        std::uint32_t timeLength = 0; ///< of a Time slot's text, 0 when it varies
        SeverityReading reading;      ///< of a tail's shape
        std::vector<Derived> derived; ///< of a tail's shape
        SplitTime splitTime;          ///< of a tail's shape
        bool isTime() const { return layout.form != TimeLayout::Form::None; }
    };
    struct Value
    {
        const Node* node;
        const char* text;
        std::uint32_t length;
        std::uint8_t scale;
        std::int64_t number;
    };
    bool literalFits(const Node& node, const char* at, const char* end) const;
    const char* scan(const Node& node, const char* at, const char* end, Value& value, Hit& hit);
    const char* scanValue(const Node& node, const char* at, const char* end, Value& value, Hit& hit);
    bool takeTime(const Node& node, std::string_view text, Hit& hit) const;
    bool refusesSiblings(std::uint32_t time, const char* value, const char* end) const;
    Severity severityOf(const Value& value, const SeverityReading& reading);
    bool rewriteIds(const Node& tail);
    bool readSplitTime(const SplitTime& split, Hit& hit) const;
    std::string_view textIn(ColumnId column) const;
    bool addRow(const Node& tail, SegmentBuilder& builder, Hit& hit);
    static const char* scanWord(const Node& node, const char* at, const char* end, Value& value);
    const char* scanText(const Node& node, const char* at, const char* end, Value& value);
    void forget();

    RowWriter& m_rows;
    const std::int64_t m_clockOffset;
    const std::string m_innerJson;
    std::uint64_t m_generation = 0;
    std::vector<Node> m_nodes;
    std::uint32_t m_root = kNone; ///< first of the nodes at the start of a line
    std::vector<Value> m_values;
    std::string m_unescaped; ///< texts with escapes of the line at hand
    std::string m_text, m_again;
    std::uint64_t m_hits = 0;
    std::vector<std::string> m_rewritten; ///< texts of the tail's derived values, by their order
    std::string m_lastLevel;
    SeverityScale m_lastScale = SeverityScale::Unknown;
    Severity m_lastSeverity = 0;
};

} // namespace faultline
