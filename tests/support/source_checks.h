#pragma once
#include "tests/support/ingest_rows.h"
#include "tests/support/store_fixture.h"

#include <string>
#include <vector>

namespace faultline::test {

/// `line` so many times; "%n" becomes the number of the line, "%2" one of two digits.
inline std::string manyLines(const char* line, int count)
{
    std::string bytes;
    for (int i = 0; i < count; ++i) {
        std::string one = line;
        const auto put = [&](const std::string& mark, const std::string& value) {
            for (std::size_t at = one.find(mark); at != std::string::npos; at = one.find(mark))
                one.replace(at, mark.size(), value);
        };
        put("%2", std::to_string(10 + i % 50));
        put("%n", std::to_string(i));
        bytes += one + "\n";
    }
    return bytes;
}

/// The first row in which the two differ, in words.
inline std::string firstDifference(const std::vector<StoredRow>& a, const std::vector<StoredRow>& b)
{
    if (a.size() != b.size()) return std::to_string(a.size()) + " rows and " + std::to_string(b.size());
    for (std::size_t i = 0; i < a.size(); ++i)
        if (a[i].text != b[i].text)
            return "row " + std::to_string(i) + ":\n" + a[i].text.substr(0, 900) + "\n" +
                   b[i].text.substr(0, 900);
    return {};
}

/// What must hold in the store whatever was done to it.
inline std::string whatIsWrong(Store& store)
{
    auto sources = store.sources(true);
    if (!sources) return testing::describe(sources.error());
    std::uint64_t events = 0;
    for (const SourceRecord& source : *sources) {
        if (!source.ledger.balanced()) return "the ledger of " + source.path + " is not balanced";
        events += source.ledger.events;
    }
    auto snapshot = store.snapshot();
    if (!snapshot) return testing::describe(snapshot.error());
    if ((*snapshot)->events != events)
        return std::to_string((*snapshot)->events) + " events, the ledgers have " + std::to_string(events);
    return {};
}

inline SourceId firstSource(Store& store)
{
    return store.sources().value().front().id;
}

} // namespace faultline::test
