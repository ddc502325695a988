#pragma once
#include "models/store/codecs.h"
#include "models/store/column_buffer.h"
#include "models/store/segment.h"
#include "models/store/template_codec.h"

#include <string>
#include <vector>

namespace faultline {

/// Chooses a codec for each column by cheap statistics and writes its blob. One thread; keeps its memory.
class ColumnEncoder
{
public:
    void setLevel(int zstdLevel) { m_compressor.setLevel(zstdLevel); }
    /// The order of the segment's rows, for the columns that follow: empty when they keep their order, else
    /// row r becomes what was order[r].
    void setOrder(const std::vector<RowIndex>& order);
    /// Fills `info` (path and kind are the buffer's) and returns the blob. `message`: patterns are wanted of
    /// this column. Leaves the buffer in an unspecified state.
    std::string encode(ColumnBuffer& column, RowIndex rows, bool message, ColumnInfo& info);
    /// A column of integers that every row has.
    std::string encodeInts(const std::vector<std::int64_t>& values, ColumnInfo& info);
    BlobWriter& writer() { return m_writer; }

private:
    void reorder(ColumnBuffer& column, RowIndex rows);
    void putPresence(const ColumnBuffer& column, RowIndex rows);
    void putNumbers(const ColumnBuffer& column, RowIndex rows, ColumnInfo& info);
    void putText(ColumnBuffer& column, RowIndex rows, bool message, ColumnInfo& info);
    void putDictionary(const ColumnBuffer& column, RowIndex rows, ColumnInfo& info);
    void putFixed(const ColumnBuffer& column, RowIndex rows, ColumnInfo& info);
    bool putTemplates(const ColumnBuffer& column, RowIndex rows, bool message, ColumnInfo& info);
    void start(Codec codec, ColumnInfo& info);

    Compressor m_compressor;
    BlobWriter m_writer{m_compressor};
    TextScratch m_scratch;
    TemplateEncoder m_templates;
    HexTexts m_hex;
    std::vector<RowIndex> m_order, m_newRow; ///< row -> what it was, and what it becomes
    std::vector<RowIndex> m_place;           ///< dense index by new row
    std::vector<RowIndex> m_dense;           ///< old dense index of each value, in the new order
    struct Key
    {
        std::uint64_t prefix;
        std::uint32_t code;
    };
    std::vector<Key> m_keys;
    std::vector<std::uint32_t> m_ranks, m_codes, m_offsets;
    std::vector<std::int64_t> m_ints;
    std::vector<std::uint8_t> m_scales;
    std::string m_bytes;
};

} // namespace faultline
