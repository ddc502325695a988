#include "tests/support/decoded_records.h"

#include "models/ingest/detect.h"
#include "models/records/json_tape.h"

#include <algorithm>
#include <random>

namespace faultline::test {

void Collector::record(const RecordOutcome& outcome, std::span<DecodedEvent> events)
{
    Record copy;
    copy.kind = outcome.kind;
    copy.position = outcome.position;
    copy.bytes = outcome.bytes;
    copy.cutBytes = outcome.cutBytes;
    copy.document = outcome.document;
    copy.reason = outcome.reason;
    for (const auto& event : events) {
        Event own;
        own.document = event.document;
        own.glueBefore = event.glueBefore;
        own.glueAfter = event.glueAfter;
        own.overflow = event.overflow;
        own.flags = event.flags;
        own.rebuilds = event.rebuilds;
        for (const auto& field : event.fields)
            own.fields.push_back({std::string(field.path), std::string(field.text), field.kind, field.offset,
                                  field.length, field.escaped});
        copy.events.push_back(std::move(own));
    }
    records.push_back(std::move(copy));
}

std::uint64_t Collector::bytes() const
{
    std::uint64_t sum = 0;
    for (const auto& record : records) sum += record.bytes;
    return sum;
}

std::size_t Collector::count(RecordOutcome::Kind kind) const
{
    return static_cast<std::size_t>(std::count_if(
        records.begin(), records.end(), [kind](const Record& record) { return record.kind == kind; }));
}

std::vector<Event> Collector::events() const
{
    std::vector<Event> all;
    for (const auto& record : records) all.insert(all.end(), record.events.begin(), record.events.end());
    return all;
}

Collector decode(std::string_view format, std::string_view bytes, std::size_t cut, std::uint64_t seed)
{
    Collector collector;
    const auto decoder = makeDecoder(format);
    std::mt19937_64 random(seed);
    std::size_t at = 0;
    while (at < bytes.size()) {
        std::size_t size = cut == 0 ? bytes.size() : cut;
        if (seed != 0) size = 1 + random() % size;
        // A copy of its own, so that a view kept too long is seen by the sanitizer.
        const std::string piece(bytes.substr(at, size));
        decoder->feed(piece, at, collector);
        at += piece.size();
    }
    decoder->finish(collector);
    return collector;
}

std::string faultOf(const Event& event)
{
    std::size_t done = 0;
    for (const auto& field : event.fields) {
        if (field.length == FieldValue::npos) continue;
        const std::string what = "field " + field.path + ": ";
        if (field.offset < done) return what + "its slot overlaps the one before";
        if (field.offset + field.length > event.document.size())
            return what + "its slot ends outside of the document";
        const std::string raw = event.document.substr(field.offset, field.length);
        done = field.offset + field.length;
        if (!event.rebuilds) continue;
        std::string written = field.text;
        if (field.escaped) {
            // Who writes the row looks for the habit of the writer that rebuilds it.
            std::string scratch;
            unescapeJsonLenient(raw, scratch);
            if (scratch != field.text) return what + "'" + field.text + "' is not the text of '" + raw + "'";
            continue;
        }
        if (written != raw) return what + "'" + written + "' does not rebuild '" + raw + "'";
    }
    return {};
}

} // namespace faultline::test
