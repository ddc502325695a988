#include "models/query/leaf_scan.h"

#include "models/query/field_reader.h"
#include "models/query/json_members.h"
#include "models/query/message_patterns.h"
#include "models/query/packed_view.h"
#include "models/query/row_kernels.h"
#include "models/query/text_scan.h"
#include "models/store/codecs.h"
#include "models/store/text_parts.h"

#include <algorithm>
#include <optional>

namespace faultline {

namespace {

constexpr RowIndex kCheckRows = 4096; // between looks at the stop token

/// Runs body(row) over `within`, block by block, until stopped.
template <class Body> void eachRow(SegmentScan& scan, const RowSet& within, Body&& body)
{
    for (RowIndex begin = 0; begin < scan.rows() && !scan.stopped(); begin += kCheckRows) {
        forEachRow(within, begin, std::min(scan.rows(), begin + kCheckRows), body);
    }
}

TextHints hintsOf(const ValueTest& test)
{
    TextHints hints;
    hints.whole = test.wholeText();
    if (test.substring() != nullptr) {
        hints.needles.push_back(test.substring());
        hints.exactly = true;
    } else if (!test.requiredAll().empty()) {
        const auto all = test.requiredAll();
        hints.needles.push_back(&*std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
            return a.needle().size() < b.needle().size();
        }));
    } else {
        for (const FoldSearch& needle : test.requiredAny()) hints.needles.push_back(&needle);
    }
    const bool open = std::any_of(hints.needles.begin(), hints.needles.end(),
                                  [](const FoldSearch* needle) { return needle->needle().empty(); });
    if (open) {
        hints.needles.clear();
        hints.exactly = false;
    }
    return hints;
}

/// No hex text or UUID can contain a needle: such columns need not be read.
bool neverHex(const TextHints& hints)
{
    const auto hexOrDash = [](char c) { return c == '-' || onlyHex({&c, 1}); };
    return !hints.needles.empty() &&
           std::none_of(hints.needles.begin(), hints.needles.end(), [&](const FoldSearch* needle) {
               return std::all_of(needle->needle().begin(), needle->needle().end(), hexOrDash);
           });
}

RowSet scanSeverity(SegmentScan& scan, const ValueTest& test)
{
    const ColumnInfo& info = scan.info().columns[SeverityColumn];
    const std::uint32_t mask = test.severityMask();
    bool any = false, every = true;
    for (std::int64_t s = std::max<std::int64_t>(info.minInt, 0);
         s <= std::min<std::int64_t>(info.maxInt, 31); ++s) {
        const bool in = (mask >> s & 1) != 0;
        any = any || in;
        every = every && in;
    }
    if (info.minInt <= info.maxInt && info.minInt >= 0 && info.maxInt < 32) {
        if (!any) return RowSet::none(scan.rows());
        if (every) return RowSet::all(scan.rows());
    }
    const ColumnPtr column = scan.column(SeverityColumn);
    if (!column) return RowSet::none(scan.rows());
    std::vector<std::uint8_t> verdict(32, 0);
    for (std::size_t s = 0; s < verdict.size(); ++s) verdict[s] = (mask >> s & 1) != 0 ? 1 : 0;
    return rowsWithVerdict(column->ints, scan.rows(), verdict);
}

RowSet scanTimestamp(SegmentScan& scan, const ValueTest& test, const RowSet& within)
{
    const RowIndex rows = scan.rows();
    RowSet set = RowSet::none(rows);
    if (const auto span = test.timeSpan()) {
        if (span->first > span->last || span->first > scan.info().maxTime || span->last < scan.info().minTime)
            return set;
        if (span->first <= scan.info().minTime && span->last >= scan.info().maxTime) {
            set = RowSet::all(rows);
        } else {
            const ColumnPtr times = scan.column(TimeColumn);
            if (!times || times->ints.count < rows) return set;
            const auto begin = lowerBound(times->ints, span->first);
            const auto end = span->last == kTimeMax ? rows : lowerBound(times->ints, span->last + 1);
            set = RowSet::range(rows, static_cast<RowIndex>(begin), static_cast<RowIndex>(end));
        }
    } else {
        const ColumnPtr times = scan.column(TimeColumn);
        if (!times || times->ints.count < rows) return set;
        set = RowSet::bits(rows);
        eachRow(scan, within, [&](RowIndex row) {
            if (test.testTimestamp(times->ints.at(row))) set.insert(row);
        });
        set.normalise();
    }
    return set.subtract(scan.timeMissing());
}

