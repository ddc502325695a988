#pragma once
#include "models/ingest/ingest.h"
#include "tests/support/ingest_rows.h"
#include "tests/support/store_fixture.h"

#include <QTemporaryDir>

#include <fstream>
#include <memory>
#include <string>
#include <utility>

namespace faultline::test {

/// A folder with files, a store beside it, and ingest into that store with a clock that stands still.
class IngestFixture
{
public:
    IngestFixture()
        : clock(std::make_shared<testing::ManualClock>(1'800'000'000 * kSecondNs))
        , normaliser(loadNormaliser())
    {
        reopen();
    }
    void reopen(const char* name = "test.faultline")
    {
        store.reset();
        Store::Options options;
        options.clock = clock;
        auto opened = Store::open(m_stores.file(name), options);
        if (opened) store = *opened;
    }
    bool valid() const { return store && normaliser && m_files.isValid() && m_stores.valid(); }
    std::string path(const std::string& name) const
    {
        return m_files.filePath(QString::fromStdString(name)).toStdString();
    }
    std::string write(const std::string& name, const std::string& bytes, bool append = false) const
    {
        std::ofstream(path(name), std::ios::binary | (append ? std::ios::app : std::ios::trunc)) << bytes;
        return path(name);
    }
    Result<IngestReport> ingest(IngestRequest request, std::stop_token stop = {})
    {
        return Ingest(store, normaliser, clock).run(request, {}, std::move(stop));
    }
    Result<IngestReport> ingest(const std::string& file, std::size_t workers = 2)
    {
        IngestRequest request;
        request.paths = {file};
        request.workers = workers;
        request.pathTemplate = "/no/such/path";
        return ingest(std::move(request));
    }

    std::shared_ptr<testing::ManualClock> clock;
    std::shared_ptr<const Normaliser> normaliser;
    std::shared_ptr<Store> store;

private:
    QTemporaryDir m_files;
    testing::StoreFolder m_stores;
};

} // namespace faultline::test
