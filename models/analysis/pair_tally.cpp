#include "models/analysis/pair_tally.h"

#include "models/analysis/change_statistics.h"
#include "models/query/field_codes.h"
#include "models/query/packed_view.h"

#include <algorithm>
#include <cmath>

namespace faultline {

namespace {

constexpr std::uint64_t kWork = 300'000'000; // looks at a row for two fields: a second or so of one core
constexpr std::size_t kMostFields = 24;
constexpr std::size_t kLeastFields = 6;
constexpr double kWorthwhile = 3.5;
constexpr std::size_t kWidth = 64; // of a table: kFewValues and one for none, as a power of two
static_assert(kFewValues < kWidth);
constexpr std::size_t kOfPair = 6; // combinations of two fields that go on

} // namespace

std::vector<PairField> PairTally::choose(std::vector<PairField> fields, std::uint64_t events)
{
    std::sort(fields.begin(), fields.end(), [](const PairField& a, const PairField& b) {
        return a.strongest != b.strongest ? a.strongest > b.strongest : a.name < b.name;
    });
    std::size_t most = kMostFields;
    while (most > kLeastFields && most * (most - 1) / 2 * events > kWork) --most;
    if (fields.size() > most) fields.resize(most);
    return fields;
}

PairTally::PairTally(std::vector<PairField> fields) : m_fields(std::move(fields))
{
    const std::size_t count = m_fields.size();
    m_tables.assign(count < 2 ? 0 : count * (count - 1) / 2, Table(2 * kWidth * kWidth, 0));
}

void PairTally::scan(SegmentScan& scan, const SegmentSides& sides)
{
    const std::size_t fields = m_fields.size();
    if (fields < 2) return;
    const SelectedRows both = sides.both();
    // For each side the selected rows one behind the other, a byte for each field.
    std::vector<std::vector<std::uint8_t>> numbers[2];
    for (int side = 0; side < 2; ++side) numbers[side].resize(fields);
    std::string text;
    for (std::size_t f = 0; f < fields && !scan.stopped(); ++f) {
        const FieldCodes codes = FieldCodes::of(scan, m_fields[f].name, both);
        std::vector<std::uint8_t> known(std::max<std::size_t>(codes.size(), 1), 0);
        const auto& values = m_fields[f].values;
        for (std::uint32_t code = 0; code < codes.size(); ++code) {
            text.clear();
            if (!codes.append(code, text)) continue;
            const auto place = std::lower_bound(values.begin(), values.end(), text);
            if (place != values.end() && *place == text)
                known[code] = static_cast<std::uint8_t>(place - values.begin() + 1);
        }
        for (int side = 0; side < 2; ++side) {
            auto& out = numbers[side][f];
            out.reserve(sides.count[side]);
            const SelectedRows& rows = sides.rows[side];
            withStored(codes.codes(), [&](auto view) {
                forEachRow(rows.set, rows.begin, rows.end, [&](RowIndex row) {
                    const std::size_t code = view[row];
                    out.push_back(code < known.size() ? known[code] : std::uint8_t{0});
                });
            });
        }
    }
    // Neighbouring events are often alike: two tables, so that one count need not wait for the other.
    constexpr std::size_t size = kWidth * kWidth;
    std::vector<std::uint32_t> even(size), odd(size);
    std::size_t pair = 0;
    for (std::size_t f = 0; f < fields; ++f) {
        for (std::size_t g = f + 1; g < fields; ++g, ++pair) {
            for (int side = 0; side < 2 && !scan.stopped(); ++side) {
                if (sides.count[side] == 0) continue;
                std::fill(even.begin(), even.end(), 0);
                std::fill(odd.begin(), odd.end(), 0);
                const std::uint8_t* const first = numbers[side][f].data();
                const std::uint8_t* const second = numbers[side][g].data();
                const std::size_t rows = numbers[side][f].size();
                std::size_t i = 0;
                for (; i + 2 <= rows; i += 2) {
                    ++even[first[i] * kWidth + second[i]];
                    ++odd[first[i + 1] * kWidth + second[i + 1]];
                }
                if (i < rows) ++even[first[i] * kWidth + second[i]];
                std::lock_guard lock(m_mutex);
                std::uint64_t* const sum = m_tables[pair].data() + static_cast<std::size_t>(side) * size;
                for (std::size_t k = 0; k < size; ++k) sum[k] += even[k] + odd[k];
            }
        }
    }
}

std::vector<ChangeItem> PairTally::items(double exposure, std::uint64_t& tests) const
{
    std::vector<ChangeItem> all;
    std::size_t pair = 0;
    for (std::size_t f = 0; f < m_fields.size(); ++f) {
        for (std::size_t g = f + 1; g < m_fields.size(); ++g, ++pair) {
            std::vector<ChangeItem> items;
            const Table& table = m_tables[pair];
            std::vector<std::uint64_t> first(kWidth, 0), second(kWidth, 0);
            for (std::size_t i = 0; i < table.size(); ++i) {
                const std::size_t at = i % (kWidth * kWidth);
                first[at / kWidth] += table[i];
                second[at % kWidth] += table[i];
            }
            for (std::size_t u = 0; u < m_fields[f].values.size(); ++u) {
                for (std::size_t v = 0; v < m_fields[g].values.size(); ++v) {
                    const std::size_t at = (u + 1) * kWidth + v + 1;
                    const std::uint64_t x = table[at], y = table[kWidth * kWidth + at];
                    if (x + y < statistics::kLeastEvents) continue;
                    // All events of one of the two values: nothing that the value does not say by itself.
                    if (x + y == first[u + 1] || x + y == second[v + 1]) continue;
                    ++tests;
                    const double naive =
                        statistics::signedRoot(static_cast<double>(x), static_cast<double>(y), exposure);
                    if (std::abs(naive) < kWorthwhile) continue;
                    ChangeItem item;
                    item.kind = Change::Kind::Pair;
                    item.field = m_fields[f].name;
                    item.value = m_fields[f].values[u];
                    item.secondField = m_fields[g].name;
                    item.secondValue = m_fields[g].values[v];
                    item.count[0] = x;
                    item.count[1] = y;
                    item.naive = naive;
                    if (item.secondField < item.field) {
                        std::swap(item.field, item.secondField);
                        std::swap(item.value, item.secondValue);
                    }
                    items.push_back(std::move(item));
                }
            }
            keepStrongest(items, kOfPair);
            std::move(items.begin(), items.end(), std::back_inserter(all));
        }
    }
    return all;
}

} // namespace faultline
