#include "models/store/read_connection.h"

namespace faultline {

Result<std::unique_ptr<Connection>> openReadConnection(const std::string& path, const std::string& vfs,
                                                       bool immutable)
{
    Connection::Options options;
    options.immutable = immutable;
    options.vfs = vfs;
    return Connection::open(path, options);
}

} // namespace faultline