RowSet scanSource(SegmentScan& scan, const ValueTest& test)
{
    const RowIndex rows = scan.rows();
    std::vector<SourceId> passing;
    for (const SourceId id : scan.info().sources) {
        if (test.testText(scan.sourceName(id)) || test.testInt(id.value)) passing.push_back(id);
    }
    if (passing.empty()) return RowSet::none(rows);
    if (passing.size() == scan.info().sources.size()) return RowSet::all(rows);
    const ColumnPtr column = scan.column(SourceColumn);
    RowSet set = RowSet::none(rows);
    if (!column) return set;
    for (const SourceId id : passing) set |= rowsInSpan(*column, id.value, id.value);
    return set;
}

/// Messages by the id of their pattern, as 16 digits.
RowSet scanPatterns(SegmentScan& scan, const ValueTest& test, const RowSet& within)
{
    RowSet set = RowSet::bits(scan.rows());
    const MessagePatterns patterns(scan, {within, 0, scan.rows()});
    std::vector<std::uint8_t> passes(patterns.size(), 0);
    for (std::size_t code = 0; code < passes.size() && !scan.stopped(); ++code) {
        const auto id = patterns.id(code);
        passes[code] = id && test.testText(patternIdText(*id)) ? 1 : 0;
    }
    if (std::find(passes.begin(), passes.end(), 1) == passes.end()) return RowSet::none(scan.rows());
    withStored(patterns.codes(), [&](auto view) {
        eachRow(scan, within, [&](RowIndex row) {
            if (passes[view[row]] != 0) set.insert(row);
        });
    });
    set.normalise();
    return set;
}

RowSet scanNumbers(SegmentScan& scan, TextParts&& parts, const ValueTest& test, const RowSet& within)
{
    return scanTexts(
        scan, parts, {}, [&](std::string_view text) { return test.testNumber(text); }, within);
}

RowSet scanInts(SegmentScan& scan, const ValueTest& test, const ColumnInfo& info, ColumnIndex index,
                const RowSet& within)
{
    const RowIndex rows = scan.rows();
    const auto span = test.numberSpan(0);
    if (span) {
        if (span->first > span->last) return RowSet::none(rows);
        if (info.minInt <= info.maxInt) {
            if (span->first > info.maxInt || span->last < info.minInt) return RowSet::none(rows);
            if (span->first <= info.minInt && span->last >= info.maxInt && info.present == rows)
                return RowSet::all(rows);
        }
    }
    const ColumnPtr column = scan.column(index);
    if (!column) return RowSet::none(rows);
    if (column->form != ColumnData::Form::Ints) return scanNumbers(scan, TextParts(column), test, within);
    if (span) return rowsInSpan(*column, span->first, span->last);
    RowSet set = RowSet::bits(rows);
    std::int64_t lastValue = 0;
    bool known = false, lastPass = false;
    for (RowIndex begin = 0; begin < rows && !scan.stopped(); begin += kCheckRows) {
        forEachPresent(column->presence, within, begin, std::min(rows, begin + kCheckRows),
                       [&](RowIndex row, RowIndex n) {
                           const std::int64_t value = column->ints.at(n);
                           if (!known || value != lastValue) lastPass = test.testInt(value);
                           known = true;
                           lastValue = value;
                           if (lastPass) set.insert(row);
                       });
    }
    set.normalise();
    return set;
}

RowSet scanDecimals(SegmentScan& scan, const ValueTest& test, ColumnIndex index, const RowSet& within)
{
    const RowIndex rows = scan.rows();
    const ColumnPtr column = scan.column(index);
    if (!column) return RowSet::none(rows);
    if (column->form != ColumnData::Form::Decimals) return scanNumbers(scan, TextParts(column), test, within);
    if (column->scales.width == 0) {
        if (const auto span = test.numberSpan(static_cast<std::uint8_t>(column->scales.base))) {
            return rowsInSpan(*column, span->first, span->last);
        }
    }
    RowSet set = RowSet::bits(rows);
    for (RowIndex begin = 0; begin < rows && !scan.stopped(); begin += kCheckRows) {
        forEachPresent(
            column->presence, within, begin, std::min(rows, begin + kCheckRows),
            [&](RowIndex row, RowIndex n) {
                if (test.testDecimal({column->ints.at(n), static_cast<std::uint8_t>(column->scales.at(n))}))
                    set.insert(row);
            });
    }
    set.normalise();
    return set;
}

RowSet scanBools(SegmentScan& scan, const ValueTest& test, ColumnIndex index)
{
    const bool yes = test.testBool(true), no = test.testBool(false);
    const ColumnPtr column = yes || no ? scan.column(index) : nullptr;
    if (!column) return RowSet::none(scan.rows());
    if (yes && no) return presentRows(column->presence);
    return yes ? rowsInSpan(*column, 1, 1) : rowsInSpan(*column, 0, 0);
}

