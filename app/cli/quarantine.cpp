#include "app/cli/asking.h"
#include "app/cli/json_out.h"
#include "app/cli/table.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace faultline::cli {
namespace {

constexpr OptionSpec kOptions[] = {
    kStoreOption,
    {"source", "ID", "only of this source (see faultline sources)"},
    {"limit", "N", "at most N records (default 100; 0: all)"},
    kFormatOption,
};

Result<int> run(const Context& context, const Arguments& arguments)
{
    auto format = formatOf(arguments);
    if (!format) return format.error();
    auto limit = arguments.number("limit", 100, 0, UINT64_MAX);
    if (!limit) return limit.error();
    auto id = arguments.number("source", 0, 0, UINT32_MAX);
    if (!id) return id.error();
    auto workspace = openToRead(context, arguments);
    if (!workspace) return workspace.error();
    Store& store = *(*workspace)->store();
    auto sources = store.sources();
    if (!sources) return sources.error();
    std::map<SourceId, std::string> names;
    for (const SourceRecord& source : *sources) names[source.id] = source.path;
    std::optional<SourceId> wanted;
    if (arguments.has("source")) wanted = SourceId{static_cast<std::uint32_t>(*id)};

    JsonRows rows(context, *format == Format::Json);
    Table table({{"source"}, {"record", true}, {"byte", true}, {"length", true}, {"reason"}, {"bytes"}});
    if (*format == Format::Csv)
        printCsv(context, {"source", "record", "position", "length", "reason", "bytes"});
    std::uint64_t count = 0;
    // In pages, as one record may hold a megabyte.
    constexpr std::uint64_t kPage = 64;
    for (bool more = true; more && (*limit == 0 || count < *limit) && !context.stop.stop_requested();) {
        const std::uint64_t asked = *limit == 0 ? kPage : std::min(kPage, *limit - count);
        auto page = store.quarantine(wanted, count, asked);
        if (!page) return page.error();
        more = page->size() == asked;
        count += page->size();
        for (const QuarantineRecord& record : *page) {
            const std::string& source = names[record.source];
            switch (*format) {
            case Format::Json:
            case Format::Ndjson:
                rows.add({{"source", source},
                          {"record", record.record},
                          {"position", record.position},
                          {"length", record.length},
                          {"reason", record.reason},
                          {"bytes", record.bytes}});
                break;
            case Format::Csv:
                printCsv(context, {source, std::to_string(record.record), std::to_string(record.position),
                                   std::to_string(record.length), record.reason, record.bytes});
                break;
            case Format::Table:
                table.add({source, grouped(record.record), grouped(record.position), grouped(record.length),
                           record.reason,
                           cutToWidth(safe(std::string_view(record.bytes).substr(0, 400)), 100)});
                break;
            }
        }
    }
    if (*format == Format::Table && !table.empty()) table.print(context);
    if (*format == Format::Json || *format == Format::Ndjson) rows.end();
    if (*format == Format::Table && count == 0) print(context, "nothing is quarantined\n");
    if (*limit != 0 && count == *limit)
        std::fprintf(context.err, "%s records shown: --limit 0 shows all\n", grouped(count).c_str());
    return count == 0 ? AnswerIsNo : Done;
}

} // namespace

const Command quarantineCommand = {"quarantine",
                                   "[--source ID] [--limit N] [OPTION...]",
                                   "records that could not be stored as events, with place and reason",
                                   "Nothing is dropped in silence: what does not parse is kept here with its "
                                   "bytes. Exit status 1 when there is none.\n",
                                   "  faultline quarantine\n"
                                   "  faultline quarantine --source 2 --limit 0 --format ndjson\n",
                                   kOptions,
                                   run};

} // namespace faultline::cli
