#pragma once
#include "models/store/segment_builder.h"
#include "models/store/store.h"

#include <QTemporaryDir>

#include <atomic>
#include <string>
#include <vector>

namespace faultline::testing {

/// A clock that stands where it is put. Any thread.
class ManualClock final : public Clock
{
public:
    explicit ManualClock(TimeNs now) : m_now(now) {}
    TimeNs now() const override { return m_now.load(); }
    std::chrono::steady_clock::time_point steady() const override { return std::chrono::steady_clock::now(); }
    void advance(TimeNs by) { m_now.fetch_add(by); }

private:
    std::atomic<TimeNs> m_now;
};

/// A folder for stores, in memory where the machine has such a place: the tests write, flush and damage a
/// lot.
class StoreFolder
{
public:
    StoreFolder();
    bool valid() const { return m_folder.isValid(); }
    std::string file(const char* name = "test.faultline") const;

private:
    QTemporaryDir m_folder;
};

/// What the event `ordinal` of a source is in these tests: a document made of its place alone.
std::string documentOf(SourceId source, Ordinal ordinal);
/// A segment of `rows` such events, a second apart from `firstTime` on.
SealedSegment makeSegment(SourceId source, Ordinal firstOrdinal, RowIndex rows, TimeNs firstTime);
/// makeSegment() with its source's account, a checkpoint at its end and, from the second record on,
/// `quarantined` records that could not be stored.
CommitBatch makeBatch(SourceId source, Ordinal firstOrdinal, RowIndex rows, TimeNs firstTime,
                      std::uint32_t quarantined = 0);
SourceRecord makeSource(const std::string& name);

/// All documents that are not deleted, oldest first.
Result<std::vector<std::string>> documentsOf(const StoreSnapshot& snapshot, ColumnSource& columns);
/// documentsOf() a fresh snapshot.
Result<std::vector<std::string>> documentsOf(Store& store);

/// "kind: line" of an error, for messages of tests.
std::string describe(const Error& error);

} // namespace faultline::testing

/// Fails the test with the error's text when `result` is one.
#define VERIFY_OK(result)                                                                                    \
    do {                                                                                                     \
        const auto& checkedResult = (result);                                                                \
        if (!checkedResult) QFAIL(faultline::testing::describe(checkedResult.error()).c_str());              \
    } while (false)
