#include "models/ingest/skeleton_trie.h"

#include "models/ingest/json_wrappers.h"
#include "models/ingest/workload_name.h"
#include "models/records/json_text.h"
#include "models/records/utf8.h"

#include <bit>
#include <cstring>
#include <limits>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace faultline {
namespace {

/// A flood of skeletons (keys made of ids) is not worth learning: past this many nodes the tree starts over.
constexpr std::size_t kMostNodes = 65'536;
constexpr std::uint32_t kLongestText = 1u << 20;
constexpr std::uint64_t kMostInt = std::numeric_limits<std::int64_t>::max();

bool isDigit(char c)
{
    return static_cast<unsigned char>(c - '0') < 10;
}

/// Reads the digits of an int64 without a leading zero; returns behind them, or null.
const char* scanDigits(const char* at, const char* end, std::int64_t& value)
{
    const char* const first = at;
    std::uint64_t number = 0; // 19 digits always fit; more may wrap, and are refused
    while (at < end && isDigit(*at)) number = number * 10 + static_cast<std::uint64_t>(*at++ - '0');
    const auto count = at - first;
    if (count == 0 || count > 19 || (count > 1 && *first == '0') || number > kMostInt) return nullptr;
    value = static_cast<std::int64_t>(number);
    return at;
}

const char* scanInt(const char* at, const char* end, std::int64_t& value)
{
    const bool negative = at < end && *at == '-';
    at = scanDigits(at + negative, end, value);
    if (at == nullptr || (negative && value == 0)) return nullptr;
    if (at < end && (*at == '.' || *at == 'e' || *at == 'E')) return nullptr;
    if (negative) value = -value;
    return at;
}

const char* scanDecimal(const char* at, const char* end, std::int64_t& mantissa, std::uint8_t& scale)
{
    const bool negative = at < end && *at == '-';
    const char* const whole = at + negative;
    at = scanDigits(whole, end, mantissa);
    if (at == nullptr || at == end || *at != '.') return nullptr;
    const char* const fraction = ++at;
    while (at < end && isDigit(*at)) {
        if (at - whole > 18) return nullptr;
        mantissa = mantissa * 10 + (*at++ - '0');
    }
    if (at == fraction || (negative && mantissa == 0)) return nullptr;
    if (at < end && (*at == 'e' || *at == 'E')) return nullptr;
    scale = static_cast<std::uint8_t>(at - fraction);
    if (negative) mantissa = -mantissa;
    return at;
}

/// The first byte at or behind `at` that is a quote, a backslash, below 0x20 or, when it is the first such,
/// notes bytes from 0x80 in `high`. May look at 16 bytes behind `end`; never returns past it.
const char* findSpecial(const char* at, const char* end, bool& high)
{
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1f);
    while (at < end) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        const __m128i stop =
            _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, slash)),
                         _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));
        const auto stops = static_cast<unsigned>(_mm_movemask_epi8(stop));
        const auto highs = static_cast<unsigned>(_mm_movemask_epi8(bytes));
        if (stops != 0) {
            const int first = std::countr_zero(stops);
            high = high || (highs & ((1u << first) - 1)) != 0;
            return at + first < end ? at + first : end;
        }
        high = high || highs != 0;
        at += 16;
    }
    return end;
#else
    for (; at < end; ++at) {
        const auto byte = static_cast<unsigned char>(*at);
        if (byte == '"' || byte == '\\' || byte < 0x20) return at;
        high = high || byte >= 0x80;
    }
    return end;
#endif
}

/// Whether the normaliser leaves an id as it is; quick for the usual form.
bool keepsId(std::string_view text, std::size_t digits)
{
    if (text.size() == digits) {
        bool hex = true;
        unsigned char any = 0;
        for (const char byte : text) {
            const auto c = static_cast<unsigned char>(byte);
            hex =
                hex && (static_cast<unsigned char>(c - '0') < 10 || static_cast<unsigned char>(c - 'a') < 6);
            any |= static_cast<unsigned char>(c ^ '0');
        }
        if (hex && any != 0) return true;
    }
    return isSettledId(text, digits);
}

