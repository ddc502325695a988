#include "models/query/group_key.h"

#include "models/query/flat_numbers.h"
#include "models/query/packed_view.h"

#include <algorithm>

namespace faultline {

namespace {

constexpr std::size_t kTable = 1u << 18;  // combinations that are numbered through a table
constexpr std::size_t kOwnNumbers = 1024; // codes of the first field that need no new numbers

} // namespace

void appendKeyPart(bool present, std::string_view value, bool alone, std::string& key)
{
    key += present ? '\1' : '\0';
    if (!present) return;
    if (alone) {
        key += value;
        return;
    }
    for (const char c : value) {
        key += c;
        if (c == '\0') key += '\1';
    }
    key.append(2, '\0');
}

std::vector<std::optional<std::string>> splitKey(std::string_view key, std::size_t fields)
{
    std::vector<std::optional<std::string>> values;
    std::size_t at = 0;
    for (std::size_t i = 0; i < fields && at < key.size(); ++i) {
        if (key[at++] == '\0') {
            values.emplace_back();
            continue;
        }
        if (fields == 1) {
            values.emplace_back(std::string(key.substr(at)));
            break;
        }
        std::string value;
        for (; at < key.size(); ++at) {
            value += key[at];
            if (key[at] != '\0') continue;
            if (at + 1 >= key.size() || key[++at] == '\0') {
                value.pop_back();
                ++at;
                break;
            }
        }
        values.emplace_back(std::move(value));
    }
    return values;
}

GroupCodes::GroupCodes(SegmentScan& scan, const std::vector<std::string>& fields,
                       const SelectedRows& selected)
{
    m_fields.reserve(fields.size());
    for (const auto& field : fields) m_fields.push_back(FieldCodes::of(scan, field, selected));
    if (fields.size() == 1) {
        m_single = true;
        m_size = m_fields.front().size();
        return;
    }
    m_combined.count = scan.rows();
    if (fields.empty()) return; // width 0: everything is one group
    m_combined.width = 4;
    m_combined.data.assign(std::size_t{scan.rows()} * 4, 0);
    auto* codes = reinterpret_cast<std::uint32_t*>(m_combined.data.data());
    // Field by field: (number so far, code) -> number. A row's combination is one number after each step.
    std::size_t size = 1;
    for (std::size_t f = 0; f < fields.size() && !scan.stopped(); ++f) {
        std::vector<Pair>& pairs = m_pairs.emplace_back();
        const auto newNumber = [&pairs](std::uint32_t soFar, std::uint64_t code) {
            pairs.push_back({soFar, static_cast<std::uint32_t>(code)});
            return static_cast<std::uint32_t>(pairs.size());
        };
        const std::size_t width = m_fields[f].size();
        withStored(m_fields[f].codes(), [&](auto view) {
            if (f == 0 && width <= kOwnNumbers) { // its codes will do, those that do not occur too
                for (std::uint32_t code = 0; code < width; ++code) newNumber(0, code);
                for (RowIndex row = selected.begin; row < selected.end; ++row)
                    codes[row] = static_cast<std::uint32_t>(view[row]);
                return;
            }
            if (size * width <= kTable) {
                std::vector<std::uint32_t> numbers(size * width, 0); // number + 1
                forEachRow(selected.set, selected.begin, selected.end, [&](RowIndex row) {
                    std::uint32_t& number = numbers[codes[row] * width + view[row]];
                    if (number == 0) number = newNumber(codes[row], view[row]);
                    codes[row] = number - 1;
                });
                return;
            }
            FlatNumbers numbers;
            numbers.reserve(selected.count());
            forEachRow(selected.set, selected.begin, selected.end, [&](RowIndex row) {
                std::uint32_t& number = numbers[codes[row] * std::uint64_t{width} + view[row]];
                if (number == 0) number = newNumber(codes[row], view[row]);
                codes[row] = number - 1;
            });
        });
        size = pairs.size();
    }
    m_size = static_cast<std::uint32_t>(std::max<std::size_t>(size, 1));
}

std::string GroupCodes::key(std::uint32_t code) const
{
    std::string made;
    key(code, made);
    return made;
}

void GroupCodes::key(std::uint32_t code, std::string& key) const
{
    key.clear();
    if (m_single) { // the same as below, without the way through another text
        key += '\1';
        if (!m_fields.front().append(code, key)) key.assign(1, '\0');
        return;
    }
    std::vector<std::uint32_t> codes(m_pairs.size());
    for (std::size_t f = m_pairs.size(); f-- > 0;) {
        const Pair pair = m_pairs[f][code];
        codes[f] = pair.code;
        code = pair.before;
    }
    std::string value;
    for (std::size_t f = 0; f < codes.size(); ++f) {
        value.clear();
        const bool present = m_fields[f].append(codes[f], value);
        appendKeyPart(present, value, false, key);
    }
}

void GroupCodes::count(SegmentScan& scan, const SelectedRows& selected,
                       std::vector<std::uint32_t>& counts) const
{
    constexpr RowIndex kCheckRows = 32'768;
    counts.assign(m_size, 0);
    for (RowIndex begin = selected.begin; begin < selected.end && !scan.stopped(); begin += kCheckRows) {
        countRange(selected.set, begin, std::min(selected.end, begin + kCheckRows), counts.data());
    }
}

void GroupCodes::countRange(const RowSet& set, RowIndex begin, RowIndex end, std::uint32_t* counts) const
{
    countCodes(codes(), set, begin, end, counts);
}

} // namespace faultline
