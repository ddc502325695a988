#include "models/query/scan_source.h"

namespace faultline {

namespace {

class StoreScanSource final : public ScanSource
{
public:
    explicit StoreScanSource(std::shared_ptr<Store> store) : m_store(std::move(store)) {}
    Result<ColumnPtr> column(const SegmentInfo& segment, ColumnIndex index) override
    {
        return m_store->column(segment, index);
    }
    Result<std::shared_ptr<TextParts>> texts(const SegmentInfo& segment, ColumnIndex index) override
    {
        return m_store->texts(segment, index);
    }
    Result<SnapshotPtr> snapshot() override { return m_store->snapshot(); }
    Result<std::map<SourceId, std::string>> sourceNames() override
    {
        auto records = m_store->sources();
        if (!records) return records.error();
        std::map<SourceId, std::string> names;
        for (auto& record : *records) names.emplace(record.id, std::move(record.path));
        return names;
    }

private:
    std::shared_ptr<Store> m_store;
};

} // namespace

std::shared_ptr<ScanSource> scanSourceOf(std::shared_ptr<Store> store)
{
    return std::make_shared<StoreScanSource>(std::move(store));
}

} // namespace faultline