/// An array of scalars as the decoder keeps it: [] or values of JSON's grammar with ',' or ', ' between them.
/// Returns behind the bracket, or null when it is anything else.
const char* scanArray(const char* at, const char* end)
{
    if (at == end || *at != '[') return nullptr;
    ++at;
    if (at < end && *at == ']') return at + 1;
    while (at < end) {
        std::int64_t number = 0;
        std::uint8_t scale = 0;
        if (*at == '"') {
            bool high = false;
            const char* const stop = findSpecial(at + 1, end, high);
            if (stop == end || *stop != '"' || high) return nullptr;
            at = stop + 1;
        } else if (const char* const whole = scanInt(at, end, number)) {
            at = whole;
        } else if (const char* const decimal = scanDecimal(at, end, number, scale)) {
            at = decimal;
        } else if (end - at >= 4 && (std::memcmp(at, "true", 4) == 0 || std::memcmp(at, "null", 4) == 0)) {
            at += 4;
        } else if (end - at >= 5 && std::memcmp(at, "false", 5) == 0) {
            at += 5;
        } else {
            return nullptr;
        }
        if (at < end && *at == ']') return at + 1;
        if (at == end || *at != ',') return nullptr;
        ++at;
        if (at < end && *at == ' ') ++at;
    }
    return nullptr;
}

} // namespace

void SkeletonTrie::forget()
{
    m_nodes.clear();
    m_root = kNone;
    m_generation = m_rows.generation();
}

bool SkeletonTrie::literalFits(const Node& node, const char* at, const char* end) const
{
    if (static_cast<std::size_t>(end - at) < node.literalSize) return false;
#if defined(__SSE2__)
    const __m128i have = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i want = _mm_loadu_si128(reinterpret_cast<const __m128i*>(node.head.data()));
    const auto equal = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(have, want)));
    if ((equal & node.headMask) != node.headMask) return false;
    return node.literalSize <= 16 ||
           std::memcmp(at + 16, node.literal.data() + 16, node.literalSize - 16) == 0;
#else
    return std::memcmp(at, node.literal.data(), node.literalSize) == 0;
#endif
}

const char* SkeletonTrie::scanText(const Node& node, const char* at, const char* end, Value& value)
{
    bool high = false;
    const char* stop = findSpecial(at, end, high);
    if (stop == end) return nullptr;
    if (*stop == '"') {
        value.text = at;
        value.length = static_cast<std::uint32_t>(stop - at);
        if (!isWrittenPlain({value.text, value.length}, node.escapes)) return nullptr;
    } else {
        if (*stop != '\\') return nullptr;
        while (*stop == '\\') {
            if (end - stop < 3) return nullptr;
            stop = findSpecial(stop + 2, end, high);
            if (stop == end) return nullptr;
        }
        if (*stop != '"') return nullptr;
        // Room was reserved for the whole line, so that earlier views stay valid.
        const std::size_t before = m_unescaped.size();
        const std::string_view inside(at, static_cast<std::size_t>(stop - at));
        if (!unescapeJson(inside, m_text)) return nullptr;
        m_again.clear();
        appendJsonEscaped(m_text, node.escapes, m_again);
        if (m_again != inside || before + m_text.size() > m_unescaped.capacity()) return nullptr;
        m_unescaped += m_text;
        value.text = m_unescaped.data() + before;
        value.length = static_cast<std::uint32_t>(m_text.size());
    }
    if (value.length > kLongestText) return nullptr;
    if (high && !isValidUtf8(std::string_view(at, static_cast<std::size_t>(stop - at)))) return nullptr;
    if (node.inner) { // what may be an object, behind blanks too, is the decoder's
        const std::string_view text(value.text, value.length);
        const std::size_t first = text.find_first_not_of(" \t\r\n");
        if (first != std::string_view::npos && text[first] == '{') return nullptr;
    }
    return stop;
}

/// A text without quotes: what stands before the JSON of a container runtime's line, and nothing else. The
/// time, where another one is the event's; the stream; the mark of a whole line.
const char* SkeletonTrie::scanWord(const Node& node, const char* at, const char* end, Value& value)
{
    constexpr std::size_t longest = 40;
    std::size_t length = 0;
    while (at + length < end && length <= longest && at[length] != ' ') ++length;
    const std::string_view word(at, length);
    const bool time =
        node.literalSize == 0 && length >= 20 && length <= longest && isDigit(word[0]) && word[10] == 'T';
    const bool known = node.literalSize > 0 && (word == "stdout" || word == "stderr" || word == "F");
    if (!time && !known) return nullptr;
    value.text = at;
    value.length = static_cast<std::uint32_t>(length);
    return at + length;
}

