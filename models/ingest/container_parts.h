#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// The line of a container runtime: a record, or a part of one that was split at 16 KiB.
enum class ContainerLine : std::uint8_t {
    Other, ///< no such line
    Part,  ///< more follows on the same stream
    Last,  ///< the last part of a record, or all of it
};
enum class ContainerFormat : std::uint8_t { Docker, Cri };

/// What a line is; `stream` becomes the name of its stream (a view into `text`).
ContainerLine containerLine(ContainerFormat format, std::string_view text, std::string_view& stream);

/// Which lines wait for the rest of a record: from the first part on all lines, of any stream, until no
/// stream has an open part, or too much waits. One thread.
class OpenParts
{
public:
    static constexpr std::size_t kLines = 1024, kBytes = 4 * 1024 * 1024;
    enum class Verdict : std::uint8_t {
        Give,    ///< nothing waits: the line stands for itself
        Wait,    ///< it waits with those before it
        Release, ///< it ends the waiting: it and all that waited are given now
    };
    /// Takes the next line; `bytes` with its end.
    Verdict take(ContainerLine line, std::string_view stream, std::uint64_t bytes);
    bool empty() const { return m_lines == 0; }
    std::uint64_t bytes() const { return m_bytes; }
    void clear();

private:
    std::vector<std::string> m_open; ///< streams
    std::size_t m_lines = 0;
    std::uint64_t m_bytes = 0;
};

/// The last place in `bytes` where a container's record begins and nothing waits; 0: none. `bytes` begin at
/// such a place. A line is looked at to `lineLimit`, as the framer cuts it.
std::size_t lastContainerCut(ContainerFormat format, std::string_view bytes, std::size_t lineLimit);

} // namespace faultline
