// Recognition of formats, and every decoder: the bytes of all records add up to those of the source, slots
// lie in their documents, and how the bytes were cut makes no difference.
//
// The first byte chooses: '0' what is recognised, 'a' to 'm' the formats in the order of knownFormats(). The
// second is the size of the pieces, from 1.
#include "models/ingest/detect.h"
#include "tests/fuzz/target.h"
#include "tests/support/decoded_records.h"

#include <algorithm>

using namespace faultline;
using faultline::fuzz::require;

namespace {

/// Separators belong to the record before them, in however many pieces they come.
std::vector<test::Record> withSeparators(const std::vector<test::Record>& records)
{
    std::vector<test::Record> joined;
    for (const test::Record& record : records) {
        if (record.kind == RecordOutcome::Kind::Skipped && !joined.empty())
            joined.back().bytes += record.bytes;
        else
            joined.push_back(record);
    }
    return joined;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2) return 0;
    const std::string_view bytes = fuzz::viewOf(data + 2, size - 2);
    const Detection found = detectFormat(bytes);
    const auto formats = knownFormats();
    require(std::any_of(formats.begin(), formats.end(),
                        [&](const FormatInfo& one) { return one.name == found.format; }),
            "the format that was recognised is known:", found.format);
    require(found.confidence >= 0 && found.confidence <= 1, "a confidence is a share");
    (void)detectFormat(bytes, false);

    std::string_view format = found.format;
    if (data[0] >= 'a') format = formats[static_cast<std::size_t>(data[0] - 'a') % formats.size()].name;
    const test::Collector whole = test::decode(format, bytes);
    require(whole.bytes() == bytes.size(), "every byte belongs to one record:", format);
    std::uint64_t position = 0;
    for (const test::Record& record : whole.records) {
        require(record.position >= position && record.position <= bytes.size(),
                "records come in order:", format);
        position = record.position;
        require(record.cutBytes <= record.bytes, "what was cut is part of the record:", format);
        require((record.kind == RecordOutcome::Kind::Events) == !record.events.empty(),
                "events are events:", format);
        require(record.kind != RecordOutcome::Kind::Quarantined || !record.reason.empty(),
                "what is quarantined says why:", format);
        for (const test::Event& event : record.events) {
            const std::string fault = test::faultOf(event);
            require(fault.empty(), format, fault);
        }
    }
    const test::Collector cut = test::decode(format, bytes, std::size_t{data[1]} % 64 + 1);
    require(withSeparators(cut.records) == withSeparators(whole.records),
            "how the bytes are cut makes no difference:", format);
    return 0;
}
