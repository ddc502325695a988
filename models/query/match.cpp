#include "models/query/match.h"

#include "models/query/json_values.h"
#include "models/query/operand.h"
#include "models/query/text_pattern.h"
#include "models/records/time_text.h"

#include <algorithm>
#include <charconv>

namespace faultline {

namespace {

constexpr std::uint8_t kMaxScale = 18;
constexpr IntSpan kNothing{1, 0};

/// Numbers between two bounds, each of which may be missing.
struct Interval
{
    std::optional<ExactNumber> low, high;
    bool lowExclusive = false, highExclusive = false;

    bool contains(const ExactNumber& value) const
    {
        if (low && (lowExclusive ? value <= *low : value < *low)) return false;
        return !(high && (highExclusive ? value >= *high : value > *high));
    }
    IntSpan span(std::uint8_t scale) const
    {
        IntSpan span;
        if (low) {
            const auto first = low->firstFrom(scale, lowExclusive);
            if (!first) return kNothing;
            span.first = *first;
        }
        if (high) {
            const auto last = high->lastTo(scale, highExclusive);
            if (!last) return kNothing;
            span.last = *last;
        }
        return span;
    }
    /// The same in units of `unit`.
    Interval per(std::int64_t unit) const
    {
        Interval scaled = *this;
        if (low) scaled.low = low->scaled(1, unit);
        if (high) scaled.high = high->scaled(1, unit);
        return scaled;
    }
};

/// The bounds of a leaf as operands.
struct Bounds
{
    std::optional<Operand> low, high;
    bool lowExclusive = false, highExclusive = false;
    Operand::Kind kind() const { return low ? low->kind : high->kind; }
};

Error unreadable(std::string_view field, std::string_view text)
{
    return makeError(ErrorKind::Usage, "compile the filter",
                     "\"" + std::string(text) + "\" is no value to compare " + std::string(field) + " with",
                     {"valid: " + std::string(operandsOf(field))});
}

Result<Bounds> boundsOf(const Filter& leaf)
{
    Bounds bounds;
    const auto read = [&](std::string_view text) { return readOperand(leaf.field, text, 0); };
    if (leaf.kind == Filter::Kind::Range) {
        if (!leaf.lowOpen && !(bounds.low = read(leaf.low))) return unreadable(leaf.field, leaf.low);
        if (!leaf.highOpen && !(bounds.high = read(leaf.high))) return unreadable(leaf.field, leaf.high);
        bounds.lowExclusive = leaf.lowExclusive;
        bounds.highExclusive = leaf.highExclusive;
        if ((!bounds.low && !bounds.high) ||
            (bounds.low && bounds.high && bounds.low->kind != bounds.high->kind))
            return unreadable(leaf.field, leaf.low + " TO " + leaf.high);
        return bounds;
    }
    auto operand = read(leaf.text);
    if (!operand) return unreadable(leaf.field, leaf.text);
    if (leaf.kind != Filter::Kind::Compare) {
        bounds.low = bounds.high = std::move(operand);
        return bounds;
    }
    const bool down = leaf.op == Filter::Op::Less || leaf.op == Filter::Op::LessEqual;
    (down ? bounds.high : bounds.low) = std::move(operand);
    bounds.lowExclusive = leaf.op == Filter::Op::Greater;
    bounds.highExclusive = leaf.op == Filter::Op::Less;
    return bounds;
}

std::uint32_t severitiesIn(const Bounds& bounds)
{
    std::uint32_t mask = 0;
    // Unknown has no order, unless the question names it.
    const bool withNone = (bounds.low && bounds.low->severity.first == 0) ||
                          (!bounds.low && bounds.high && bounds.high->severity.first == 0);
    for (std::uint32_t s = withNone ? 0 : 1; s <= 24; ++s) {
        const bool above = !bounds.low || (bounds.lowExclusive ? s > bounds.low->severity.last
                                                               : s >= bounds.low->severity.first);
        const bool below = !bounds.high || (bounds.highExclusive ? s < bounds.high->severity.first
                                                                 : s <= bounds.high->severity.last);
        if (above && below) mask |= std::uint32_t{1} << s;
    }
    return mask;
}

IntSpan timesIn(const Bounds& bounds)
{
    IntSpan span;
    if (bounds.low) {
        span.first = bounds.low->first;
        if (bounds.lowExclusive && __builtin_add_overflow(bounds.low->last, 1, &span.first)) return kNothing;
    }
    if (bounds.high) {
        span.last = bounds.high->last;
        if (bounds.highExclusive && __builtin_sub_overflow(bounds.high->first, 1, &span.last))
            return kNothing;
    }
    return span;
}

std::string decimalText(Decimal value)
{
    const bool negative = value.mantissa < 0;
    const auto bits = static_cast<std::uint64_t>(value.mantissa);
    std::string digits = std::to_string(negative ? 0 - bits : bits);
    if (value.scale > 0) {
        if (digits.size() <= value.scale) digits.insert(0, value.scale + 1 - digits.size(), '0');
        digits.insert(digits.size() - value.scale, 1, '.');
    }
    return negative ? "-" + digits : digits;
}

bool mayBeNumber(std::string_view text)
{
    return !text.empty() &&
           (text[0] == '-' || text[0] == '+' || text[0] == '.' || (text[0] >= '0' && text[0] <= '9'));
}

} // namespace

/// What a leaf compiles to. Exactly one of the text tests is set for leaves that look at texts.
struct ValueTest::Parts
{
    Subject subject = Subject::Field;
    bool exists = false;
    bool ordered = false;               ///< Compare and Range
    std::optional<FoldSearch> contains; ///< Word, Phrase
    std::optional<FoldSearch> equals;   ///< Equals
    std::optional<TextPattern> pattern; ///< wildcards
    std::optional<Regex> regex;
    std::vector<FoldSearch> all, any;

