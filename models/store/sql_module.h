#pragma once
#include <sqlite3.h>

namespace faultline {

/// What a read-only virtual table does; each as SQLite calls the member of sqlite3_module with this name.
struct VirtualTable
{
    decltype(sqlite3_module::xConnect) connect;
    decltype(sqlite3_module::xBestIndex) bestIndex;
    decltype(sqlite3_module::xDisconnect) disconnect;
    decltype(sqlite3_module::xOpen) open;
    decltype(sqlite3_module::xClose) close;
    decltype(sqlite3_module::xFilter) filter;
    decltype(sqlite3_module::xNext) next;
    decltype(sqlite3_module::xEof) atEnd;
    decltype(sqlite3_module::xColumn) column;
    decltype(sqlite3_module::xRowid) rowId;
};

/// Nothing is stored for such a table: to create it is to connect to it.
constexpr sqlite3_module moduleOf(const VirtualTable& table)
{
    sqlite3_module module{};
    module.iVersion = 1;
    module.xCreate = module.xConnect = table.connect;
    module.xBestIndex = table.bestIndex;
    module.xDisconnect = module.xDestroy = table.disconnect;
    module.xOpen = table.open;
    module.xClose = table.close;
    module.xFilter = table.filter;
    module.xNext = table.next;
    module.xEof = table.atEnd;
    module.xColumn = table.column;
    module.xRowid = table.rowId;
    return module;
}

} // namespace faultline
