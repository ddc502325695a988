#include "app/cli/csv.h"

#include "app/cli/table.h"
#include "models/records/csv_cell.h"
#include "models/records/json_text.h"
#include "models/records/utf8.h"

namespace faultline::cli {

void printCsv(const Context& context, const std::vector<std::string>& cells)
{
    std::string line, shown;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) line += ',';
        if (context.outIsTerminal) {
            shown.clear();
            appendTerminalSafe(cells[i], shown, true);
            line += csvCell(shown);
        } else {
            // A reader that insists on UTF-8 would stop at the first byte that is none.
            shown.clear();
            appendReplacingInvalid(cells[i], shown);
            line += csvCell(shown);
        }
    }
    print(context, line + "\r\n");
}

} // namespace faultline::cli
