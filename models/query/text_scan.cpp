#include "models/query/text_scan.h"

#include "models/query/packed_view.h"
#include "models/query/row_kernels.h"
#include "models/query/template_match.h"
#include "models/store/text_codec.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace faultline {

namespace {

constexpr std::size_t kCheckEvery = 4096; // values between looks at the stop token

void setBit(std::vector<std::uint64_t>& words, std::size_t i)
{
    words[i >> 6] |= std::uint64_t{1} << (i & 63);
}
bool hasBit(const std::vector<std::uint64_t>& words, std::size_t i)
{
    return (words[i >> 6] >> (i & 63) & 1) != 0;
}
std::vector<std::uint64_t> wordsFor(std::size_t bits)
{
    return std::vector<std::uint64_t>((bits + 63) / 64, 0);
}

/// Searches all bytes of a table at once and maps the hits to texts. Bits of texts that contain the needle
/// are set when `exactly`, else when they pass the test too.
void searchTable(SegmentScan& scan, const StringTable& table, const FoldSearch& needle, bool exactly,
                 const TextTest& test, std::vector<std::uint64_t>& bits)
{
    const std::string_view bytes = table.bytes;
    const auto& offsets = table.offsets;
    std::size_t value = 0, hits = 0;
    auto hit = needle.find(bytes);
    if (hit.begin == FoldSearch::npos) return;
    const bool bytesDecide = needle.bytesDecide(bytes);
    while (hit.begin != FoldSearch::npos && value < table.size()) {
        if (++hits % kCheckEvery == 0 && scan.stopped()) return;
        // Hits are ascending: step a few texts, else halve.
        for (std::size_t near = 0; near < 8 && offsets[value + 1] <= hit.begin; ++near) ++value;
        if (offsets[value + 1] <= hit.begin) {
            const auto behind = std::upper_bound(offsets.begin() + static_cast<std::ptrdiff_t>(value),
                                                 offsets.end(), hit.begin);
            value = static_cast<std::size_t>(behind - offsets.begin()) - 1;
        }
        if (hit.end > offsets[value + 1]) {
            hit = needle.findNext(bytes, hit.begin + 1, bytesDecide); // over the border of two texts
            continue;
        }
        if (exactly || test(table.at(value))) setBit(bits, value);
        hit = needle.findNext(bytes, offsets[value + 1], bytesDecide);
    }
}

/// Hex digits or a UUID, as the column would write it, to bytes; false when no value of the column can equal
/// it.
bool fixedBytesOf(const ColumnData& column, std::string_view text, std::vector<std::uint8_t>& out)
{
    std::string digits;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = column.uuid && (i == 8 || i == 13 || i == 18 || i == 23);
        if (dash != (text[i] == '-')) return false;
        if (!dash) digits += text[i] >= 'A' && text[i] <= 'F' ? static_cast<char>(text[i] | 0x20) : text[i];
    }
    if (digits.size() != std::size_t{column.fixedBytes} * 2 || !onlyHex(digits)) return false;
    const auto nibble = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        out.push_back(static_cast<std::uint8_t>(nibble(digits[i]) << 4 | nibble(digits[i + 1])));
    }
    return true;
}

bool hexOrDash(std::string_view lower)
{
    return std::all_of(lower.begin(), lower.end(), [](char c) { return c == '-' || onlyHex({&c, 1}); });
}

bool fitsFixed(const ColumnData& column, const FoldSearch& needle)
{
    return needle.needle().size() <= hexLength(column.fixedBytes, column.uuid) && hexOrDash(needle.needle());
}

/// Values of Fixed columns that equal `wanted`.
void equalFixed(const ColumnData& column, std::size_t count, const std::vector<std::uint8_t>& wanted,
                std::vector<std::uint64_t>& dense)
{
    const std::size_t width = column.fixedBytes;
    const std::uint8_t* from = column.fixed.data();
    if (width < 8) {
        for (std::size_t i = 0; i < count; ++i, from += width)
            if (std::memcmp(from, wanted.data(), width) == 0) setBit(dense, i);
        return;
    }
    std::uint64_t first = 0, here = 0; // eight bytes decide nearly always
    std::memcpy(&first, wanted.data(), 8);
    for (std::size_t i = 0; i < count; ++i, from += width) {
        std::memcpy(&here, from, 8);
        if (here == first && std::memcmp(from, wanted.data(), width) == 0) setBit(dense, i);
    }
}

