#include "models/store/same_content.h"

#include <algorithm>

namespace faultline {

namespace {

/// Events that are looked at, however short they are.
constexpr std::size_t kMostDocuments = 1024;

bool holds(const SegmentInfo& info, SourceId id)
{
    return std::find(info.sources.begin(), info.sources.end(), id) != info.sources.end();
}

bool mayHold(const SegmentInfo& info, Ordinal first, Ordinal last)
{
    const ColumnInfo& ordinals = info.columns[OrdinalColumn];
    if (ordinals.minInt > ordinals.maxInt) return true; // not known
    return static_cast<Ordinal>(ordinals.minInt) <= last && first <= static_cast<Ordinal>(ordinals.maxInt);
}

/// Source and ordinal of each row.
struct Places
{
    ColumnPtr sources, ordinals;
    SourceId source(RowIndex row) const { return {static_cast<std::uint32_t>(sources->ints.at(row))}; }
    Ordinal ordinal(RowIndex row) const { return static_cast<Ordinal>(ordinals->ints.at(row)); }
};

Result<Places> placesOf(const SegmentInfo& info, ColumnSource& columns)
{
    auto sources = columns.column(info, SourceColumn);
    if (!sources) return std::move(sources).error();
    auto ordinals = columns.column(info, OrdinalColumn);
    if (!ordinals) return std::move(ordinals).error();
    return Places{std::move(*sources), std::move(*ordinals)};
}

} // namespace

SameContent compareCheckpoints(const SourceRecord& a, const SourceRecord& b)
{
    if (a.checkpoints.empty() || b.checkpoints.empty()) return SameContent::Unknown;
    const std::uint64_t foreign = std::max(a.ledger.duplicates.bytes, b.ledger.duplicates.bytes);
    const std::uint64_t enough =
        std::min({kCommonBeginning, a.checkpoints.back().position, b.checkpoints.back().position});
    auto left = a.checkpoints.begin();
    auto right = b.checkpoints.begin();
    while (left != a.checkpoints.end() && right != b.checkpoints.end()) {
        if (left->position != right->position) {
            ++(left->position < right->position ? left : right);
            continue;
        }
        const std::uint64_t place = left->position;
        if (place > 0 && !(left->hash == right->hash))
            return place <= enough ? SameContent::No : SameContent::Unknown;
        if (place >= enough && place > foreign) return SameContent::Yes;
        ++left;
        ++right;
    }
    return SameContent::Unknown;
}

Result<FirstDocuments> firstDocuments(const Segments& segments, ColumnSource& columns, SourceId source)
{
    struct Row
    {
        std::size_t segment = 0;
        RowIndex row = 0;
    };
    std::map<Ordinal, Row> rows;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const SegmentInfo& info = *segments[i];
        if (!holds(info, source)) continue;
        if (rows.size() == kMostDocuments && !mayHold(info, 0, rows.rbegin()->first)) continue;
        auto places = placesOf(info, columns);
        if (!places) return std::move(places).error();
        for (RowIndex row = 0; row < info.rows; ++row) {
            if (places->source(row) != source) continue;
            const Ordinal ordinal = places->ordinal(row);
            if (rows.size() == kMostDocuments && ordinal > rows.rbegin()->first) continue;
            rows.insert_or_assign(ordinal, Row{i, row});
            if (rows.size() > kMostDocuments) rows.erase(std::prev(rows.end()));
        }
    }
    FirstDocuments documents;
    std::map<std::size_t, DocumentBuilder> builders;
    std::uint64_t bytes = 0;
    for (const auto& [ordinal, row] : rows) {
        auto builder = builders.try_emplace(row.segment, segments[row.segment], columns).first;
        std::string& document = documents[ordinal];
        if (auto done = builder->second.append(row.row, document); !done) return std::move(done).error();
        bytes += document.size() + 1;
        if (bytes >= kCommonBeginning) break;
    }
    return documents;
}

std::set<SourceId> beginningWith(const FirstDocuments& documents, const Segments& segments,
                                 ColumnSource& columns, std::set<SourceId> candidates)
{
    std::set<SourceId> equal;
    if (documents.empty()) return equal;
    std::string text;
    for (const auto& info : segments) {
        const bool any = std::any_of(info->sources.begin(), info->sources.end(),
                                     [&](SourceId id) { return candidates.contains(id); });
        if (!any || !mayHold(*info, documents.begin()->first, documents.rbegin()->first)) continue;
        const auto places = placesOf(*info, columns);
        if (!places) continue;
        DocumentBuilder builder(info, columns);
        for (RowIndex row = 0; row < info->rows; ++row) {
            const auto document = documents.find(places->ordinal(row));
            if (document == documents.end()) continue;
            const SourceId id = places->source(row);
            if (!candidates.contains(id)) continue;
            text.clear();
            if (!builder.append(row, text)) continue;
            if (text == document->second) {
                equal.insert(id);
            } else {
                candidates.erase(id);
                equal.erase(id);
            }
        }
    }
    return equal;
}

} // namespace faultline
