#include "app/cli/asking.h"
#include "app/cli/csv.h"
#include "app/cli/json_out.h"
#include "app/cli/ledger_text.h"
#include "app/cli/table.h"

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

namespace faultline::cli {
namespace {

constexpr auto kOptions =
    readOptions(OptionSpec{"source", "ID", "only of this source (see faultline sources)"},
                OptionSpec{"limit", "N", "at most N records (default 100; 0: all)"});

/// Prints records as they come.
class Printer
{
public:
    Printer(const Context& context, Format format, std::map<SourceId, std::string> sources)
        : m_context(context)
        , m_format(format)
        , m_sources(std::move(sources))
        , m_json(context, format == Format::Json)
        , m_table(columns())
    {
        if (format == Format::Csv)
            printCsv(context, {"source", "record", "position", "length", "reason", "bytes"});
    }
    void add(const QuarantineRecord& record)
    {
        const std::string& source = m_sources[record.source];
        switch (m_format) {
        case Format::Json:
        case Format::Ndjson:
            m_json.add({{"source", source},
                        {"record", record.record},
                        {"position", record.position},
                        {"length", record.length},
                        {"reason", record.reason},
                        {"bytes", record.bytes}});
            break;
        case Format::Csv:
            printCsv(m_context, {source, std::to_string(record.record), std::to_string(record.position),
                                 std::to_string(record.length), record.reason, record.bytes});
            break;
        case Format::Table:
            m_table.add({source, grouped(record.record), grouped(record.position), grouped(record.length),
                         record.reason,
                         m_context.outIsTerminal
                             ? cutToWidth(safe(std::string_view(record.bytes).substr(0, 400)), 100)
                             : record.bytes});
            // A record may hold a megabyte: laid out a piece at a time.
            m_held += record.bytes.size();
            if (m_held > kMostHeld) {
                m_table.print(m_context);
                m_table = Table(columns());
                m_held = 0;
            }
            break;
        }
    }
    void end()
    {
        if (m_format == Format::Table && !m_table.empty()) m_table.print(m_context);
        if (m_format == Format::Json || m_format == Format::Ndjson) m_json.end();
    }

private:
    static constexpr std::size_t kMostHeld = 8 << 20; ///< bytes of a table's records
    static std::vector<Table::Column> columns()
    {
        return {{"source"}, {"record", true}, {"byte", true}, {"length", true}, {"reason"}, {"bytes"}};
    }
    const Context& m_context;
    Format m_format;
    std::map<SourceId, std::string> m_sources;
    JsonRows m_json;
    Table m_table;
    std::size_t m_held = 0;
};

struct Walked
{
    std::uint64_t records = 0;
    bool more = false; ///< than the limit
};

/// Reads up to `limit` records (0: all), in pages, as one may hold a megabyte.
Result<Walked> walk(Store& store, std::optional<SourceId> source, std::uint64_t limit,
                    const std::stop_token& stop, const std::function<void(const QuarantineRecord&)>& take)
{
    constexpr std::uint64_t kPage = 64;
    Walked walked;
    while (!stop.stop_requested()) {
        auto page = store.quarantine(source, walked.records, kPage);
        if (!page) return page.error();
        for (const QuarantineRecord& record : *page) {
            if (limit != 0 && walked.records == limit) {
                walked.more = true;
                return walked;
            }
            take(record);
            ++walked.records;
        }
        if (page->size() < kPage) break;
    }
    return walked;
}

Result<int> run(const Context& context, const Arguments& arguments)
{
    if (auto status = arguments.optionsOnly("quarantine"); !status) return status.error();
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
    if (arguments.has("source")) {
        wanted = SourceId{static_cast<std::uint32_t>(*id)};
        if (!names.contains(*wanted)) return noSuchSource(*id);
    }
    Printer printer(context, *format, std::move(names));
    std::optional<Walked> walked; // of the first time, which prints
    Status status = timed(context, arguments, **workspace, [&]() -> Status {
        auto done = walk(store, wanted, *limit, context.stop, [&](const QuarantineRecord& record) {
            if (!walked) printer.add(record);
        });
        if (!done) return done.error();
        if (!walked) walked = *done;
        return {};
    });
    if (!status) return status.error();
    printer.end();
    if (*format == Format::Table && walked->records == 0) print(context, "nothing is quarantined\n");
    if (walked->more)
        std::fprintf(context.err, "%s shown, there are more: --limit 0 shows all\n",
                     counted(walked->records, "record").c_str());
    return walked->records == 0 ? AnswerIsNo : Done;
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