bool SkeletonTrie::takeTime(const Node& node, std::string_view text, Hit& hit) const
{
    if (!parseTimeAs(node.layout, text, hit.time) ||
        __builtin_add_overflow(hit.time, m_clockOffset, &hit.time))
        return false;
    hit.hasTime = true;
    // Epochs and RFC 1123 have no zone in their layout, and need none.
    hit.zoneAssumed =
        node.layout.zone == TimeLayout::Zone::None &&
        (node.layout.form == TimeLayout::Form::Rfc3339 || node.layout.form == TimeLayout::Form::Slashed);
    return true;
}

const char* SkeletonTrie::scan(const Node& node, const char* at, const char* end, Value& value, Hit& hit)
{
    const char* const behind = scanValue(node, at, end, value, hit);
    if (behind == nullptr || !node.isTime() || node.kind == ValueKind::Time) return behind;
    const std::string_view text = node.kind == ValueKind::Text
                                      ? std::string_view(value.text, value.length)
                                      : std::string_view(at, static_cast<std::size_t>(behind - at));
    return takeTime(node, text, hit) ? behind : nullptr;
}

const char* SkeletonTrie::scanValue(const Node& node, const char* at, const char* end, Value& value, Hit& hit)
{
    value.node = &node;
    switch (node.kind) {
    case ValueKind::Text:
        return node.escaped ? scanText(node, at, end, value) : scanWord(node, at, end, value);
    case ValueKind::Int: return scanInt(at, end, value.number);
    case ValueKind::Decimal: return scanDecimal(at, end, value.number, value.scale);
    case ValueKind::Bool:
        if (end - at >= 4 && std::memcmp(at, "true", 4) == 0) {
            value.number = 1;
            return at + 4;
        }
        if (end - at >= 5 && std::memcmp(at, "false", 5) == 0) {
            value.number = 0;
            return at + 5;
        }
        return nullptr;
    case ValueKind::Null: return end - at >= 4 && std::memcmp(at, "null", 4) == 0 ? at + 4 : nullptr;
    case ValueKind::Time: {
        std::size_t length = node.timeLength;
        if (length == 0) {
            while (at + length < end && (isDigit(at[length]) || at[length] == '.')) ++length;
        }
        if (static_cast<std::size_t>(end - at) < length) return nullptr;
        return takeTime(node, std::string_view(at, length), hit) ? at + length : nullptr;
    }
    case ValueKind::Json: {
        const char* const behind = scanArray(at, end);
        if (behind == nullptr) return nullptr;
        value.text = at;
        value.length = static_cast<std::uint32_t>(behind - at);
        return behind;
    }
    case ValueKind::Number: return nullptr;
    }
    return nullptr;
}

bool SkeletonTrie::add(const char* begin, const char* end, SegmentBuilder& builder, Hit& hit)
{
    if (m_generation != m_rows.generation()) forget();
    m_values.clear();
    m_unescaped.clear();
    if (m_unescaped.capacity() < static_cast<std::size_t>(end - begin))
        m_unescaped.reserve(static_cast<std::size_t>(end - begin));
    hit = Hit{};
    const char* at = begin;
    std::uint32_t next = m_root;
    while (next != kNone) {
        const Node& node = m_nodes[next];
        if (!literalFits(node, at, end)) {
            next = node.sibling;
            continue;
        }
        if (node.shape != kNone) {
            if (at + node.literalSize != end) {
                next = node.sibling;
                continue;
            }
            return addRow(node, builder, hit);
        }
        Value value{};
        const char* const behind = scan(node, at + node.literalSize, end, value, hit);
        if (behind == nullptr) {
            if (node.isTime() && refusesSiblings(next, at + node.literalSize, end)) return false;
            next = node.sibling;
            continue;
        }
        m_values.push_back(value);
        at = behind;
        next = node.firstChild;
    }
    return false;
}

bool SkeletonTrie::refusesSiblings(std::uint32_t time, const char* value, const char* end) const
{
    // A value that is no time where a time is expected is a matter for the decoder, unless another layout is
    // still to be tried, or the value is a string and the time was a number.
    if (!m_nodes[time].escaped && value < end && *value == '"') return false;
    for (std::uint32_t other = m_nodes[time].sibling; other != kNone; other = m_nodes[other].sibling)
        if (m_nodes[other].isTime() && m_nodes[other].literal == m_nodes[time].literal) return false;
    return true;
}