RowSet scanTimes(SegmentScan& scan, const ValueTest& test, ColumnIndex index, const RowSet& within)
{
    const RowIndex rows = scan.rows();
    const ColumnPtr column = scan.column(index), times = scan.column(TimeColumn),
                    shapes = scan.column(ShapeColumn);
    RowSet set = RowSet::bits(rows);
    if (!column || !times || !shapes) return set;
    std::vector<TimeLayout> layouts;
    for (const Shape& shape : scan.info().shapes) {
        TimeLayout layout;
        for (const auto& slot : shape.slots) {
            if (slot.column == index && slot.style == SlotStyle::Time) layout = slot.layout;
        }
        layouts.push_back(layout);
    }
    for (RowIndex begin = 0; begin < rows && !scan.stopped(); begin += kCheckRows) {
        forEachPresent(column->presence, within, begin, std::min(rows, begin + kCheckRows),
                       [&](RowIndex row, RowIndex) {
                           const auto shape = static_cast<std::size_t>(shapes->ints.at(row));
                           if (shape < layouts.size() && test.testTime(times->ints.at(row), layouts[shape]))
                               set.insert(row);
                       });
    }
    set.normalise();
    return set;
}

/// The hints for JSON that holds the texts: what a text contains stands in its JSON too, unless that has
/// escapes.
TextHints hintsInJson(const ValueTest& test, const TextHints& hints, std::string_view rest)
{
    static const FoldSearch backslash("\\");
    TextHints inside;
    if (test.subject() != ValueTest::Subject::AnyText || !rest.empty() || hints.needles.empty())
        return inside;
    inside.needles = hints.needles;
    inside.needles.push_back(&backslash);
    return inside;
}

/// The one text of a Text column, when its bounds tell that there is but one.
std::optional<std::string_view> onlyText(const ColumnInfo& info)
{
    // A bound that was cut is no text of the column, but then the bounds differ.
    if (info.kind != ValueKind::Text || info.minText.empty() || info.minText != info.maxText)
        return std::nullopt;
    return info.minText;
}

/// One column, whatever its kind. `rest` is the path inside arrays (Json columns only).
RowSet scanColumn(SegmentScan& scan, const ValueTest& test, const TextHints& hints, ColumnIndex index,
                  std::string_view rest, const RowSet& within)
{
    const RowIndex rows = scan.rows();
    const ColumnInfo& info = scan.info().columns[index];
    if (info.present == 0 || scan.stopped()) return RowSet::none(rows);
    if (rest.empty()) {
        if (!test.canMatch(info.kind)) return RowSet::none(rows);
        if (test.presenceOnly()) return presentIn(scan, index);
    }
    switch (info.kind) {
    case ValueKind::Int: return scanInts(scan, test, info, index, within);
    case ValueKind::Decimal: return scanDecimals(scan, test, index, within);
    case ValueKind::Bool: return scanBools(scan, test, index);
    case ValueKind::Time: return scanTimes(scan, test, index, within);
    case ValueKind::Null: return test.testNull() ? presentIn(scan, index) : RowSet::none(rows);
    case ValueKind::Text:
    case ValueKind::Number:
    case ValueKind::Json: break;
    }
    if (info.kind == ValueKind::Text && info.codec == static_cast<std::uint8_t>(Codec::Fixed) &&
        neverHex(hints)) {
        return RowSet::none(rows);
    }
    if (const auto text = onlyText(info))
        return test.testText(*text) ? presentIn(scan, index) : RowSet::none(rows);
    const auto parts = scan.texts(index);
    if (!parts) return RowSet::none(rows);
    if (info.kind == ValueKind::Text) {
        return scanTexts(
            scan, *parts, hints, [&](std::string_view text) { return test.testText(text); }, within);
    }
    if (info.kind == ValueKind::Number) {
        return scanTexts(
            scan, *parts, {}, [&](std::string_view text) { return test.testNumber(text); }, within);
    }
    return scanTexts(
        scan, *parts, hintsInJson(test, hints, rest),
        [&](std::string_view text) { return test.testJson(text, rest); }, within);
}

bool testMember(const ValueTest& test, const JsonMember& member, std::string_view rest)
{
    if (!rest.empty()) return member.kind == ValueKind::Json && test.testJson(member.text, rest);
    if (!test.canMatch(member.kind)) return false;
    switch (member.kind) {
    case ValueKind::Text: return test.testText(member.text);
    case ValueKind::Int: return test.testInt(member.integer);
    case ValueKind::Bool: return test.testBool(member.integer != 0);
    case ValueKind::Null: return test.testNull();
    case ValueKind::Json: return test.testJson(member.text);
    default: return test.testNumber(member.text);
    }
}

