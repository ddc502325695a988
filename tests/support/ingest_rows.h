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

} // namespace faultline::test
