#include "tests/support/ingest_input.h"

#include "models/store/doctor.h"
#include "tests/support/store_fixture.h"

#include <algorithm>
#include <cstdio>
#include <fstream>

namespace faultline::testing {

IngestInput makeIngestInput(std::size_t lines, std::uint64_t salt)
{
    IngestInput input;
    for (std::size_t i = 0; i < lines; ++i) {
        char line[256];
        if (i % 997 == 500) {
            std::snprintf(line, sizeof line, "{\"broken\": %zu of %llu", i,
                          static_cast<unsigned long long>(salt));
        } else {
            // Every line differs from every other, so that a lost and a doubled one cannot cancel each other.
            std::snprintf(
                line, sizeof line,
                "{\"ts\":\"2026-03-01T%02zu:%02zu:%02zu.%03zuZ\",\"level\":\"%s\",\"message\":\"request %zu "
                "took %zu ms\",\"run\":%llu,\"user\":{\"id\":\"u%zu\"},\"ratio\":%zu.%02zu}",
                i / 36'000 % 24, i / 600 % 60, i / 10 % 60, i % 10 * 100, i % 50 == 0 ? "error" : "info", i,
                i * 7919 % 1'009, static_cast<unsigned long long>(salt), i % 313, i % 7, i % 100);
        }
        const std::string text = line;
        input.bytes += text + '\n';
        ++input.records;
        if (i % 997 == 500) {
            ++input.quarantined;
            input.quarantinedBytes += text.size() + 1;
        } else {
            input.documents.push_back(text);
        }
    }
    std::sort(input.documents.begin(), input.documents.end());
    return input;
}

bool writeFile(const std::string& path, const std::string& bytes)
{
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << bytes;
    return bool(file.flush());
}

namespace {

std::string judgeOpen(Store& store, const IngestInput& input)
{
    auto documents = documentsOf(store);
    if (!documents) return "documents: " + describe(documents.error());
    std::sort(documents->begin(), documents->end());
    const auto twice = std::adjacent_find(documents->begin(), documents->end());
    if (twice != documents->end()) return "stored twice: " + *twice;
    if (*documents != input.documents) {
        for (const std::string& document : input.documents)
            if (!std::binary_search(documents->begin(), documents->end(), document))
                return "lost: " + document;
        for (const std::string& document : *documents)
            if (!std::binary_search(input.documents.begin(), input.documents.end(), document))
                return "was never there: " + document;
    }
    auto sources = store.sources();
    if (!sources) return "sources: " + describe(sources.error());
    Ledger total;
    for (const SourceRecord& source : *sources) {
        if (!source.ledger.balanced()) return "the account of " + source.name + " is not balanced";
        if (source.ledger.received.records > 0 && source.state != SourceState::Complete)
            return source.name + " is not complete: state " + std::to_string(static_cast<int>(source.state)) +
                   " " + source.detail;
        total += source.ledger;
    }
    const auto say = [](const char* what, std::uint64_t got, std::uint64_t want) {
        return std::string(what) + ": " + std::to_string(got) + " instead of " + std::to_string(want);
    };
    if (total.received.records != input.records)
        return say("records received", total.received.records, input.records);
    if (total.received.bytes != input.bytes.size())
        return say("bytes received", total.received.bytes, input.bytes.size());
    if (total.events != input.documents.size()) return say("events", total.events, input.documents.size());
    if (total.quarantined != Tally{input.quarantined, input.quarantinedBytes})
        return say("quarantined", total.quarantined.records, input.quarantined);
    if (total.duplicates != Tally{}) return say("duplicates", total.duplicates.records, 0);
    auto rejects = store.quarantine(std::nullopt, 0, 100'000);
    if (!rejects) return "quarantine: " + describe(rejects.error());
    if (rejects->size() != input.quarantined) return say("rejects kept", rejects->size(), input.quarantined);
    return {};
}

} // namespace

std::string judgeIngest(const std::string& storePath, const IngestInput& input)
{
    {
        auto store = Store::open(storePath, {});
        if (!store) return "cannot be opened: " + describe(store.error());
        if (!(*store)->isWriter()) return "the lock was not given back";
        if (const std::string bad = judgeOpen(**store, input); !bad.empty()) return bad;
    }
    const auto report = runDoctor(storePath, {});
    if (!report) return "doctor: " + describe(report.error());
    for (const DoctorFinding& finding : report->findings)
        if (finding.grade != DoctorFinding::Grade::Note)
            return "doctor: " + finding.where + ": " + finding.what;
    return {};
}

} // namespace faultline::testing