/// `field` is empty for any text.
RowSet scanOverflow(SegmentScan& scan, const ValueTest& test, std::string_view field, const RowSet& within)
{
    RowSet set = RowSet::bits(scan.rows());
    const ColumnPtr column = scan.column(OverflowColumn);
    if (!column) return set;
    std::string object, key;
    JsonMember member;
    for (RowIndex begin = 0; begin < scan.rows() && !scan.stopped(); begin += 64) {
        const RowIndex end = std::min(scan.rows(), begin + 64);
        forEachPresent(column->presence, within, begin, end, [&](RowIndex row, RowIndex) {
            object.clear();
            column->appendText(row, object);
            JsonMembers members(object);
            while (members.next(key, member)) {
                std::string_view rest;
                if (!field.empty() && key != field) {
                    if (!field.starts_with(key) || field.size() <= key.size() || field[key.size()] != '.')
                        continue;
                    rest = field.substr(key.size() + 1);
                }
                if (!testMember(test, member, rest)) continue;
                set.insert(row);
                return;
            }
        });
    }
    set.normalise();
    return set;
}

/// Collects rows; what is found need not be looked at again.
class Union
{
public:
    Union(SegmentScan& scan, const RowSet& within)
        : m_scan(scan), m_set(RowSet::none(scan.rows())), m_open(within)
    {}
    bool done() const { return m_open.isNone() || m_scan.stopped(); }
    const RowSet& open() const { return m_open; }
    void add(RowSet rows, const RowSet* only = nullptr)
    {
        if (only != nullptr) rows &= *only;
        m_open.subtract(rows);
        m_set |= rows;
    }
    RowSet take() { return std::move(m_set); }

private:
    SegmentScan& m_scan;
    RowSet m_set, m_open;
};

RowSet scanAnyText(SegmentScan& scan, const ValueTest& test, const TextHints& hints, const RowSet& within)
{
    Union found(scan, within);
    const auto& columns = scan.info().columns;
    for (std::size_t c = RowColumnCount; c < columns.size() && !found.done(); ++c) {
        if (columns[c].kind != ValueKind::Text && columns[c].kind != ValueKind::Json) continue;
        found.add(scanColumn(scan, test, hints, static_cast<ColumnIndex>(c), {}, found.open()));
    }
    if (!found.done() && columns[OverflowColumn].present > 0)
        found.add(scanOverflow(scan, test, {}, found.open()));
    return found.take();
}

RowSet scanField(SegmentScan& scan, const ValueTest& test, const TextHints& hints, const std::string& field,
                 const RowSet& within)
{
    const FieldPlace place = findField(scan, field);
    Union found(scan, within);
    if (place.row == FieldPlace::Row::OfSource) found.add(scanSource(scan, test));
    if (field == kPatternIdField) found.add(scanPatterns(scan, test, within));
    for (const auto& part : place.parts) {
        if (found.done()) break;
        RowSet open = found.open();
        if (part.only) open &= *part.only;
        if (!open.isNone()) found.add(scanColumn(scan, test, hints, part.column, {}, open), part.only.get());
    }
    // A field inside arrays of objects is in the Json column of a path before it.
    for (std::size_t dot = field.find('.'); dot != std::string::npos && !found.done();
         dot = field.find('.', dot + 1)) {
        const std::string_view path(field.data(), dot), rest(field.data() + dot + 1, field.size() - dot - 1);
        for (const ColumnIndex column : scan.info().columnsOf(path)) {
            if (column < RowColumnCount || scan.info().columns[column].kind != ValueKind::Json) continue;
            if (!rest.empty()) found.add(scanColumn(scan, test, hints, column, rest, found.open()));
        }
    }
    if (place.overflow && !found.done()) found.add(scanOverflow(scan, test, field, found.open()));
    return found.take();
}

} // namespace

RowSet scanLeaf(SegmentScan& scan, const ValueTest& test, const std::string& field, const RowSet& within)
{
    const TextHints hints = hintsOf(test);
    switch (test.subject()) {
    case ValueTest::Subject::EventSeverity: return scanSeverity(scan, test);
    case ValueTest::Subject::EventTime: return scanTimestamp(scan, test, within);
    case ValueTest::Subject::AnyText: return scanAnyText(scan, test, hints, within);
    case ValueTest::Subject::Field: break;
    }
    return scanField(scan, test, hints, field, within);
}

} // namespace faultline
