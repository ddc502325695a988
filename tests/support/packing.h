#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace faultline::test {

/// A stream in one of gzip, zstd, xz, bzip2, lz4 or none; empty when the library was built without it.
std::string packed(std::string_view bytes, std::string_view filter);

/// An archive in `format` ("zip" or "tar") with these members (name, content), compressed by `filter`.
std::string archived(const std::vector<std::pair<std::string, std::string>>& members, std::string_view format,
                     std::string_view filter = "none", std::string_view password = {});

} // namespace faultline::test
