#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace faultline {

/// What kind of thing went wrong; decides the exit code of a command and the icon in the window.
enum class ErrorKind : std::uint8_t {
    Usage,       ///< the question is malformed (query text, option, expression)
    NotFound,    ///< a file, source, field or event that is not there
    Input,       ///< bytes that cannot be read as what they claim to be
    Store,       ///< the store could not be read or written
    DiskFull,    ///< a write failed for want of space; see Error::bytesNeeded
    Locked,      ///< another process owns what was asked for
    Damaged,     ///< checks failed: the data is not what was written
    Cancelled,   ///< the user or the caller asked to stop
    Deadline,    ///< the time allowed ran out
    Limit,       ///< a bound that protects the program was reached
    Unsupported, ///< understood, and not done
    Internal,    ///< a fault of this program
};

/// A failure that crosses a module edge, as a value. It answers: what was being done and on what, why it
/// failed, and what to do next. Plain text, never markup; may quote hostile bytes, so a printer encodes it.
struct Error
{
    ErrorKind kind = ErrorKind::Internal;
    std::string what;               ///< "read /var/log/app.json", no full stop
    std::string why;                ///< "permission denied"
    std::vector<std::string> hints; ///< each a sentence: what would help
    /// For texts that the user typed: byte offset and length in it of the faulty part.
    struct Place
    {
        std::size_t offset = 0;
        std::size_t length = 0;
    };
    std::optional<Place> place;
    std::uint64_t bytesNeeded = 0; ///< DiskFull only: free space that would let the work go on

    /// "what: why" on one line.
    std::string line() const;
};

/// An Error with `what` and `why` filled in.
Error makeError(ErrorKind kind, std::string what, std::string why, std::vector<std::string> hints = {});
/// An Error for a failed system call: `why` is the text of `errnoValue`.
Error systemError(ErrorKind kind, std::string what, int errnoValue);

} // namespace faultline
