#pragma once

namespace faultline {

/// The callbacks of a virtual table that is only read, in SQLite's form. `Module` is sqlite3_module: this
/// header does not include SQLite's. xCreate is xConnect: such a table has nothing of its own to make or
/// drop. Source: https://www.sqlite.org/vtab.html
template <class Module>
Module readOnlyModule(decltype(Module::xConnect) connect, decltype(Module::xBestIndex) bestIndex,
                      decltype(Module::xDisconnect) disconnect, decltype(Module::xOpen) open,
                      decltype(Module::xClose) close, decltype(Module::xFilter) filter,
                      decltype(Module::xNext) next, decltype(Module::xEof) atEnd,
                      decltype(Module::xColumn) column, decltype(Module::xRowid) rowId)
{
    Module module{};
    module.iVersion = 1;
    module.xCreate = module.xConnect = connect;
    module.xBestIndex = bestIndex;
    module.xDisconnect = module.xDestroy = disconnect;
    module.xOpen = open;
    module.xClose = close;
    module.xFilter = filter;
    module.xNext = next;
    module.xEof = atEnd;
    module.xColumn = column;
    module.xRowid = rowId;
    return module;
}

} // namespace faultline
