#pragma once
#include "models/ingest/normaliser.h"
#include "models/ingest/piece_parser.h"
#include "models/store/store.h"

#include <memory>
#include <string>
#include <vector>

namespace faultline::test {

/// An event as the store has it, whole.
struct StoredRow
{
    SourceId source;
    Ordinal ordinal = 0;
    TimeNs time = 0;
    std::uint16_t flags = 0;
    std::string document;
    std::string
        text; ///< time, severity, ordinal, flags, every field with its kind, canonical fields, document
};

/// The rows of a segment that are not masked.
std::vector<StoredRow> rowsOf(const std::shared_ptr<const SegmentInfo>& info, const DeleteMask& deleted,
                              ColumnSource& columns);
/// All rows of a store, by source and ordinal; empty after an error.
std::vector<StoredRow> rowsOf(Store& store);
/// Only their texts.
std::vector<std::string> textsOf(const std::vector<StoredRow>& rows);

/// What a source's bytes become.
struct ParsedSource
{
    std::vector<StoredRow> rows; ///< by ordinal
    Ledger ledger;
    std::vector<QuarantineRecord> quarantine;
    Checkpoint last;
};
struct ParseHow
{
    std::string format = "json";
    bool fastPath = true;
    /// Where pieces end, ascending; the end of the bytes is implied.
    std::vector<std::size_t> cuts = {};
    bool parallel = false; ///< the cuts are at records
    std::vector<std::pair<std::string, std::string>> constants = {};
    std::vector<std::pair<std::string, std::string>> overrides = {};
    std::int64_t clockOffset = 0;
    std::string innerJson = {};
};
/// Parses in memory, with the parser of the product and no store.
ParsedSource parseSource(const std::string& bytes, const ParseHow& how,
                         const std::shared_ptr<const Normaliser>& normaliser);

std::shared_ptr<const Normaliser> loadNormaliser();

/// Where two lists differ first, for people; empty when they do not.
std::string firstDifference(const std::vector<std::string>& a, const std::vector<std::string>& b);
/// Holds two lists of rows' texts against each other, in a QTest function.
#define VERIFY_SAME(a, b, what)                                                                              \
    do {                                                                                                     \
        const std::string difference = firstDifference(a, b);                                                \
        QVERIFY2(difference.empty(), (std::string(what) + ": " + difference).c_str());                       \
    } while (false)

/// What of the bytes is missing in the events and in quarantine, or not in its place; empty when nothing is:
/// every line of the input is there, in order and byte for byte.
std::string lostBytes(const std::string& bytes, const ParsedSource& parsed);

} // namespace faultline::test