    bool asWritten = false; ///< numbers and booleans are tested by their text
    bool numeric = false;   ///< numbers are tested by `numbers`
    Interval numbers;       ///< in the field's own unit
    Interval measured;      ///< in ns or bytes, for texts with units
    std::array<IntSpan, kMaxScale + 1> spans{};
    Operand::Kind kind = Operand::Kind::Number;
    bool sized = false, timed = false; ///< texts with units; texts that are times
    IntSpan times = kNothing;
    std::uint32_t severities = 0;
    bool yes = false, no = false, null = false;

    bool textMatches(std::string_view text) const
    {
        if (contains) return contains->in(text);
        if (equals) return equals->equals(text);
        if (pattern) return pattern->matches(text);
        if (!regex) return false;
        if (const auto& literal = regex->literal()) return text.find(*literal) != std::string_view::npos;
        for (const FoldSearch& required : all)
            if (!required.in(text)) return false;
        return regex->matches(text);
    }
    bool timeMatches(std::string_view text) const
    {
        if (text.starts_with("now")) return false;
        const auto time = parseUserTime(text, 0);
        return time && times.contains(*time);
    }
    bool orderMatches(std::string_view text) const;
    void setNumbers(Interval interval);
    Status setOrder(const Filter& leaf);
    Status setEquals(const Filter& leaf);
    Status setRegex(const Filter& leaf);
    void setAsWritten();
};

/// The text of a value against Compare and Range.
bool ValueTest::Parts::orderMatches(std::string_view text) const
{
    if (kind == Operand::Kind::Level) {
        const auto severity = severityFromText(text);
        return severity && (severities >> *severity & 1) != 0;
    }
    if (kind == Operand::Kind::Time) return timeMatches(text);
    if (!mayBeNumber(text)) return false;
    if (const auto number = readNumber(text)) return numeric && numbers.contains(*number);
    if (!sized) return false;
    const auto value = kind == Operand::Kind::Duration ? readDurationText(text) : readSizeText(text);
    return value && measured.contains(*value);
}

void ValueTest::Parts::setNumbers(Interval interval)
{
    numeric = true;
    numbers = std::move(interval);
    for (std::uint8_t scale = 0; scale <= kMaxScale; ++scale) spans[scale] = numbers.span(scale);
}

Status ValueTest::Parts::setOrder(const Filter& leaf)
{
    auto bounds = boundsOf(leaf);
    if (!bounds) return bounds.error();
    ordered = true;
    kind = bounds->kind();
    switch (kind) {
    case Operand::Kind::Level: severities = severitiesIn(*bounds); return {};
    case Operand::Kind::Time:
        times = timesIn(*bounds);
        timed = true;
        return {};
    default: break;
    }
    if (bounds->low) measured.low = bounds->low->number;
    if (bounds->high) measured.high = bounds->high->number;
    measured.lowExclusive = bounds->lowExclusive;
    measured.highExclusive = bounds->highExclusive;
    sized = kind != Operand::Kind::Number;
    if (!sized)
        setNumbers(measured);
    else if (const auto unit = unitOfField(leaf.field, kind))
        setNumbers(measured.per(*unit));
    return {};
}

void ValueTest::Parts::setAsWritten()
{
    asWritten = true;
    yes = textMatches("true");
    no = textMatches("false");
    null = textMatches("null");
}

Status ValueTest::Parts::setEquals(const Filter& leaf)
{
    if (leaf.wildcard) {
        pattern.emplace(leaf.text, leaf.field != "message");
        for (const FoldSearch& piece : pattern->pieces()) all.emplace_back(piece.needle());
        setAsWritten();
        return {};
    }
    if (subject == Subject::EventSeverity || subject == Subject::EventTime) {
        auto bounds = boundsOf(leaf);
        if (!bounds) return bounds.error();
        severities = subject == Subject::EventSeverity ? severitiesIn(*bounds) : 0;
        times = subject == Subject::EventTime ? timesIn(*bounds) : kNothing;
        timed = subject == Subject::EventTime;
        return {};
    }
    equals.emplace(leaf.text);
    yes = equals->equals("true");
    no = equals->equals("false");
    null = equals->equals("null");
    if (auto number = readNumber(leaf.text)) {
        setNumbers({*number, *number, false, false});
    } else if (const auto time = readOperand(leaf.field, leaf.text, 0);
               time && time->kind == Operand::Kind::Time) {
        // for ValueKind::Time alone: other values are equal by their text
        times = {time->first, time->last};
        timed = true;
    }
    return {};
}

Status ValueTest::Parts::setRegex(const Filter& leaf)
{
    auto compiled = Regex::compile(leaf.text);
    if (!compiled) return compiled.error();
    regex.emplace(std::move(*compiled));
    for (const auto& atom : regex->requiredAll()) all.emplace_back(atom);
    for (const auto& atom : regex->requiredAny()) any.emplace_back(atom);
    // the longest is the most telling
    std::stable_sort(all.begin(), all.end(), [](const FoldSearch& a, const FoldSearch& b) {
        return a.needle().size() > b.needle().size();
    });
    setAsWritten();
    return {};
}

ValueTest::ValueTest(std::unique_ptr<const Parts> parts) : m_parts(std::move(parts)) {}
ValueTest::ValueTest(ValueTest&&) noexcept = default;
ValueTest& ValueTest::operator=(ValueTest&&) noexcept = default;
ValueTest::~ValueTest() = default;

ValueTest::Subject ValueTest::subjectOf(const Filter& leaf)
{
    if (leaf.kind == Filter::Kind::Word || leaf.field.empty()) return Subject::AnyText;
    if (leaf.field == "timestamp") return Subject::EventTime;
    if (leaf.field == "severity") return Subject::EventSeverity;
    if (leaf.field != "level" || leaf.wildcard) return Subject::Field;
    const auto isLevel = [](std::string_view text) {
        const auto operand = readOperand("level", text, 0);
        return operand && operand->kind == Operand::Kind::Level;
    };
    switch (leaf.kind) {
    case Filter::Kind::Equals:
    case Filter::Kind::Compare: return isLevel(leaf.text) ? Subject::EventSeverity : Subject::Field;
    case Filter::Kind::Range:
        return isLevel(leaf.lowOpen ? leaf.high : leaf.low) ? Subject::EventSeverity : Subject::Field;
    default: return Subject::Field;
    }
}

Result<ValueTest> ValueTest::compile(const Filter& leaf)
{
    auto parts = std::make_unique<Parts>();
    parts->subject = subjectOf(leaf);
    Status status;
    switch (leaf.kind) {
    case Filter::Kind::All:
    case Filter::Kind::And:
    case Filter::Kind::Or:
    case Filter::Kind::Not:
        return makeError(ErrorKind::Internal, "compile a test of values", "the filter is no leaf");
    case Filter::Kind::Word:
        if (leaf.wildcard) {
            parts->pattern.emplace(leaf.text, false);
            for (const FoldSearch& piece : parts->pattern->pieces()) parts->all.emplace_back(piece.needle());
        } else {
            parts->contains.emplace(leaf.text);
        }
        break;
    case Filter::Kind::Phrase:
        parts->contains.emplace(leaf.text);
        parts->setAsWritten();
        break;
    case Filter::Kind::Equals: status = parts->setEquals(leaf); break;
    case Filter::Kind::Compare:
    case Filter::Kind::Range: status = parts->setOrder(leaf); break;
    case Filter::Kind::Exists: parts->exists = true; break;
    case Filter::Kind::Matches: status = parts->setRegex(leaf); break;
    }
    if (!status) return status.error();
    if (parts->subject == Subject::EventSeverity && parts->exists) parts->severities = 0x1fffffe;
    if (parts->subject == Subject::EventSeverity && parts->asWritten)
        for (std::uint32_t s = 0; s <= 24; ++s)
            if (parts->textMatches(severityName(static_cast<Severity>(s))))
                parts->severities |= std::uint32_t{1} << s;
    return ValueTest(std::move(parts));
}

ValueTest::Subject ValueTest::subject() const
{
    return m_parts->subject;
}

bool ValueTest::testText(std::string_view text) const
{
    if (m_parts->exists) return true;
    return m_parts->ordered ? m_parts->orderMatches(text) : m_parts->textMatches(text);
}

bool ValueTest::testInt(std::int64_t value) const
{
    const Parts& parts = *m_parts;
    if (parts.exists) return true;
    if (parts.numeric) return parts.spans[0].contains(value);
    if (parts.asWritten && parts.subject == Subject::Field) return parts.textMatches(std::to_string(value));
    if (!parts.ordered) return false;
    if (parts.kind == Operand::Kind::Level) {
        const auto severity = severityFromNumber(value, SeverityScale::Unknown);
        return severity && (parts.severities >> *severity & 1) != 0;
    }
    return parts.kind == Operand::Kind::Time && parts.timeMatches(std::to_string(value));
}

bool ValueTest::testDecimal(Decimal value) const
{
    if (m_parts->exists) return true;
    if (m_parts->numeric && value.scale <= kMaxScale)
        return m_parts->spans[value.scale].contains(value.mantissa);
    return testNumber(decimalText(value));
}

bool ValueTest::testNumber(std::string_view text) const
{
    const Parts& parts = *m_parts;
    if (parts.exists) return true;
    if (parts.numeric) {
        const auto number = readNumber(text);
        return number && parts.numbers.contains(*number);
    }
    if (parts.asWritten) return parts.subject == Subject::Field && parts.textMatches(text);
    return parts.ordered && parts.kind == Operand::Kind::Time && parts.timeMatches(text);
}

bool ValueTest::testBool(bool value) const
{
    if (m_parts->exists) return true;
    return m_parts->subject == Subject::Field && (value ? m_parts->yes : m_parts->no);
}

bool ValueTest::testNull() const
{
    return m_parts->exists || (m_parts->subject == Subject::Field && m_parts->null);
}

bool ValueTest::testTime(TimeNs time, const TimeLayout& layout) const
{
    const Parts& parts = *m_parts;
    if (parts.exists) return true;
    if (parts.subject != Subject::Field) return false;
    if (parts.timed && parts.times.contains(time)) return true;
    std::string text;
    if (layout.form != TimeLayout::Form::None) formatTime(time, layout, text);
    if (layout.form == TimeLayout::Form::EpochInt || layout.form == TimeLayout::Form::EpochDecimal) {
        if (testNumber(text)) return true;
        return parts.equals && parts.equals->equals(text);
    }
    return parts.ordered ? parts.kind != Operand::Kind::Time && parts.orderMatches(text)
                         : parts.textMatches(text);
}

bool ValueTest::testTimestamp(TimeNs time) const
{
    if (m_parts->exists || m_parts->subject != Subject::EventTime) return m_parts->exists;
    return m_parts->timed ? m_parts->times.contains(time) : m_parts->textMatches(formatRfc3339(time));
}

bool ValueTest::testJson(std::string_view json, std::string_view rest) const
{
    if (m_parts->exists && rest.empty()) return true;
    const auto walk = m_parts->subject == Subject::AnyText ? JsonValues::Walk::Texts
                      : rest.empty()                       ? JsonValues::Walk::Elements
                                                           : JsonValues::Walk::Path;
    JsonValues values(json, walk, rest);
    JsonValues::Value value;
    while (values.next(value)) {
        switch (value.kind) {
        case ValueKind::Text:
            if (testText(value.text)) return true;
            break;
        case ValueKind::Bool:
            if (testBool(value.text == "true")) return true;
            break;
        case ValueKind::Null:
            if (testNull()) return true;
            break;
        case ValueKind::Json:
            if (m_parts->exists) return true;
            break;
        default: {
            std::int64_t whole = 0;
            const char* const end = value.text.data() + value.text.size();
            const auto [stop, failed] = std::from_chars(value.text.data(), end, whole);
            const bool isInt = failed == std::errc() && stop == end && value.text != "-0";
            if (isInt ? testInt(whole) : testNumber(value.text)) return true;
        }
        }
    }
    return false;
}

bool ValueTest::canMatch(ValueKind kind) const
{
    const Parts& parts = *m_parts;
    if (parts.subject == Subject::EventSeverity || parts.subject == Subject::EventTime) return false;
    if (parts.subject == Subject::AnyText) return kind == ValueKind::Text || kind == ValueKind::Json;
    if (parts.exists) return true;
    switch (kind) {
    case ValueKind::Text:
    case ValueKind::Json:
    case ValueKind::Time: return true;
    case ValueKind::Int: return parts.numeric || parts.asWritten || (parts.ordered && !parts.sized);
    case ValueKind::Decimal:
    case ValueKind::Number:
        return parts.numeric || parts.asWritten || (parts.ordered && parts.kind == Operand::Kind::Time);
    case ValueKind::Bool: return parts.yes || parts.no;
    case ValueKind::Null: return parts.null;
    }
    return true;
}

bool ValueTest::presenceOnly() const
{
    return m_parts->exists;
}

std::uint32_t ValueTest::severityMask() const
{
    return m_parts->subject == Subject::EventSeverity ? m_parts->severities : 0;
}

std::optional<IntSpan> ValueTest::timeSpan() const
{
    if (m_parts->subject != Subject::EventTime) return std::nullopt;
    if (m_parts->exists) return IntSpan{};
    if (!m_parts->timed) return std::nullopt;
    return m_parts->times;
}

std::optional<IntSpan> ValueTest::numberSpan(std::uint8_t scale) const
{
    if (m_parts->subject != Subject::Field || scale > kMaxScale) return std::nullopt;
    if (m_parts->exists) return IntSpan{};
    if (m_parts->numeric) return m_parts->spans[scale];
    if (m_parts->equals || (m_parts->ordered && m_parts->sized)) return kNothing;
    return std::nullopt;
}

const FoldSearch* ValueTest::substring() const
{
    return m_parts->contains ? &*m_parts->contains : nullptr;
}

const FoldSearch* ValueTest::wholeText() const
{
    return m_parts->equals ? &*m_parts->equals : nullptr;
}

std::span<const FoldSearch> ValueTest::requiredAll() const
{
    if (m_parts->contains) return {&*m_parts->contains, 1};
    if (m_parts->equals) return {&*m_parts->equals, 1};
    return m_parts->all;
}

std::span<const FoldSearch> ValueTest::requiredAny() const
{
    return m_parts->any;
}

const Regex* ValueTest::regex() const
{
    return m_parts->regex ? &*m_parts->regex : nullptr;
}

} // namespace faultline
