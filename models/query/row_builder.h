#pragma once
#include "models/query/engine.h"
#include "models/query/field_reader.h"
#include "models/query/sink.h"

#include <map>
#include <optional>
#include <vector>

namespace faultline {

/// Builds the rows of a list out of one segment; holds the columns that the page shows. One thread.
class RowBuilder
{
public:
    RowBuilder(const SegmentEntry& entry, const PageQuestion& question, const SinkContext& context);
    Status build(RowIndex from, const EventKey& key, EventRow& row);

private:
    void readZones();
    void addFields(RowIndex from, EventRow& row);
    const ColumnReader& reader(ColumnIndex column);
    SegmentScan m_scan;
    bool m_withDocument, m_withFields;
    std::vector<FieldReader> m_canonical, m_fields;
    std::map<ColumnIndex, ColumnReader> m_readers; ///< withFields
    ColumnPtr m_severity, m_flags, m_shapes;
    std::vector<std::optional<std::int16_t>> m_zones; ///< by shape
    std::optional<DocumentBuilder> m_documents;
};

} // namespace faultline
