#include "tests/support/data_files.h"

#include "models/ingest/open_input.h"
#include "tests/support/shared_data.h"

#include <algorithm>
#include <filesystem>

namespace faultline::test {

std::optional<std::string> readDataFile(const std::string& relative)
{
    const auto path = sharedData(relative.c_str());
    if (!path) return std::nullopt;
    auto input = openInput(*path);
    if (!input) return std::nullopt;
    std::string bytes, buffer(1 << 20, '\0');
    for (;;) {
        const auto chunk = (*input)->read(buffer.data(), buffer.size());
        if (!chunk) return std::nullopt;
        bytes.append(buffer, 0, chunk->bytes);
        if (chunk->eof) return bytes;
    }
}

std::optional<std::vector<std::string>> dataFiles(const std::string& folder)
{
    const auto path = sharedData(folder.c_str());
    if (!path) return std::nullopt;
    std::vector<std::string> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(*path, error))
        if (entry.is_regular_file(error))
            files.push_back(folder + "/" +
                            std::filesystem::relative(entry.path(), *path, error).generic_string());
    std::sort(files.begin(), files.end());
    return files;
}

} // namespace faultline::test
