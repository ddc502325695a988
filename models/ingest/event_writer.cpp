#include "models/ingest/event_writer.h"

#include <algorithm>

namespace faultline {
namespace {

constexpr std::size_t kMostTries = 64;
constexpr TimeNs kDayNs = 86'400 * kSecondNs;
constexpr TimeNs kYear2000 = 946'684'800 * kSecondNs;

} // namespace

EventWriter::EventWriter(std::shared_ptr<const Normaliser> normaliser, bool fastPath)
    : m_normaliser(std::move(normaliser)), m_fastPath(fastPath), m_rows(m_builder)
{}

void EventWriter::useSource(const SourceContext& context)
{
    m_context = &context;
    m_trie = trieFor(context);
}

SealedSegment EventWriter::seal()
{
    SealedSegment sealed = m_builder.seal();
    m_rows.beginSegment();
    return sealed;
}

void EventWriter::reset()
{
    m_builder.reset();
    m_rows.beginSegment();
}

bool EventWriter::storeLine(const char* begin, const char* end, const RowPlace& place,
                            std::optional<TimeNs>& own)
{
    SkeletonTrie::Hit hit;
    if (!m_trie->add(begin, end, m_builder, hit)) return false;
    own = hit.hasTime ? std::optional<TimeNs>(hit.time) : std::nullopt;
    endRow(place, hit.shape, own, hit.hasTime && hit.zoneAssumed ? FlagTimeZoneAssumed : 0, hit.severity,
           static_cast<std::size_t>(end - begin));
    return true;
}

std::optional<TimeNs> EventWriter::store(DecodedEvent& event, const RowPlace& place)
{
    const auto& constants = m_context->constants;
    const std::size_t known = event.fields.size();
    for (const auto& [path, value] : constants) {
        const auto begin = event.fields.begin();
        if (std::any_of(begin, begin + static_cast<std::ptrdiff_t>(known),
                        [&name = path](const FieldValue& field) { return field.path == name; }))
            continue; // the event says it itself
        FieldValue field;
        field.path = path;
        field.text = value;
        field.implied = true;
        event.fields.push_back(field);
    }
    const CanonicalFields fields = m_normaliser->apply(event, *m_context, m_scratch);
    const RowWriter::Written written = m_rows.addEvent(event, fields);
    if (!event.glueBefore.empty() || !event.glueAfter.empty()) {
        std::string glue(event.glueBefore);
        glue.push_back('\0');
        glue.append(event.glueAfter);
        m_builder.addText(GlueColumn, glue);
    }
    if (m_trie != nullptr && written.repeatable && !fields.valueDependent && event.flags == 0)
        learn(event, fields, written.id);
    std::uint16_t flags = event.flags;
    if (fields.time && fields.time->zoneAssumed) flags |= FlagTimeZoneAssumed;
    const std::optional<TimeNs> own = fields.time ? std::optional<TimeNs>(fields.time->ns) : std::nullopt;
    endRow(place, written.shape, own, flags, fields.severity, event.document.size());
    m_scratch.clear();
    return own;
}

void EventWriter::learn(const DecodedEvent& event, const CanonicalFields& fields, ShapeId shape)
{
    std::vector<SkeletonTrie::Derived> all;
    for (std::size_t i = 0; i < event.fields.size(); ++i) {
        const FieldValue& field = event.fields[i];
        if (field.length != FieldValue::npos) continue;
        SkeletonTrie::Derived derived;
        derived.column = m_rows.columnId(field.path, field.kind);
        const auto rewrite = std::find_if(fields.rewrites.begin(), fields.rewrites.end(),
                                          [i](const CanonicalFields::Rewrite& one) { return one.to == i; });
        if (field.implied && field.kind == ValueKind::Text) {
            derived.text = std::string(field.text);
        } else if (rewrite != fields.rewrites.end()) {
            const FieldValue& from = event.fields[rewrite->from];
            derived.from = m_rows.columnId(from.path, from.kind);
            derived.form = rewrite->form;
            derived.trace = rewrite == fields.rewrites.begin();
            if (rewrite->other != FieldValue::npos) {
                const FieldValue& other = event.fields[rewrite->other];
                derived.other = m_rows.columnId(other.path, other.kind);
            }
        } else {
            return; // taken out of values: the decoder has to look again
        }
        all.push_back(std::move(derived));
    }
    SkeletonTrie::SplitTime split;
    SkeletonTrie::KeptTime kept;
    if (fields.time && fields.nanosField != FieldValue::npos) {
        const FieldValue &seconds = event.fields[fields.timeField], &nanos = event.fields[fields.nanosField];
        split = {m_rows.columnId(seconds.path, seconds.kind), m_rows.columnId(nanos.path, nanos.kind)};
    } else if (fields.time) {
        const FieldValue& time = event.fields[fields.timeField];
        // A layout that no slot has, or no slot at all: the decoder reads it each time.
        if (fields.written.form == TimeLayout::Form::None || time.length == FieldValue::npos) return;
        if (m_context->clockOffset != 0) kept = {m_rows.columnId(time.path, time.kind), fields.written};
    }
    m_trie->learn(shape, m_normaliser->severityReading(event, fields, *m_context), std::move(all), split,
                  kept);
}

void EventWriter::endRow(const RowPlace& place, std::uint32_t shape, std::optional<TimeNs> time,
                         std::uint16_t flags, Severity severity, std::size_t documentBytes)
{
    RowHeader row;
    row.source = place.source;
    row.ordinal = place.ordinal;
    row.shape = shape;
    row.severity = severity;
    row.flags = flags;
    row.documentBytes = static_cast<std::uint32_t>(documentBytes);
    if (time) {
        row.time = *time;
        if (*time > place.arrival && *time - place.arrival > kDayNs) row.flags |= FlagTimeFuture;
        if (*time < kYear2000) row.flags |= FlagTimePast;
    } else {
        row.flags |= FlagTimeMissing;
        if (place.inherited)
            row.time = *place.inherited;
        else
            row.flags |= FlagInheritsHead;
    }
    m_builder.endRow(row);
}

SkeletonTrie* EventWriter::trieFor(const SourceContext& context)
{
    m_container = context.format == "cri";
    if (!m_fastPath || (context.format != "json" && !m_container)) return nullptr;
    std::string key = context.format + ' ' + std::to_string(context.time.zoneOffsetMinutes) + ' ' +
                      std::to_string(context.clockOffset) + ' ' + context.innerJson + '\1';
    for (const auto* fields : {&context.constants, &context.overrides}) {
        for (const auto& [name, value] : *fields) {
            key.append(name).push_back('\0');
            key.append(value).push_back('\0');
        }
        key.push_back('\1');
    }
    if (const auto found = m_tries.find(key); found != m_tries.end()) return found->second.get();
    if (m_tries.size() >= kMostTries) m_tries.clear();
    return m_tries
        .emplace(key, std::make_unique<SkeletonTrie>(m_rows, context.clockOffset, context.innerJson))
        .first->second.get();
}

} // namespace faultline
