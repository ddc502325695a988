#include "models/query/group_key.h"

#include "models/query/packed_view.h"

#include <algorithm>
#include <unordered_map>

namespace faultline {

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
    m_parts.push_back({});
    for (std::size_t f = 0; f < fields.size() && !scan.stopped(); ++f) {
        std::unordered_map<std::uint64_t, std::uint32_t> numbers;
        std::vector<std::vector<std::uint32_t>> parts;
        std::uint64_t lastPair = ~std::uint64_t{0};
        std::uint32_t lastNumber = 0;
        withStored(m_fields[f].codes(), [&](auto view) {
            forEachRow(selected.set, selected.begin, selected.end, [&](RowIndex row) {
                const std::uint64_t pair =
                    std::uint64_t{codes[row]} << 32 | static_cast<std::uint32_t>(view[row]);
                if (pair != lastPair) {
                    const auto [found, isNew] =
                        numbers.try_emplace(pair, static_cast<std::uint32_t>(parts.size()));
                    if (isNew) {
                        parts.push_back(m_parts[codes[row]]);
                        parts.back().push_back(static_cast<std::uint32_t>(view[row]));
                    }
                    lastPair = pair;
                    lastNumber = found->second;
                }
                codes[row] = lastNumber;
            });
        });
        m_parts = std::move(parts);
    }
    m_size = static_cast<std::uint32_t>(m_parts.size());
}

std::string GroupCodes::key(std::uint32_t code) const
{
    std::string key, value;
    for (std::size_t f = 0; f < m_fields.size(); ++f) {
        value.clear();
        const bool present = m_fields[f].append(m_single ? code : m_parts[code][f], value);
        appendKeyPart(present, value, m_single, key);
    }
    return key;
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
