#pragma once
#include "models/base/result.h"
#include "models/query/filter.h"
#include "models/query/fold_search.h"
#include "models/query/number_text.h"
#include "models/query/regex.h"
#include "models/records/severity.h"
#include "models/records/value.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace faultline {

struct TimeLayout;

/// The leaf of a filter as a test of single values: what the table of DESIGN section 7 means, in one place.
/// The scanner asks it about dictionary entries, columns and rows; the brute-force evaluator of the tests
/// asks it too.
///
/// A leaf matches an event when the test holds for any one value that its subject has there. An absent field
/// has none. Not is the complement over events, never over values.
///
/// Field     Every value of that name: for message, service, host, logger, trace_id and span_id the canonical
/// value of
///           the event, and the field of that name when the event has no canonical one. A field inside arrays
///           of objects (`items.sku`) is looked for in the JSON of its prefix: testJson(text, "sku").
/// Equals    Text: equal without case; `*` is any run. Numbers: equal as numbers (200, 200.0 and 2e2 are
/// one), and
///           wildcards see the digits as written. A number never equals a text, but f:200 tries both. true,
///           false and null by name. message: a part is enough.
/// Compare   By the kind of the operand: a number sees numbers and numeric text; a duration and a size see
/// text with
///           units, and numbers and numeric text in the unit that the field's name ends in (duration_ms,
///           took_seconds, size_kb; sizes are bytes without one); a level sees names and numbers of levels; a
///           time sees texts and epochs that are times. Text has no other order: parseFilter() refuses it.
///           Never booleans and null.
/// Time      A written time is as long as its last part (a day for 2026-11-22, a second for 15:04:05): > is
/// after
///           its end, >= from its start, equality anything inside. Relative times are instants.
/// Severity  `severity`, and `level` with the name of a level, are the event's severity: names are their
/// class of four
///           numbers, numbers OpenTelemetry's. An unknown severity (0) is `none`; no order holds for it but
///           with none.
/// Word      A part of any text value, without case; texts inside arrays count, keys, numbers and times do
/// not. Regex     See Regex. With a field also on numbers, booleans and times as they are written. Arrays Any
/// element, also in arrays within; what is inside objects counts for words only.
///
/// Threads   Immutable after compile(); any thread at once.
class ValueTest
{
public:
    enum class Subject : std::uint8_t {
        Field,         ///< the values of Filter::field
        AnyText,       ///< every Text value, and the texts in Json values, of the event
        EventSeverity, ///< the event's severity: testSeverity() alone
        EventTime,     ///< the event's time, absent with FlagTimeMissing: testTimestamp() alone
    };
    static Subject subjectOf(const Filter& leaf);
    /// Usage error for a leaf that parseFilter() would not give. All, And, Or and Not are no leaves.
    static Result<ValueTest> compile(const Filter& leaf);

    ValueTest(ValueTest&&) noexcept;
    ValueTest& operator=(ValueTest&&) noexcept;
    ~ValueTest();

    Subject subject() const;

    bool testText(std::string_view text) const;
    bool testInt(std::int64_t value) const;
    bool testDecimal(Decimal value) const;
    bool testNumber(std::string_view text) const; ///< ValueKind::Number
    bool testBool(bool value) const;
    bool testNull() const;
    /// The event's own time where it stood in the document (ValueKind::Time).
    bool testTime(TimeNs time, const TimeLayout& layout) const;
    /// An array or object; with `rest`, the values of that path inside it. Damaged JSON is read up to the
    /// damage.
    bool testJson(std::string_view json, std::string_view rest = {}) const;
    bool testSeverity(Severity severity) const
    {
        return severity < 32 && (severityMask() >> severity & 1) != 0;
    }
    bool testTimestamp(TimeNs time) const;

    // What follows helps kernels; each says the same as the tests above.

    /// False: no value of this kind can match.
    bool canMatch(ValueKind kind) const;
    /// Every present value matches (field:*).
    bool presenceOnly() const;
    /// Bit s: severity s matches. Subject::EventSeverity only, else 0.
    std::uint32_t severityMask() const;
    /// The times that match, when they are a closed interval. Subject::EventTime only.
    std::optional<IntSpan> timeSpan() const;
    /// The mantissas that match at a scale (0: Int), when numbers are tested by a closed interval.
    std::optional<IntSpan> numberSpan(std::uint8_t scale) const;
    /// A text matches exactly when it contains this.
    const FoldSearch* substring() const;
    /// A text matches exactly when it equals this without case.
    const FoldSearch* wholeText() const;
    /// Every matching text contains all of these.
    std::span<const FoldSearch> requiredAll() const;
    /// Every matching text contains at least one of these; empty: not known.
    std::span<const FoldSearch> requiredAny() const;
    /// The expression of a Matches leaf, else null.
    const Regex* regex() const;

private:
    struct Parts;
    explicit ValueTest(std::unique_ptr<const Parts> parts);
    std::unique_ptr<const Parts> m_parts;
};

} // namespace faultline
