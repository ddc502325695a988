#include "models/query/text_scan.h"

#include "models/query/packed_view.h"
#include "models/query/row_kernels.h"
#include "models/query/template_match.h"

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
    for (auto hit = needle.find(bytes); hit.begin != FoldSearch::npos && value < table.size();) {
        if (++hits % kCheckEvery == 0 && scan.stopped()) return;
        // Hits are ascending: step a few texts, else halve.
        for (std::size_t near = 0; near < 8 && offsets[value + 1] <= hit.begin; ++near) ++value;
        if (offsets[value + 1] <= hit.begin) {
            const auto behind = std::upper_bound(offsets.begin() + static_cast<std::ptrdiff_t>(value),
                                                 offsets.end(), hit.begin);
            value = static_cast<std::size_t>(behind - offsets.begin()) - 1;
        }
        if (hit.end > offsets[value + 1]) {
            hit = needle.find(bytes, hit.begin + 1); // over the border of two texts
            continue;
        }
        if (exactly || test(table.at(value))) setBit(bits, value);
        hit = needle.find(bytes, offsets[value + 1]);
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

bool fitsFixed(const ColumnData& column, const FoldSearch& needle)
{
    const std::string_view lower = needle.needle();
    const std::size_t most = std::size_t{column.fixedBytes} * 2 + (column.uuid ? 4 : 0);
    if (lower.size() > most) return false;
    return std::all_of(lower.begin(), lower.end(), [&](char c) {
        return onlyHex({&c, 1}) || (column.uuid && c == '-');
    });
}

RowSet scanFixed(SegmentScan& scan, const ColumnData& column, const TextHints& hints, const TextTest& test,
                 const RowSet& within)
{
    const RowIndex rows = column.presence.rows();
    const std::size_t width = column.fixedBytes;
    const std::size_t count = width == 0 ? 0 : column.fixed.size() / width;
    auto dense = wordsFor(count);
    if (hints.whole) {
        std::vector<std::uint8_t> wanted;
        if (!fixedBytesOf(column, hints.whole->needle(), wanted)) return RowSet::none(rows);
        const std::uint8_t* const data = column.fixed.data();
        // Eight bytes decide nearly always; the test has the last word.
        std::string text;
        for (std::size_t i = 0; i < count; ++i) {
            if (std::memcmp(data + i * width, wanted.data(), width) == 0) setBit(dense, i);
        }
        return spreadBits(std::move(dense), column.presence);
    }
    if (!hints.needles.empty() &&
        std::none_of(hints.needles.begin(), hints.needles.end(),
                     [&](const auto* needle) { return fitsFixed(column, *needle); })) {
        return RowSet::none(rows);
    }
    RowSet set = RowSet::bits(rows);
    std::string text;
    for (RowIndex begin = 0; begin < rows && !scan.stopped(); begin += kCheckEvery) {
        const RowIndex end = std::min<RowIndex>(rows, begin + kCheckEvery);
        forEachPresent(column.presence, within, begin, end, [&](RowIndex row, RowIndex) {
            text.clear();
            column.appendText(row, text);
            if (!hints.needles.empty() &&
                std::none_of(hints.needles.begin(), hints.needles.end(),
                             [&](const auto* needle) { return needle->in(text); })) {
                return;
            }
            if (hints.exactly || test(text)) set.insert(row);
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

/// The values of one variable, over the rows of its template, that contain the needle.
void searchVariable(SegmentScan& scan, const TextTemplate::Values& values, std::size_t count,
                    const FoldSearch& needle, std::vector<std::uint64_t>& bits)
{
    TextHints hints;
    hints.needles.push_back(&needle);
    hints.exactly = true;
    const TextTest test = [&needle](std::string_view text) { return needle.in(text); };
    if (values.numeric) {
        if (onlyDigits(needle.needle()) && needle.needle().size() <= 18) {
            searchDigits(scan, values.ints, count, needle.needle(), bits);
            return;
        }
        std::string digits;
        for (std::size_t i = 0; i < count; ++i) {
            if (i % kCheckEvery == 0 && scan.stopped()) return;
            digits.clear();
            values.append(i, digits);
            if (needle.in(digits)) setBit(bits, i);
        }
        return;
    }
    const auto found = scanTable(scan, values.texts, hints, test);
    if (values.codes.count == 0) {
        for (std::size_t i = 0; i < found.size() && i < bits.size(); ++i) bits[i] |= found[i];
        return;
    }
    if (std::all_of(found.begin(), found.end(), [](std::uint64_t word) { return word == 0; })) return;
    for (std::size_t i = 0; i < count; ++i) {
        if (hasBit(found, static_cast<std::size_t>(values.codes.at(i)))) setBit(bits, i);
    }
}

/// What is to be done for the rows of one template.
struct TemplateTask
{
    enum class Do : std::uint8_t { Nothing, All, Bits, Test } what = Do::Nothing;
    std::vector<std::uint64_t> bits; ///< Bits: by place among the template's rows
};

TemplateTask taskOf(SegmentScan& scan, const TextTemplate& text, const TextHints& hints)
{
    TemplateTask task;
    if (hints.needles.empty()) {
        task.what = TemplateTask::Do::Test;
        return task;
    }
    std::vector<const FoldSearch*> inside;
    for (const FoldSearch* needle : hints.needles) {
        const TemplateVerdict verdict = matchTemplate(text, *needle);
        if (verdict.always && hints.exactly) {
            task.what = TemplateTask::Do::All;
            return task;
        }
        if (verdict.always || verdict.crossing || (verdict.insideOne && !hints.exactly)) {
            task.what = TemplateTask::Do::Test;
        } else if (verdict.insideOne) {
            inside.push_back(needle);
        }
    }
    if (task.what == TemplateTask::Do::Test || inside.empty()) return task;
    task.bits = wordsFor(text.rows);
    task.what = TemplateTask::Do::Bits;
    for (const FoldSearch* needle : inside) {
        for (std::size_t v = 0; v < text.values.size(); ++v) {
            if (!fitsVariable(text.kinds[v], *needle)) continue;
            searchVariable(scan, text.values[v], text.rows, *needle, task.bits);
        }
    }
    if (std::all_of(task.bits.begin(), task.bits.end(), [](std::uint64_t word) { return word == 0; })) {
        task.what = TemplateTask::Do::Nothing;
    }
    return task;
}

RowSet scanTemplates(SegmentScan& scan, const ColumnData& column, const TextHints& hints,
                     const TextTest& test, const RowSet& within)
{
    const RowIndex rows = column.presence.rows();
    std::vector<TemplateTask> tasks;
    std::vector<std::uint8_t> all(column.templates.size() + 1, 0), some(column.templates.size() + 1, 0);
    bool anySome = false;
    tasks.reserve(column.templates.size() + 1);
    tasks.emplace_back();
    for (const TextTemplate& text : column.templates) {
        if (scan.stopped()) return RowSet::none(rows);
        tasks.push_back(taskOf(scan, text, hints));
        const auto what = tasks.back().what;
        all[tasks.size() - 1] = what == TemplateTask::Do::All ? 1 : 0;
        some[tasks.size() - 1] = what == TemplateTask::Do::Bits || what == TemplateTask::Do::Test ? 1 : 0;
        anySome = anySome || some[tasks.size() - 1] != 0;
    }
    RowSet set = rowsWithVerdict(column.ints, rows, all);
    if (!anySome) return set;
    RowSet open = rowsWithVerdict(column.ints, rows, some);
    open &= within;
    if (open.isNone()) return set;
    RowSet found = RowSet::bits(rows);
    std::string text;
    for (RowIndex begin = 0; begin < rows && !scan.stopped(); begin += kCheckEvery) {
        forEachRow(open, begin, std::min<RowIndex>(rows, begin + kCheckEvery), [&](RowIndex row) {
            const TemplateTask& task = tasks[static_cast<std::size_t>(column.ints.at(row))];
            if (task.what == TemplateTask::Do::Bits) {
                if (hasBit(task.bits, static_cast<std::size_t>(column.nth.at(row)))) found.insert(row);
                return;
            }
            text.clear();
            column.appendText(row, text);
            if (test(text)) found.insert(row);
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

RowSet scanTexts(SegmentScan& scan, const ColumnData& column, const TextHints& hints, const TextTest& test,
                 const RowSet& within)
{
    const RowIndex rows = column.presence.rows();
    switch (column.form) {
    case ColumnData::Form::Dictionary: {
        const auto bits = scanTable(scan, column.table, hints, test);
        std::vector<std::uint8_t> verdict(column.table.size() + 1, 0);
        for (std::size_t i = 0; i < column.table.size(); ++i) verdict[i + 1] = hasBit(bits, i) ? 1 : 0;
        return rowsWithVerdict(column.ints, rows, verdict);
    }
    case ColumnData::Form::Heap:
        // With few rows left over and no needle, a test a row beats a test a value.
        if (hints.needles.empty() && !within.isAll()) break;
        return spreadBits(scanTable(scan, column.table, hints, test), column.presence);
    case ColumnData::Form::Fixed: return scanFixed(scan, column, hints, test, within);
    case ColumnData::Form::Templates: return scanTemplates(scan, column, hints, test, within);
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