/// Writes the values out, some at a time with a line end behind each, and searches them as one text.
void searchFixed(SegmentScan& scan, const ColumnData& column, std::size_t count, const TextHints& hints,
                 const TextTest& test, std::vector<std::uint64_t>& dense)
{
    constexpr std::size_t kValues = 1024;
    const std::size_t width = column.fixedBytes, length = hexLength(width, column.uuid), step = length + 1;
    std::string lines(kValues * step, '\n');
    for (std::size_t begin = 0; begin < count && !scan.stopped(); begin += kValues) {
        const std::size_t values = std::min(kValues, count - begin);
        for (std::size_t i = 0; i < values; ++i)
            writeHex(column.fixed.data() + (begin + i) * width, width, column.uuid, column.upper,
                     lines.data() + i * step);
        const std::string_view text = std::string_view(lines).substr(0, values * step);
        for (const FoldSearch* needle : hints.needles) {
            if (!fitsFixed(column, *needle)) continue; // what fits is hex: bytes decide
            for (std::size_t at = needle->findBytes(text); at != FoldSearch::npos;) {
                const std::size_t value = at / step;
                if (hints.exactly || test(text.substr(value * step, length))) setBit(dense, begin + value);
                at = needle->findBytes(text, (value + 1) * step);
            }
        }
    }
}

/// Reports that a part of the column could not be unpacked.
RowSet unreadable(SegmentScan& scan, const TextParts& parts)
{
    Error error = parts.error();
    error.what = "read segment " + std::to_string(scan.info().id.value) + ": " + error.what;
    scan.fail(std::move(error));
    return RowSet::none(scan.rows());
}

RowSet scanFixed(SegmentScan& scan, TextParts& parts, const TextHints& hints, const TextTest& test,
                 const RowSet& within)
{
    const ColumnData& column = parts.data();
    const RowIndex rows = column.presence.rows();
    std::vector<std::uint8_t> wanted;
    if (hints.whole && !fixedBytesOf(column, hints.whole->needle(), wanted)) return RowSet::none(rows);
    if (!hints.whole && !hints.needles.empty() &&
        std::none_of(hints.needles.begin(), hints.needles.end(),
                     [&](const auto* needle) { return fitsFixed(column, *needle); })) {
        return RowSet::none(rows);
    }
    if (!parts.needFixed()) return unreadable(scan, parts);
    const std::size_t count = column.presence.count();
    if (hints.whole || !hints.needles.empty()) {
        auto dense = wordsFor(count);
        if (hints.whole)
            equalFixed(column, count, wanted, dense);
        else
            searchFixed(scan, column, count, hints, test, dense);
        return spreadBits(std::move(dense), column.presence);
    }
    RowSet set = RowSet::bits(rows);
    std::string text;
    for (RowIndex begin = 0; begin < rows && !scan.stopped(); begin += kCheckEvery) {
        const RowIndex end = std::min<RowIndex>(rows, begin + kCheckEvery);
        forEachPresent(column.presence, within, begin, end, [&](RowIndex row, RowIndex) {
            text.clear();
            column.appendText(row, text);
            if (test(text)) set.insert(row);
        });
    }
    set.normalise();
    return set;
}