Severity SkeletonTrie::severityOf(const Value& value, const SeverityReading& reading)
{
    if (value.node->kind == ValueKind::Int)
        return severityFromNumber(value.number, reading.scale).value_or(0);
    if (value.node->kind != ValueKind::Text) return 0;
    const std::string_view text(value.text, value.length);
    if (text == m_lastLevel && reading.scale == m_lastScale) return m_lastSeverity;
    m_lastSeverity = readSeverity(text, reading);
    m_lastLevel.assign(text);
    m_lastScale = reading.scale;
    return m_lastSeverity;
}

bool SkeletonTrie::addRow(const Node& tail, SegmentBuilder& builder, Hit& hit)
{
    std::uint32_t shape = 0;
    if (!m_rows.shapeOf(tail.shape, shape)) return false;
    const ShapePlan& plan = m_rows.plan(tail.shape);
    const ColumnId trace = plan.canonical[static_cast<std::size_t>(Canonical::TraceId)];
    const ColumnId span = plan.canonical[static_cast<std::size_t>(Canonical::SpanId)];
    for (const Value& value : m_values) {
        const ColumnId column = value.node->column;
        if (column == plan.severityColumn) hit.severity = severityOf(value, tail.reading);
        if (column != trace && column != span) continue;
        // Ids in any other form are rewritten by the normaliser.
        if (value.node->kind != ValueKind::Text ||
            !keepsId({value.text, value.length}, column == trace ? 32 : 16))
            return false;
    }
    if (tail.splitTime.seconds != kNoColumnId && !readSplitTime(tail.splitTime, hit)) return false;
    if (!rewriteIds(tail)) return false;
    for (const Value& value : m_values) {
        const ColumnIndex column = m_rows.indexOf(value.node->column);
        switch (value.node->kind) {
        case ValueKind::Text:
        case ValueKind::Json: builder.addText(column, {value.text, value.length}); break;
        case ValueKind::Int:
        case ValueKind::Bool: builder.addInt(column, value.number); break;
        case ValueKind::Decimal: builder.addDecimal(column, {value.number, value.scale}); break;
        case ValueKind::Null:
        case ValueKind::Time:
        case ValueKind::Number: builder.addPresent(column); break;
        }
    }
    for (std::size_t i = 0; i < tail.derived.size(); ++i) {
        const Derived& derived = tail.derived[i];
        builder.addText(m_rows.indexOf(derived.column),
                        derived.from == kNoColumnId ? derived.text : m_rewritten[i]);
        if (derived.column == plan.severityColumn) hit.severity = readSeverity(derived.text, tail.reading);
    }
    hit.shape = shape;
    ++m_hits;
    return true;
}

std::string_view SkeletonTrie::textIn(ColumnId column) const
{
    for (const Value& value : m_values)
        if (value.node->column == column && value.node->kind == ValueKind::Text)
            return {value.text, value.length};
    return {};
}

bool SkeletonTrie::rewriteIds(const Node& tail)
{
    m_rewritten.resize(std::max(m_rewritten.size(), tail.derived.size()));
    for (std::size_t i = 0; i < tail.derived.size(); ++i) {
        const Derived& derived = tail.derived[i];
        if (derived.from == kNoColumnId) continue;
        m_rewritten[i].clear();
        if (derived.form == IdForm::Pod) {
            m_rewritten[i] = serviceOfPod(textIn(derived.from), textIn(derived.other));
            if (m_rewritten[i].empty()) return false;
            continue;
        }
        for (const Value& value : m_values) {
            if (value.node->column != derived.from || value.node->kind != ValueKind::Text) continue;
            const std::string_view text(value.text, value.length);
            // An id that needs no rewriting has another shape.
            if (derived.form == IdForm::Plain && isSettledId(text, derived.trace ? 32 : 16)) return false;
            m_rewritten[i] = canonicalId(text, derived.form, derived.trace);
        }
        if (m_rewritten[i].empty()) return false;
    }
    return true;
}

