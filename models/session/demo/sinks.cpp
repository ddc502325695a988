#include "models/session/demo/demo.h"

#include <isa-l/igzip_lib.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

namespace faultline {
namespace {

class FileWriter : public DemoWriter
{
public:
    FileWriter(std::FILE* file, std::string path) : m_file(file), m_path(std::move(path)) {}
    ~FileWriter() override
    {
        if (m_file) std::fclose(m_file);
    }
    FileWriter(const FileWriter&) = delete;
    FileWriter& operator=(const FileWriter&) = delete;

    Status write(std::string_view lines) override
    {
        if (std::fwrite(lines.data(), 1, lines.size(), m_file) != lines.size()) return failure();
        return {};
    }
    Status close() override
    {
        const int result = std::fclose(m_file);
        m_file = nullptr;
        if (result != 0) return failure();
        return {};
    }

private:
    Status failure() const
    {
        const ErrorKind kind = errno == ENOSPC ? ErrorKind::DiskFull : ErrorKind::Input;
        return systemError(kind, "write " + m_path, errno);
    }
    std::FILE* m_file;
    std::string m_path;
};

/// One gzip member, ISA-L's fast level.
class GzipWriter final : public FileWriter
{
public:
    GzipWriter(std::FILE* file, std::string path)
        : FileWriter(file, std::move(path)), m_level(ISAL_DEF_LVL1_DEFAULT), m_out(256 * 1024)
    {
        isal_deflate_init(&m_stream);
        m_stream.gzip_flag = IGZIP_GZIP;
        m_stream.level = 1;
        m_stream.level_buf = m_level.data();
        m_stream.level_buf_size = static_cast<std::uint32_t>(m_level.size());
        m_stream.flush = NO_FLUSH;
    }
    Status write(std::string_view lines) override { return pump(lines, false); }
    Status close() override
    {
        if (Status status = pump({}, true); !status) return status;
        return FileWriter::close();
    }

private:
    Status pump(std::string_view lines, bool end)
    {
        std::string input(lines); // the library wants bytes that are not const
        m_stream.next_in = reinterpret_cast<std::uint8_t*>(input.data());
        m_stream.avail_in = static_cast<std::uint32_t>(input.size());
        m_stream.end_of_stream = end ? 1 : 0;
        do {
            m_stream.next_out = m_out.data();
            m_stream.avail_out = static_cast<std::uint32_t>(m_out.size());
            if (const int code = isal_deflate(&m_stream); code != COMP_OK)
                return makeError(ErrorKind::Internal, "compress the demo",
                                 "isal_deflate gave " + std::to_string(code));
            const std::size_t made = m_out.size() - m_stream.avail_out;
            if (Status status = FileWriter::write({reinterpret_cast<const char*>(m_out.data()), made});
                !status)
                return status;
        } while (m_stream.avail_out == 0 || (end && m_stream.internal_state.state != ZSTATE_END));
        return {};
    }
    isal_zstream m_stream{};
    std::vector<std::uint8_t> m_level, m_out;
};

class MemoryWriter final : public DemoWriter
{
public:
    explicit MemoryWriter(std::string& text) : m_text(text) {}
    Status write(std::string_view lines) override
    {
        m_text.append(lines);
        return {};
    }
    Status close() override { return {}; }

private:
    std::string& m_text;
};

} // namespace

DemoFolderSink::DemoFolderSink(std::string folder, bool gzip) : m_folder(std::move(folder)), m_gzip(gzip) {}

Result<std::unique_ptr<DemoWriter>> DemoFolderSink::open(const std::string& name)
{
    const std::filesystem::path path = std::filesystem::path(m_folder) / (m_gzip ? name + ".gz" : name);
    std::error_code code;
    std::filesystem::create_directories(path.parent_path(), code);
    if (code)
        return systemError(ErrorKind::Input, "make the folder " + path.parent_path().string(), code.value());
    std::FILE* file = std::fopen(path.c_str(), "wb");
    if (!file) return systemError(ErrorKind::Input, "write " + path.string(), errno);
    m_files.push_back(path.string());
    if (m_gzip) return std::unique_ptr<DemoWriter>(std::make_unique<GzipWriter>(file, path.string()));
    return std::unique_ptr<DemoWriter>(std::make_unique<FileWriter>(file, path.string()));
}

Result<std::unique_ptr<DemoWriter>> DemoMemorySink::open(const std::string& name)
{
    return std::unique_ptr<DemoWriter>(std::make_unique<MemoryWriter>(m_streams[name]));
}

} // namespace faultline