/// The numbers whose digits contain `digits` (18 at most), without writing them out.
void searchDigits(SegmentScan& scan, const PackedInts& ints, std::size_t count, std::string_view digits,
                  std::vector<std::uint64_t>& bits)
{
    std::uint64_t wanted = 0, power = 1;
    for (const char c : digits) {
        wanted = wanted * 10 + static_cast<std::uint64_t>(c - '0');
        power *= 10;
    }
    // Digits that begin with 0 need one before them; "0" alone is also the number 0.
    const bool zeroFirst = digits.front() == '0';
    const std::uint64_t least = zeroFirst ? power : wanted;
    const auto contains = [=](std::uint64_t value) {
        if (value == wanted && (!zeroFirst || digits.size() == 1)) return true;
        for (; value >= least; value /= 10) {
            if (value % power == wanted) return true;
        }
        return false;
    };
    const auto base = static_cast<std::uint64_t>(ints.base);
    withStored(ints, [&](auto view) {
        using Number = std::remove_cvref_t<decltype(view[0])>;
        if constexpr (sizeof(Number) == 1) {
            std::vector<std::int8_t> known(256, -1); // few numbers: each is looked at once
            for (std::size_t i = 0; i < count; ++i) {
                std::int8_t& pass = known[view[i]];
                if (pass < 0) pass = contains(base + ints.scale * view[i]) ? 1 : 0;
                if (pass > 0) setBit(bits, i);
            }
        } else {
            for (std::size_t i = 0; i < count; ++i) {
                if (i % kCheckEvery == 0 && scan.stopped()) return;
                if (contains(base + ints.scale * view[i])) setBit(bits, i);
            }
        }
    });
}

/// The values of one variable, over the rows of its template, that contain the needle. False when the column
/// could not be unpacked.
bool searchVariable(SegmentScan& scan, TextParts& parts, std::size_t index, std::size_t variable,
                    const FoldSearch& needle, std::vector<std::uint64_t>& bits)
{
    if (parts.onlyHex(index, variable) && !hexOrDash(needle.needle())) return true;
    if (!parts.needTexts(index, variable)) return false;
    const TextTemplate& used = parts.data().templates[index];
    const TextTemplate::Values& values = used.values[variable];
    const std::size_t count = used.rows;
    if (values.numeric) {
        if (onlyDigits(needle.needle()) && needle.needle().size() <= 18) {
            searchDigits(scan, values.ints, count, needle.needle(), bits);
            return true;
        }
        std::string digits;
        for (std::size_t i = 0; i < count; ++i) {
            if (i % kCheckEvery == 0 && scan.stopped()) return true;
            digits.clear();
            values.append(i, digits);
            if (needle.in(digits)) setBit(bits, i);
        }
        return true;
    }
    auto found = wordsFor(values.texts.size());
    searchTable(scan, values.texts, needle, true, {}, found);
    if (std::all_of(found.begin(), found.end(), [](std::uint64_t word) { return word == 0; })) return true;
    if (!parts.needValues(index, variable)) return false;
    if (values.codes.count == 0) {
        for (std::size_t i = 0; i < found.size() && i < bits.size(); ++i) bits[i] |= found[i];
        return true;
    }
    for (std::size_t i = 0; i < count; ++i) {
        if (hasBit(found, static_cast<std::size_t>(values.codes.at(i)))) setBit(bits, i);
    }
    return true;
}

/// What is to be done for the rows of one template.
struct TemplateTask
{
    enum class Do : std::uint8_t {
        Nothing,
        All,    ///< every row matches
        Inside, ///< what may match has one of `needles` or `fragments` in a variable: to become Bits
        Bits,   ///< of the rows, those of `bits` match, or may match
        Test,   ///< any row may
    } what = Do::Nothing;
    std::vector<const FoldSearch*> needles;
    struct Fragment
    {
        std::size_t variable;
        FoldSearch part;
    };
    std::vector<Fragment> fragments; ///< parts of needles that reach over a border; what has them is tested
    std::vector<std::uint64_t> bits; ///< by place among the template's rows
    bool tested = false;             ///< what is left over is tested row by row
    RowIndex next = 0;               ///< place of the next of its rows
};