bool SkeletonTrie::readSplitTime(const SplitTime& split, Hit& hit) const
{
    std::int64_t seconds = 0, nanos = 0;
    for (const Value& value : m_values) {
        const ColumnId column = value.node->column;
        if (column != split.seconds && column != split.nanos) continue;
        if (value.node->kind != ValueKind::Int) return false;
        (column == split.seconds ? seconds : nanos) = value.number;
    }
    // Anything out of the ordinary is the normaliser's.
    if (seconds <= 0 || seconds >= 9'223'372'035 || nanos < 0 || nanos >= kSecondNs) return false;
    if (__builtin_add_overflow(seconds * kSecondNs + nanos, m_clockOffset, &hit.time)) return false;
    hit.hasTime = true;
    return true;
}

void SkeletonTrie::learn(ShapeId shape, const SeverityReading& severity, std::vector<Derived> derived,
                         const SplitTime& split, const KeptTime& kept)
{
    if (m_generation != m_rows.generation()) forget();
    const ShapePlan& plan = m_rows.plan(shape);
    if (plan.raw) return;
    bool hasKept = kept.column == kNoColumnId;
    for (const auto& slot : plan.slots) {
        if (m_rows.kindOf(slot.column) == ValueKind::Number) return;
        hasKept = hasKept || slot.column == kept.column;
    }
    if (!hasKept) return;
    for (std::size_t i = 0; i < plan.slots.size(); ++i) {
        // Plain text goes to the end of a line: each would be a value of its own kind.
        const bool word =
            plan.slots[i].style == SlotStyle::Raw && m_rows.kindOf(plan.slots[i].column) == ValueKind::Text;
        if (word && !plan.literals[i + 1].starts_with(' ')) return;
    }
    if (m_nodes.size() + plan.slots.size() + 1 > kMostNodes) forget();
    std::uint32_t parent = kNone;
    for (std::size_t i = 0; i < plan.literals.size(); ++i) {
        const bool tail = i == plan.slots.size();
        const std::string& literal = plan.literals[i];
        ShapePlan::Slot slot = tail ? ShapePlan::Slot{} : plan.slots[i];
        if (!tail && slot.column == kept.column) slot.layout = kept.layout;
        std::uint32_t found = parent == kNone ? m_root : m_nodes[parent].firstChild;
        const JsonEscapes escapes = JsonEscapes::ofStyle(slot.style).value_or(JsonEscapes());
        std::uint32_t last = kNone, lastTime = kNone;
        for (; found != kNone; found = m_nodes[found].sibling) {
            const Node& node = m_nodes[found];
            if (node.literal == literal && (node.shape != kNone) == tail &&
                (tail ||
                 (node.column == slot.column && node.layout == slot.layout && node.escapes == escapes)))
                break;
            last = found;
            if (node.isTime()) lastTime = found;
        }
        if (found == kNone) {
            Node node;
            node.literal = literal;
            node.literalSize = static_cast<std::uint32_t>(literal.size());
            std::memcpy(node.head.data(), literal.data(), std::min<std::size_t>(16, literal.size()));
            node.headMask = literal.size() >= 16 ? 0xffffu : (1u << literal.size()) - 1;
            if (tail) {
                node.shape = shape;
                node.reading = severity;
                node.derived = std::move(derived);
                node.splitTime = split;
            } else {
                node.column = slot.column;
                node.kind = m_rows.kindOf(slot.column);
                node.layout = slot.layout;
                node.escaped = !literal.empty() && literal.back() == '"';
                node.escapes = escapes;
                const std::string& path = m_rows.pathOf(slot.column);
                node.inner = isWrapperName(path) || (!m_innerJson.empty() && path == m_innerJson);
                if (node.kind == ValueKind::Time && slot.layout.form != TimeLayout::Form::EpochInt &&
                    slot.layout.form != TimeLayout::Form::EpochDecimal) {
                    std::string sample;
                    formatTime(1'000'000'000'000'000'000, slot.layout, sample);
                    node.timeLength = static_cast<std::uint32_t>(sample.size());
                }
            }
            found = static_cast<std::uint32_t>(m_nodes.size());
            m_nodes.push_back(std::move(node));
            // Times go first: a text that is a time must not be taken for mere text. Then strings of a writer
            // with habits, so that all its lines get one shape, whether a value shows the habit or not.
            std::uint32_t& first = parent == kNone ? m_root : m_nodes[parent].firstChild;
            if (!escapes.canonical() && lastTime != kNone) last = lastTime;
            if (m_nodes[found].isTime() || last == kNone || (!escapes.canonical() && lastTime == kNone)) {
                m_nodes[found].sibling = first;
                first = found;
            } else {
                m_nodes[found].sibling = m_nodes[last].sibling;
                m_nodes[last].sibling = found;
            }
        }
        parent = found;
    }
}

} // namespace faultline
