#pragma once
#include <string_view>

namespace faultline {

/// The bytes of a file under resources/ that was compiled into the program, by its path below that folder
/// ("fields/aliases.json"); empty when there is none. Any thread; the view lives as long as the program.
std::string_view embeddedFile(std::string_view name);

} // namespace faultline