/// From constants and kinds of variables alone.
TemplateTask taskOf(const TextTemplate& text, const TextHints& hints)
{
    using Do = TemplateTask::Do;
    TemplateTask task;
    if (hints.needles.empty()) task.what = Do::Test;
    for (const FoldSearch* needle : hints.needles) {
        const TemplateVerdict verdict = matchTemplate(text, *needle);
        if (verdict.always && hints.exactly) {
            task.what = Do::All;
            return task;
        }
        if (verdict.always || (verdict.crossing && verdict.fragments.empty())) {
            task.what = Do::Test;
            continue;
        }
        if (verdict.insideOne) task.needles.push_back(needle);
        for (const auto& [variable, begin, end] : verdict.fragments)
            task.fragments.push_back({variable, FoldSearch(needle->needle().substr(begin, end - begin))});
    }
    if (task.what == Do::Nothing && !(task.needles.empty() && task.fragments.empty())) task.what = Do::Inside;
    return task;
}

/// Looks into the variables, or unpacks them for the tests. False when the column could not be unpacked.
bool prepare(SegmentScan& scan, TextParts& parts, std::size_t index, TemplateTask& task)
{
    const TextTemplate& text = parts.data().templates[index];
    if (task.what == TemplateTask::Do::Inside) {
        task.bits = wordsFor(text.rows);
        for (const FoldSearch* needle : task.needles) {
            for (std::size_t v = 0; v < text.kinds.size(); ++v) {
                if (scan.stopped()) return true;
                if (!fitsVariable(text.kinds[v], *needle)) continue;
                if (!searchVariable(scan, parts, index, v, *needle, task.bits)) return false;
            }
        }
        for (const auto& [variable, part] : task.fragments) {
            if (scan.stopped()) return true;
            if (!searchVariable(scan, parts, index, variable, part, task.bits)) return false;
        }
        const bool any =
            std::any_of(task.bits.begin(), task.bits.end(), [](std::uint64_t word) { return word != 0; });
        task.what = any ? TemplateTask::Do::Bits : TemplateTask::Do::Nothing;
    }
    return true;
}

/// Unpacks all variables of a template, for texts to be put together.
bool needAllValues(TextParts& parts, std::size_t index)
{
    for (std::size_t v = 0; v < parts.data().templates[index].kinds.size(); ++v)
        if (!parts.needValues(index, v)) return false;
    return true;
}

void appendTemplate(const TextTemplate& text, std::size_t place, std::string& out)
{
    for (std::size_t v = 0; v < text.values.size(); ++v) {
        out.append(text.constants[v]);
        text.values[v].append(place, out);
    }
    out.append(text.constants.back());
}

RowSet scanTemplates(SegmentScan& scan, TextParts& parts, const TextHints& hints, const TextTest& test,
                     const RowSet& within)
{
    using Do = TemplateTask::Do;
    const ColumnData& column = parts.data();
    const RowIndex rows = column.presence.rows();
    std::vector<TemplateTask> tasks(1);
    tasks.reserve(column.templates.size() + 1);
    bool idle = true, full = true;
    for (const TextTemplate& text : column.templates) {
        if (scan.stopped()) return RowSet::none(rows);
        tasks.push_back(taskOf(text, hints));
        idle = idle && tasks.back().what == Do::Nothing;
        full = full && tasks.back().what == Do::All;
    }
    if (idle) return RowSet::none(rows);
    if (full) return presentRows(column.presence);
    if (!parts.needTemplates()) return unreadable(scan, parts);
    std::vector<std::uint8_t> all(tasks.size(), 0), some(tasks.size(), 0);
    bool anyAll = false, anySome = false;
    for (std::size_t i = 1; i < tasks.size(); ++i) {
        if (scan.stopped()) return RowSet::none(rows);
        if (!prepare(scan, parts, i - 1, tasks[i])) return unreadable(scan, parts);
        const Do what = tasks[i].what;
        tasks[i].tested = what == Do::Test || !hints.exactly || !tasks[i].fragments.empty();
        const bool tests = tasks[i].tested && (what == Do::Test || what == Do::Bits);
        if (tests && !needAllValues(parts, i - 1)) return unreadable(scan, parts);
        all[i] = what == Do::All ? 1 : 0;
        some[i] = what == Do::Bits || what == Do::Test ? 1 : 0;
        anyAll = anyAll || all[i] != 0;
        anySome = anySome || some[i] != 0;
    }
    if (!anyAll && !anySome) return RowSet::none(rows);
    if (!parts.needCodes()) return unreadable(scan, parts);
    RowSet set = anyAll ? rowsWithVerdict(column.ints, rows, all) : RowSet::none(rows);
    if (!anySome) return set;
    const RowSet open = rowsWithVerdict(column.ints, rows, some);
    RowSet found = RowSet::bits(rows);
    std::string text;
    for (RowIndex begin = 0; begin < rows && !scan.stopped(); begin += kCheckEvery) {
        forEachRow(open, begin, std::min<RowIndex>(rows, begin + kCheckEvery), [&](RowIndex row) {
            const auto code = static_cast<std::size_t>(column.ints.at(row));
            TemplateTask& task = tasks[code];
            const RowIndex place = task.next++;
            if (task.what == Do::Bits && !hasBit(task.bits, place)) return;
            if (!within.has(row)) return;
            if (task.tested) {
                text.clear();
                appendTemplate(column.templates[code - 1], place, text);
                if (!test(text)) return;
            }
            found.insert(row);
        });
    }
    found.normalise();
    set |= found;
    return set;
}

} // namespace

