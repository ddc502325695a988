#include "app/cli/csv.h"
#include "app/cli/json_out.h"
#include "app/cli/table.h"
#include "models/records/time_text.h"
#include "models/session/store_places.h"

#include <nlohmann/json.hpp>

namespace faultline::cli {
namespace {

constexpr OptionSpec kOptions[] = {kFormatOption};

Result<int> list(const Context& context, const StorePlaces& places, Format format)
{
    auto found = places.list();
    if (!found) return found.error();
    const std::string last = places.last();
    JsonRows rows(context, format == Format::Json);
    Table table({{""}, {"store"}, {"size", true}, {"last written"}, {"path"}});
    if (format == Format::Csv) printCsv(context, {"name", "bytes", "modified", "path"});
    for (const CatalogueEntry& place : *found) {
        if (format == Format::Table)
            table.add({place.path == last ? "*"
                       : place.inUse      ? "w"
                                          : "",
                       place.name, humanBytes(place.bytes),
                       humanTime(place.changed * kSecondNs).substr(0, 19), place.path});
        else if (format == Format::Csv)
            printCsv(context, {place.name, std::to_string(place.bytes),
                               formatRfc3339(place.changed * kSecondNs), place.path});
        else
            rows.add({{"name", place.name},
                      {"bytes", place.bytes},
                      {"modified", formatRfc3339(place.changed * kSecondNs)},
                      {"last", place.path == last},
                      {"in_use", place.inUse},
                      {"path", place.path}});
    }
    if (format == Format::Table) {
        if (found->empty())
            print(context, "no stores yet: faultline ingest PATH makes one\n");
        else
            table.print(context);
    } else if (format != Format::Csv) {
        rows.end();
    }
    return found->empty() ? AnswerIsNo : Done;
}

Result<int> run(const Context& context, const Arguments& arguments)
{
    auto format = formatOf(arguments);
    if (!format) return format.error();
    const StorePlaces places(context.dataDirectory);
    const auto& words = arguments.values();
    const std::string verb = words.empty() ? "list" : words[0];
    if (verb == "list" && words.size() <= 1) return list(context, places, *format);
    if (verb == "move" && words.size() == 3) {
        auto place = places.find(words[1]);
        if (!place) return place.error();
        if (Status status = Catalogue::move(place->path, words[2]); !status) return status.error();
        print(context, "moved " + safe(place->path) + " to " + safe(words[2]) + "\n");
        return Done;
    }
    if (verb == "delete" && words.size() == 2) {
        auto place = places.find(words[1]);
        if (!place) return place.error();
        if (Status status = Catalogue::remove(place->path); !status) return status.error();
        print(context, "deleted " + safe(place->path) + " (" + humanBytes(place->bytes) + ")\n");
        return Done;
    }
    return makeError(ErrorKind::Usage, "stores", "this is none of: list, move STORE PATH, delete STORE");
}

} // namespace

const Command storesCommand = {"stores",
                               "[list | move STORE PATH | delete STORE]",
                               "the stores in the data directory, with their size",
                               "STORE is a name from the list or a path. The store marked * is the one that "
                               "commands without --store read.\n",
                               "  faultline stores\n"
                               "  faultline stores move checkout-logs-1f2e3d4c /archive/checkout.faultline\n"
                               "  faultline stores delete demo\n",
                               kOptions,
                               run};

} // namespace faultline::cli
