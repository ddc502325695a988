#pragma once
#include "models/ingest/decoder.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace faultline::test {

/// A field with its own copy of the texts.
struct Field
{
    std::string path, text;
    ValueKind kind = ValueKind::Text;
    std::size_t offset = 0, length = 0;
    bool escaped = false;
    bool operator==(const Field&) const = default;
};
struct Event
{
    std::string document, glueBefore, glueAfter, overflow;
    std::vector<Field> fields;
    std::uint16_t flags = 0;
    bool rebuilds = true;
    bool operator==(const Event&) const = default;
    const Field* field(std::string_view path) const
    {
        for (const auto& found : fields)
            if (found.path == path) return &found;
        return nullptr;
    }
    std::string text(std::string_view path) const
    {
        const Field* const found = field(path);
        return found != nullptr ? found->text : std::string("(absent)");
    }
};
struct Record
{
    RecordOutcome::Kind kind = RecordOutcome::Kind::Events;
    std::uint64_t position = 0, bytes = 0, cutBytes = 0;
    std::string document, reason;
    std::vector<Event> events;
    bool operator==(const Record&) const = default;
};

/// Everything that a decoder gives, copied.
class Collector final : public RecordSink
{
public:
    void record(const RecordOutcome& outcome, std::span<DecodedEvent> events) override;
    std::vector<Record> records;
    std::uint64_t bytes() const; ///< sum over all records
    std::size_t count(RecordOutcome::Kind kind) const;
    std::vector<Event> events() const;
};

/// Feeds `bytes` to a new decoder in pieces: `cut` bytes each, 0 for one piece; other values of `seed` than 0
/// make pieces of random sizes up to `cut`. Checks nothing.
Collector decode(std::string_view format, std::string_view bytes, std::size_t cut = 0,
                 std::uint64_t seed = 0);

/// What is wrong with the events of a decoder, or empty: slots that lie outside of their document, overlap or
/// do not hold what the field says; a document that its slots do not rebuild though it says so.
std::string faultOf(const Event& event);

} // namespace faultline::test