std::vector<std::uint64_t> scanTable(SegmentScan& scan, const StringTable& table, const TextHints& hints,
                                     const TextTest& test)
{
    auto bits = wordsFor(table.size());
    if (!hints.needles.empty()) {
        for (const FoldSearch* needle : hints.needles) {
            searchTable(scan, table, *needle, hints.exactly, test, bits);
        }
        return bits;
    }
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (i % kCheckEvery == 0 && scan.stopped()) break;
        if (test(table.at(i))) setBit(bits, i);
    }
    return bits;
}

RowSet scanTexts(SegmentScan& scan, TextParts& parts, const TextHints& hints, const TextTest& test,
                 const RowSet& within)
{
    const ColumnData& column = parts.data();
    const RowIndex rows = column.presence.rows();
    const auto nothing = [](const std::vector<std::uint64_t>& bits) {
        return std::all_of(bits.begin(), bits.end(), [](std::uint64_t word) { return word == 0; });
    };
    switch (column.form) {
    case ColumnData::Form::Dictionary: {
        if (!parts.needTable()) return unreadable(scan, parts);
        const auto bits = scanTable(scan, column.table, hints, test);
        if (nothing(bits)) return RowSet::none(rows);
        if (!parts.needCodes()) return unreadable(scan, parts);
        std::vector<std::uint8_t> verdict(column.table.size() + 1, 0);
        for (std::size_t i = 0; i < column.table.size(); ++i) verdict[i + 1] = hasBit(bits, i) ? 1 : 0;
        return rowsWithVerdict(column.ints, rows, verdict);
    }
    case ColumnData::Form::Heap: {
        if (!parts.needTable()) return unreadable(scan, parts);
        // With few rows left over and no needle, a test a row beats a test a value.
        if (hints.needles.empty() && !within.isAll()) break;
        auto bits = scanTable(scan, column.table, hints, test);
        if (nothing(bits)) return RowSet::none(rows);
        return spreadBits(std::move(bits), column.presence);
    }
    case ColumnData::Form::Fixed: return scanFixed(scan, parts, hints, test, within);
    case ColumnData::Form::Templates: return scanTemplates(scan, parts, hints, test, within);
    default: break;
    }
    RowSet set = RowSet::bits(rows);
    std::string text;
    for (RowIndex begin = 0; begin < rows && !scan.stopped(); begin += kCheckEvery) {
        const RowIndex end = std::min<RowIndex>(rows, begin + kCheckEvery);
        forEachPresent(column.presence, within, begin, end, [&](RowIndex row, RowIndex dense) {
            bool pass = false;
            if (column.form == ColumnData::Form::Heap) {
                pass = test(column.table.at(dense));
            } else {
                text.clear();
                column.appendText(row, text);
                pass = test(text);
            }
            if (pass) set.insert(row);
        });
    }
    set.normalise();
    return set;
}

} // namespace faultline
