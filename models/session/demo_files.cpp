#include "models/session/demo_files.h"

#include <filesystem>

namespace faultline {
namespace {

namespace fs = std::filesystem;

/// Half-written files of a run that failed are of no use to anybody.
class Scratch
{
public:
    explicit Scratch(fs::path path) : m_path(std::move(path)) {}
    ~Scratch()
    {
        std::error_code code;
        if (!m_path.empty()) fs::remove_all(m_path, code);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    void keep() { m_path.clear(); }

private:
    fs::path m_path;
};

std::string folderName(const DemoOptions& options, bool gzip)
{
    std::string name = "demo-" + std::to_string(options.seed) + "-" + std::to_string(options.events) + "-" +
                       std::to_string(options.entropyPermille) + "-" +
                       std::to_string(options.start / kSecondNs);
    if (options.layout == DemoOptions::Layout::Merged) name += "-merged";
    if (options.rotateBytes != 0) name += "-" + std::to_string(options.rotateBytes);
    if (!options.metrics) name += "-logs";
    if (gzip) name += "-gz";
    return name;
}

} // namespace

std::string demoFolder(const std::string& dataDirectory, const DemoOptions& options, bool gzip)
{
    return (fs::path(dataDirectory) / "demo" / folderName(options, gzip)).string();
}

Result<std::vector<std::string>> ensureDemoFiles(const std::string& dataDirectory, const DemoOptions& options,
                                                 bool gzip, std::stop_token stop)
{
    const fs::path folder = demoFolder(dataDirectory, options, gzip);
    std::error_code code;
    if (!fs::exists(folder, code)) {
        const fs::path scratch = folder.string() + ".part";
        fs::remove_all(scratch, code);
        Scratch guard(scratch);
        DemoFolderSink sink(scratch.string(), gzip);
        auto made = generateDemo(options, sink, std::move(stop));
        if (!made) return std::move(made).error();
        fs::rename(scratch, folder, code);
        if (code) return systemError(ErrorKind::Input, "make the folder " + folder.string(), code.value());
        guard.keep();
    }
    std::vector<std::string> paths{(folder / "logs").string()};
    if (options.markers) paths.push_back((folder / "markers").string());
    return paths;
}

} // namespace faultline
