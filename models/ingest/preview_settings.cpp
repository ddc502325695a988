#include "models/ingest/detect.h"
#include "models/ingest/renormalise.h"
#include "models/ingest/stored_rewriter.h"
#include "models/ingest/stored_rows.h"
#include "models/store/event_reader.h"

#include <algorithm>
#include <map>
#include <set>

namespace faultline {
namespace {

constexpr std::size_t kShown = 4 * 1024;
constexpr Ordinal kWindow = 256; ///< events looked at for a third of the rows: some may be deleted

/// Columns of a segment that was just sealed.
class SealedColumns final : public ColumnSource
{
public:
    explicit SealedColumns(const SealedSegment& sealed) : m_sealed(sealed) {}
    Result<ColumnPtr> column(const SegmentInfo& segment, ColumnIndex index) override
    {
        return decodeColumn(segment.columns[index], segment.rows, m_sealed.chunks[index]);
    }

private:
    const SealedSegment& m_sealed;
};

SettingsPreview::Face faceOf(EventReader& reader, RowIndex row)
{
    SettingsPreview::Face face;
    face.time = reader.number(TimeColumn, row);
    face.ownTime = (reader.number(FlagsColumn, row) & FlagTimeMissing) == 0;
    face.severity = static_cast<Severity>(reader.number(SeverityColumn, row));
    reader.canonical(Canonical::Service, row, face.service);
    reader.canonical(Canonical::Host, row, face.host);
    reader.canonical(Canonical::Message, row, face.message);
    for (std::string* text : {&face.service, &face.host, &face.message})
        if (text->size() > kShown) text->resize(kShown);
    return face;
}

/// Rows of one part of the source, with the whole envelopes of those that are elements.
struct Part
{
    StoredRows::Rows all;
    std::set<Ordinal> chosen;
};

Result<Part> choosePart(const StoredRows& rows, std::size_t unitIndex, double where, std::size_t count,
                        std::stop_token stop)
{
    const StoredRows::Unit& unit = rows.units()[unitIndex];
    const bool envelopes = rows.hasEnvelopes(unit);
    const Ordinal length = unit.last - unit.first + 1;
    const Ordinal span = std::min(length, kWindow);
    const Ordinal first = unit.first + static_cast<Ordinal>(static_cast<double>(length - span) * where);
    auto read = envelopes ? rows.read(unit, unit.first, unit.last, stop)
                          : rows.read(unit, first, first + span - 1, stop);
    if (!read) return std::move(read).error();
    Part part;
    part.all = std::move(*read);
    const auto& all = part.all.rows;
    const auto begin =
        static_cast<std::size_t>(static_cast<double>(all.size() - std::min(all.size(), count)) * where);
    for (std::size_t i = begin; i < all.size() && part.chosen.size() < count; ++i)
        part.chosen.insert(all[i].event.ordinal);
    return part;
}

/// Only what the chosen rows need: themselves, and what stands in their envelopes.
std::vector<StoredRows::Row> needed(const Part& part)
{
    std::vector<StoredRows::Row> result;
    const auto& all = part.all.rows;
    for (std::size_t i = 0; i < all.size();) {
        std::size_t end = i + 1;
        while (!StoredEvents::endsEnvelope(all[end - 1].event) && end < all.size()) ++end;
        bool wanted = false;
        for (std::size_t j = i; j < end; ++j) wanted = wanted || part.chosen.contains(all[j].event.ordinal);
        if (wanted)
            result.insert(result.end(), all.begin() + static_cast<std::ptrdiff_t>(i),
                          all.begin() + static_cast<std::ptrdiff_t>(end));
        i = end;
    }
    return result;
}

Result<SourceRecord> findSource(Store& store, SourceId id)
{
    auto sources = store.sources();
    if (!sources) return std::move(sources).error();
    for (SourceRecord& source : *sources)
        if (source.id == id) return std::move(source);
    return makeError(ErrorKind::NotFound, "preview the settings of source " + std::to_string(id.value),
                     "the store has no such source");
}

} // namespace

Result<SettingsPreview> previewSettings(const std::shared_ptr<Store>& store,
                                        const std::shared_ptr<const Normaliser>& normaliser, SourceId id,
                                        const SourceSettings& wanted, std::stop_token stop)
{
    if (auto done = checkSettings(wanted); !done) return std::move(done).error();
    auto source = findSource(*store, id);
    if (!source) return std::move(source).error();
    auto kept = settingsOfSource(*store, *normaliser, *source);
    if (!kept) return std::move(kept).error();
    const SourceSettings settings = withUserSettings(*kept, wanted);
    auto snapshot = store->snapshot();
    if (!snapshot) return std::move(snapshot).error();
    auto rows = StoredRows::plan(*snapshot, *store, id, stop);
    if (!rows) return std::move(rows).error();
    SettingsPreview preview;
    const std::size_t units = rows->units().size();
    if (units == 0) return preview;

    SourceContext context;
    settings.applyTo(context);
    context.time.now = source->lastArrival;
    auto recognised = recognisedFormat(*store, *source);
    if (!recognised) return std::move(recognised).error();
    context.format = settings.format.empty() ? *recognised : settings.format;
    const struct
    {
        std::size_t unit;
        double where;
        std::size_t count;
    } kParts[] = {{0, 0.0, 7}, {units / 2, 0.5, 6}, {units - 1, 1.0, 7}};
    std::set<Ordinal> seen;
    for (const auto& one : kParts) {
        auto part = choosePart(*rows, one.unit, one.where, one.count, stop);
        if (!part) return std::move(part).error();
        // In a small source the parts overlap.
        std::erase_if(part->chosen, [&](Ordinal ordinal) { return seen.contains(ordinal); });
        if (part->chosen.empty()) continue;
        const std::vector<StoredRows::Row> use = needed(*part);
        StoredRewriter rewriter(normaliser, context, id, source->lastArrival, kept->clockOffset);
        if (auto done = rewriter.write(use, [](std::optional<TimeNs>) { return Status(); }); !done)
            return std::move(done).error();
        if (rewriter.builder().needsHeadTime())
            rewriter.builder().setHeadTime(settings.fileTime.value_or(source->firstArrival));
        const SealedSegment sealed = rewriter.seal();
        SealedColumns columns(sealed);
        EventReader after({std::make_shared<const SegmentInfo>(sealed.info), nullptr, 0, 0}, columns);
        std::map<Ordinal, RowIndex> places;
        for (RowIndex row = 0; row < sealed.info.rows; ++row)
            places[static_cast<Ordinal>(after.number(OrdinalColumn, row))] = row;
        std::map<std::size_t, std::unique_ptr<EventReader>> readers;
        for (const StoredRows::Row& row : use) {
            if (!part->chosen.contains(row.event.ordinal)) continue;
            auto& reader = readers[row.segment];
            if (!reader)
                reader = std::make_unique<EventReader>(rows->snapshot()->segments[row.segment], *store);
            SettingsPreview::Row shown;
            shown.ordinal = row.event.ordinal;
            shown.document = std::string(row.event.document.substr(0, kShown));
            shown.before = faceOf(*reader, row.row);
            shown.after = faceOf(after, places[row.event.ordinal]);
            if (reader->failed()) return *reader->error();
            if (after.failed()) return *after.error();
            seen.insert(row.event.ordinal);
            preview.timedBefore += shown.before.ownTime ? 1 : 0;
            preview.timedAfter += shown.after.ownTime ? 1 : 0;
            preview.changed += shown.before == shown.after ? 0 : 1;
            preview.rows.push_back(std::move(shown));
        }
    }
    return preview;
}

Result<std::string> recognisedFormat(Store& store, const SourceRecord& source)
{
    if (!source.formatOverridden) return source.format;
    auto changes = SourceStore::of(store).sourceChanges(source.id);
    if (!changes) return std::move(changes).error();
    for (const SourceChange& change : *changes)
        if (!change.formatOverridden) return change.format;
    return source.format;
}

namespace {

/// What a source's events show of how they were read by a program that did not keep it: derived values that
/// do not come of the document are constants; times without a zone have one in their layout.
class Recovery
{
public:
    Recovery(Store& store, const Normaliser& normaliser, const SourceRecord& source)
        : m_store(store), m_normaliser(normaliser)
    {
        m_context.format = source.format;
    }

