#pragma once
#include "models/base/result.h"

#include <cstdio>
#include <string>

namespace faultline {

/// A file of the user's that is there only when all of it is: written under a name of its own beside it, then
/// renamed. What was there under its name stays until then, and nothing else in the folder is touched. A link
/// is followed: what it points to is replaced. The rights are those of the file that was there, else as the
/// umask has them.
///
/// Threads  One at a time; blocks on disk.
class WholeFile
{
public:
    /// Error: Store (a folder that is missing or closed, a name that is a folder or a device), DiskFull.
    static Result<WholeFile> create(const std::string& path);
    WholeFile(WholeFile&& other) noexcept;
    WholeFile& operator=(WholeFile&&) = delete;
    /// What was not finished goes.
    ~WholeFile();

    /// To write into; what fails is remembered until finish().
    std::FILE* stream() const { return m_stream; }
    /// All of it is written: puts it in its place. Error: Store, DiskFull; then nothing is left of it.
    Status finish();

private:
    WholeFile() = default;
    std::string m_named, m_target, m_beside;
    std::FILE* m_stream = nullptr;
};

/// The Error of writing a file of the user's that failed with this errno value.
Error cannotWrite(const std::string& path, int code);

} // namespace faultline
