#include "models/base/error.h"

#include <cerrno>
#include <cstring>
#include <system_error>

namespace faultline {

std::string Error::line() const
{
    return why.empty() ? what : what + ": " + why;
}

Error makeError(ErrorKind kind, std::string what, std::string why, std::vector<std::string> hints)
{
    Error error;
    error.kind = kind;
    error.what = std::move(what);
    error.why = std::move(why);
    error.hints = std::move(hints);
    return error;
}

Error systemError(ErrorKind kind, std::string what, int errnoValue)
{
    if (errnoValue == ENOSPC || errnoValue == EDQUOT) kind = ErrorKind::DiskFull;
    return makeError(kind, std::move(what), std::generic_category().message(errnoValue));
}

} // namespace faultline