    Status look(const SegmentEntry& entry, const StoredRows::Row& row, SourceSettings& settings)
    {
        EventReader reader(entry, m_store);
        const auto number = static_cast<std::size_t>(reader.number(ShapeColumn, row.row));
        if (reader.failed()) return *reader.error();
        if (number >= entry.info->shapes.size() || (row.event.flags & FlagFromArray) != 0) return {};
        const Shape& shape = entry.info->shapes[number];
        if ((row.event.flags & FlagTimeZoneAssumed) != 0)
            for (const Shape::Slot& slot : shape.slots)
                if (slot.style == SlotStyle::Time && slot.layout.offsetMinutes != 0)
                    settings.zoneOffsetMinutes = slot.layout.offsetMinutes;
        if (shape.raw) return {}; // all its fields are beside its document
        std::set<std::string, std::less<>> own;
        StoredEvents events(m_context);
        std::deque<std::string> scratch;
        events.decode({&row.event, 1}, [&](std::size_t, DecodedEvent& event) {
            m_normaliser.apply(event, m_context, scratch);
            for (const FieldValue& field : event.fields) own.emplace(field.path);
        });
        DocumentBuilder values(entry.info, m_store);
        for (const ColumnIndex column : shape.derived) {
            const ColumnInfo& info = entry.info->columns[column];
            const bool known = std::any_of(settings.constants.begin(), settings.constants.end(),
                                           [&](const auto& one) { return one.first == info.path; });
            if (info.kind != ValueKind::Text || known || own.contains(info.path)) continue;
            std::string value;
            auto there = values.appendField(row.row, column, value);
            if (!there) return std::move(there).error();
            if (*there) settings.constants.emplace_back(info.path, std::move(value));
        }
        return {};
    }

private:
    Store& m_store;
    const Normaliser& m_normaliser;
    SourceContext m_context;
};

} // namespace

Result<SourceSettings> settingsOfSource(Store& store, const Normaliser& normaliser,
                                        const SourceRecord& source)
{
    if (!source.settings.empty()) return parseSettings(source.settings);
    SourceSettings settings;
    auto snapshot = store.snapshot();
    if (!snapshot) return std::move(snapshot).error();
    auto rows = StoredRows::plan(*snapshot, store, source.id, {});
    if (!rows) return std::move(rows).error();
    if (rows->units().empty()) return settings;
    const StoredRows::Unit& unit = rows->units().front();
    auto first = rows->read(unit, unit.first, std::min(unit.last, unit.first + 15), {});
    if (!first) return std::move(first).error();
    Recovery recovery(store, normaliser, source);
    for (const StoredRows::Row& row : first->rows) {
        if ((row.event.flags & FlagTimeMissing) != 0 && !settings.fileTime) settings.fileTime = row.time;
        if (auto done = recovery.look((*snapshot)->segments[row.segment], row, settings); !done)
            return std::move(done).error();
    }
    return settings;
}

} // namespace faultline
