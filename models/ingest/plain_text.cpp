#include "models/ingest/line_parsers.h"
#include "models/ingest/text_head.h"

namespace faultline {

void addHeadFields(RecordBuilder& builder, std::string_view text, std::size_t offset,
                   std::string_view message)
{
    const TextHead head = readTextHead(text);
    auto& fields = builder.fields();
    const auto part = [&](std::string_view path, const TextHead::Part& span) {
        if (span.length > 0)
            fields.slot(path, ValueKind::Text, text.substr(span.offset, span.length), offset + span.offset);
    };
    struct Named
    {
        std::string_view path;
        TextHead::Part span;
    };
    Named parts[] = {{"timestamp", head.time}, {"clock", head.clock}, {"level", head.level},
                     {"thread", head.thread},  {"pid", head.process}, {"logger", head.logger},
                     {"trace_id", head.trace}, {"span_id", head.span}};
    // Slots stand in the order of the document.
    for (std::size_t i = 1; i < std::size(parts); ++i)
        for (std::size_t j = i; j > 0 && parts[j].span.offset < parts[j - 1].span.offset; --j)
            std::swap(parts[j], parts[j - 1]);
    for (const auto& [path, span] : parts) part(path, span);
    if (!message.empty()) part(message, head.message);
    if (!head.readableTime.empty())
        fields.derived("time", ValueKind::Text, builder.arena().keep(head.readableTime));
}

void readPlainText(RecordBuilder& builder, std::string_view line)
{
    builder.beginEvent(line);
    addHeadFields(builder, line, 0, "message");
    builder.endEvent();
}

} // namespace faultline
