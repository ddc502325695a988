#define XXH_INLINE_ALL // a call through the library costs more than the hash of a short text
#include <xxhash.h>
//
#include "models/store/column_buffer.h"

#include <algorithm>
#include <cstring>

namespace faultline {
namespace {

constexpr std::size_t kFirstTable = 64;
constexpr RowIndex kDictionaryTrial = 4'096; ///< values before a dictionary may be given up
constexpr unsigned kMaxProbes = 64;          ///< a table that needs more was made to be slow
constexpr std::size_t kKeepBytes = std::size_t{8} << 20;

} // namespace

void ColumnBuffer::clear(std::string_view newPath, ValueKind newKind)
{
    path.assign(newPath);
    kind = newKind;
    count = m_nextRow = 0;
    present.clear();
    ints.clear();
    scales.clear();
    dictionary = true;
    codes.clear();
    offsets.resize(1);
    if (bytes.capacity() > kKeepBytes && bytes.size() < bytes.capacity() / 4)
        bytes = {}; // one burst does not stay
    bytes.clear();
    textBytes = 0;
    if (m_table.size() > kFirstTable) m_table.resize(kFirstTable);
    std::fill(m_table.begin(), m_table.end(), Slot{});
    m_lastCode = 0;
}

bool ColumnBuffer::takeSparse(RowIndex row)
{
    if (row < m_nextRow) return false; // a second value for the row: the first stays
    if (present.empty()) {
        present.assign((std::size_t{m_nextRow} + 63) / 64, ~std::uint64_t{0});
        if (m_nextRow % 64 != 0) present.back() = (std::uint64_t{1} << (m_nextRow % 64)) - 1;
    }
    if (row / 64 >= present.size()) present.resize(std::size_t{row} / 64 + 1);
    present[row / 64] |= std::uint64_t{1} << (row % 64);
    m_nextRow = row + 1;
    ++count;
    return true;
}

void ColumnBuffer::growTable()
{
    const std::vector<Slot> old = std::move(m_table);
    m_table.assign(std::max(kFirstTable, old.size() * 4), Slot{});
    const std::size_t mask = m_table.size() - 1;
    for (const Slot& slot : old) {
        if (slot.code == 0) continue;
        std::size_t at = slot.hash & mask;
        while (m_table[at].code != 0) at = (at + 1) & mask;
        m_table[at] = slot;
    }
}

void ColumnBuffer::intern(std::string_view text)
{
    if (!codes.empty() && sameText(textAt(m_lastCode), text)) {
        codes.push_back(m_lastCode);
        return;
    }
    if (texts() * 2 >= m_table.size()) growTable();
    const auto hash = static_cast<std::uint32_t>(XXH3_64bits(text.data(), text.size()));
    const std::size_t mask = m_table.size() - 1;
    std::size_t at = hash & mask;
    unsigned probes = 0;
    while (m_table[at].code != 0) {
        if (m_table[at].hash == hash && sameText(textAt(m_table[at].code - 1), text)) {
            m_lastCode = m_table[at].code - 1;
            codes.push_back(m_lastCode);
            return;
        }
        at = (at + 1) & mask;
        ++probes;
    }
    if (probes > kMaxProbes || (count > kDictionaryTrial && texts() * 2 > count)) {
        leaveDictionary();
        append(text);
        return;
    }
    m_lastCode = static_cast<std::uint32_t>(texts());
    m_table[at] = {hash, m_lastCode + 1};
    append(text);
    codes.push_back(m_lastCode);
}

void ColumnBuffer::leaveDictionary()
{
    if (!dictionary) return;
    dictionary = false;
    const std::string distinct = std::move(bytes);
    const std::vector<std::uint32_t> bounds = std::move(offsets);
    bytes.clear();
    offsets.assign(1, 0);
    offsets.reserve(codes.size() + 1);
    for (const std::uint32_t code : codes)
        append(std::string_view(distinct).substr(bounds[code], bounds[code + 1] - bounds[code]));
    codes.clear();
}

} // namespace faultline
