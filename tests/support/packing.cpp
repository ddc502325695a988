#include "tests/support/packing.h"

#include <archive.h>
#include <archive_entry.h>

namespace faultline::test {
namespace {

la_ssize_t append(archive*, void* data, const void* bytes, std::size_t length)
{
    static_cast<std::string*>(data)->append(static_cast<const char*>(bytes), length);
    return static_cast<la_ssize_t>(length);
}

void addFilter(archive* writer, std::string_view filter)
{
    if (filter == "gzip") archive_write_add_filter_gzip(writer);
    if (filter == "zstd") archive_write_add_filter_zstd(writer);
    if (filter == "xz") archive_write_add_filter_xz(writer);
    if (filter == "bzip2") archive_write_add_filter_bzip2(writer);
    if (filter == "lz4") archive_write_add_filter_lz4(writer);
}

bool addMember(archive* writer, const std::string& name, std::string_view bytes)
{
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, 1'700'000'000, 0);
    const bool good =
        archive_write_header(writer, entry) == ARCHIVE_OK &&
        archive_write_data(writer, bytes.data(), bytes.size()) == static_cast<la_ssize_t>(bytes.size());
    archive_entry_free(entry);
    return good;
}

} // namespace

std::string packed(std::string_view bytes, std::string_view filter)
{
    std::string out;
    archive* writer = archive_write_new();
    archive_write_set_format_raw(writer);
    addFilter(writer, filter);
    archive_write_set_bytes_in_last_block(writer, 1);
    archive_write_open(writer, &out, nullptr, append, nullptr);
    const bool good = addMember(writer, "data", bytes) && archive_write_close(writer) == ARCHIVE_OK;
    archive_write_free(writer);
    return good ? out : std::string();
}

std::string archived(const std::vector<std::pair<std::string, std::string>>& members, std::string_view format,
                     std::string_view filter, std::string_view password)
{
    std::string out;
    archive* writer = archive_write_new();
    if (format == "zip")
        archive_write_set_format_zip(writer);
    else
        archive_write_set_format_pax_restricted(writer);
    addFilter(writer, filter);
    if (!password.empty()) {
        archive_write_set_options(writer, "zip:encryption=aes256");
        archive_write_set_passphrase(writer, std::string(password).c_str());
    }
    archive_write_set_bytes_in_last_block(writer, 1);
    archive_write_open(writer, &out, nullptr, append, nullptr);
    bool good = true;
    for (const auto& [name, bytes] : members) good = good && addMember(writer, name, bytes);
    good = good && archive_write_close(writer) == ARCHIVE_OK;
    archive_write_free(writer);
    return good ? out : std::string();
}

} // namespace faultline::test
