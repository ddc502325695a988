#pragma once
#include <QProcess>
#include <QString>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

namespace faultline::test {

/// The folder of real data that is not part of the repository: FAULTLINE_DATA, else ../shared/data beside the
/// sources. Nothing where it is absent: the test then skips, naming it.
inline std::optional<std::string> sharedData(const char* relative)
{
    const char* const root = std::getenv("FAULTLINE_DATA");
    const std::filesystem::path path =
        (root && *root ? std::filesystem::path(root)
                       : std::filesystem::path(FAULTLINE_SOURCE_DIR) / ".." / "shared" / "data") /
        relative;
    std::error_code failed;
    if (!std::filesystem::exists(path, failed)) return std::nullopt;
    return path.string();
}

inline std::string readFile(const std::string& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// The text of a .gz file. (gzip is on every machine that builds this.)
inline std::string readGzip(const std::string& path)
{
    QProcess gzip;
    gzip.start(QStringLiteral("gzip"), {QStringLiteral("-dc"), QString::fromStdString(path)});
    if (!gzip.waitForFinished(60'000) || gzip.exitCode() != 0) return {};
    return gzip.readAllStandardOutput().toStdString();
}

} // namespace faultline::test
