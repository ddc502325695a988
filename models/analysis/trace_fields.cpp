#include "models/analysis/trace_fields.h"

#include "models/query/field_rows.h"
#include "models/query/operand.h"
#include "models/query/packed_view.h"
#include "models/query/row_kernels.h"
#include "models/records/units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace faultline {

namespace {

constexpr std::int64_t kMost = std::int64_t{30} * 86'400 * kSecondNs;
constexpr std::array<std::string_view, 9> kParents{"parent_id",    "parent_span_id", "parentSpanId",
                                                   "parentId",     "parent.id",      "ParentId",
                                                   "ParentSpanId", "parent_span",    "@ps"};
constexpr std::array<std::string_view, 10> kAbove{"event", "span",     "http",   "req",        "request",
                                                  "res",   "response", "fields", "attributes", "Properties"};
constexpr std::array<std::string_view, 7> kWords{"duration",     "elapsed",     "latency",  "took",
                                                 "responsetime", "requesttime", "totaltime"};
constexpr std::array<std::string_view, 20> kUnits{
    "",        "ns",     "nanos",        "nanoseconds", "us",      "micros", "microseconds",
    "ms",      "millis", "milliseconds", "s",           "sec",     "secs",   "second",
    "seconds", "m",      "min",          "mins",        "minutes", "msec"};

std::optional<std::int64_t> bounded(double ns)
{
    if (!(ns >= 0) || ns > static_cast<double>(kMost)) return std::nullopt;
    return std::llround(ns);
}

/// The name in lower case without _ and -.
std::string squeezed(std::string_view name)
{
    std::string out;
    for (const char c : name) {
        if (c == '_' || c == '-') continue;
        out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

double powerOfTen(std::int64_t digits)
{
    double power = 1;
    for (std::int64_t i = 0; i < digits && i < 18; ++i) power *= 10;
    return power;
}

} // namespace

std::optional<DurationField> durationField(std::string_view path)
{
    constexpr std::int64_t kMs = 1'000'000;
    if (path.size() > 64) return std::nullopt;
    if (path == "Elapsed" || path == "Properties.Elapsed" || path == "responseTime")
        return DurationField{DurationField::Form::Unit, kMs};
    std::string_view name = path;
    if (const std::size_t dot = path.find('.'); dot != path.npos) {
        if (std::find(kAbove.begin(), kAbove.end(), path.substr(0, dot)) == kAbove.end()) return std::nullopt;
        name = path.substr(dot + 1);
    }
    const std::string plain = squeezed(name);
    for (const std::string_view word : kWords) {
        if (!plain.starts_with(word)) continue;
        const std::string_view rest = std::string_view(plain).substr(word.size());
        if (std::find(kUnits.begin(), kUnits.end(), rest) == kUnits.end()) return std::nullopt;
        if (path == "event.duration") return DurationField{DurationField::Form::Unit, 1};
        if (rest.empty()) {
            if (word == "duration") return DurationField{DurationField::Form::OnlyText, kSecondNs};
            return std::nullopt;
        }
        if (const auto unit = unitOfField(path, Operand::Kind::Duration))
            return DurationField{DurationField::Form::Unit, *unit};
        return std::nullopt;
    }
    return std::nullopt;
}

std::optional<std::int64_t> readDuration(const DurationField& field, std::string_view text)
{
    if (text.empty() || text.size() > 40) return std::nullopt;
    const auto quantity = parseQuantityWithKind(text);
    if (!quantity) return std::nullopt;
    if (quantity->kind == QuantityKind::Duration) return bounded(quantity->value);
    if (quantity->kind != QuantityKind::Number) return std::nullopt;
    if (field.form == DurationField::Form::OnlyText && text.find('.') == text.npos) return std::nullopt;
    return bounded(quantity->value * static_cast<double>(field.unit));
}

DurationReader::DurationReader(SegmentScan& scan, const SelectedRows& selected)
{
    std::vector<std::pair<ColumnIndex, DurationField>> columns;
    const auto& all = scan.info().columns;
    for (std::size_t c = RowColumnCount; c < all.size(); ++c) {
        if (all[c].present == 0) continue;
        if (const auto field = durationField(all[c].path))
            columns.emplace_back(static_cast<ColumnIndex>(c), *field);
    }
    if (columns.empty()) return;
    std::stable_sort(columns.begin(), columns.end(), [&](const auto& a, const auto& b) {
        return std::pair(all[a.first].path, all[a.first].kind) <
               std::pair(all[b.first].path, all[b.first].kind);
    });
    m_ns.assign(scan.rows(), -1);
    for (const auto& [column, field] : columns) {
        if (scan.stopped()) return;
        read(scan, column, field, selected);
    }
}

void DurationReader::read(SegmentScan& scan, ColumnIndex column, const DurationField& field,
                          const SelectedRows& selected)
{
    const ValueKind kind = scan.info().columns[column].kind;
    const bool whole = kind == ValueKind::Int;
    if (whole && field.form == DurationField::Form::OnlyText) return;
    if (!whole && kind != ValueKind::Decimal && kind != ValueKind::Number && kind != ValueKind::Text) return;
    const ColumnPtr data = scan.column(column);
    if (!data) return;
    FieldRows::Part part{column, kind, data, selected.set, 0};
    part.rows.keepRange(selected.begin, selected.end);
    if (!data->presence.isAll()) part.rows &= presentRows(data->presence);
    if (part.rows.isNone()) return;
    const auto put = [&](RowIndex row, const std::optional<std::int64_t>& ns) {
        if (ns && m_ns[row] < 0) m_ns[row] = *ns;
    };
    const bool numbers = data->form == ColumnData::Form::Ints ||
                         (data->form == ColumnData::Form::Decimals && data->scales.width == 0);
    if (numbers) {
        const auto unit = static_cast<double>(field.unit);
        const bool scaled = data->form == ColumnData::Form::Decimals && data->scales.count > 0;
        const double parts = scaled ? powerOfTen(data->scales.at(0)) : 1;
        const auto base = static_cast<std::uint64_t>(data->ints.base);
        withStored(data->ints, [&](auto view) {
            forEachDense(scan, part, [&](RowIndex row, RowIndex dense) {
                const auto value = static_cast<std::int64_t>(base + data->ints.scale * view[dense]);
                put(row, bounded(static_cast<double>(value) * unit / parts));
            });
        });
        return;
    }
    std::string text;
    forEachDense(scan, part, [&](RowIndex row, RowIndex) {
        text.clear();
        if (data->appendText(row, text)) put(row, readDuration(field, text));
    });
}

std::vector<std::string_view> parentFields()
{
    return {kParents.begin(), kParents.end()};
}

} // namespace faultline
