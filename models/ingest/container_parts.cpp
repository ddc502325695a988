#include "models/ingest/container_parts.h"

#include <algorithm>

namespace faultline {
namespace {

ContainerLine criLine(std::string_view text, std::string_view& stream)
{
    const std::size_t space = text.substr(0, 42).find(' ');
    if (space == std::string_view::npos || space > 40 || text.size() < space + 9) return ContainerLine::Other;
    stream = text.substr(space + 1, 6);
    const char tag = text[space + 8];
    if ((stream != "stdout" && stream != "stderr") || (tag != 'P' && tag != 'F')) return ContainerLine::Other;
    return tag == 'P' ? ContainerLine::Part : ContainerLine::Last;
}

ContainerLine dockerLine(std::string_view text, std::string_view& stream)
{
    static constexpr std::string_view kLog = "\"log\":\"", kStream = "\"stream\":\"";
    if (!text.starts_with('{') || text.substr(0, 8 + kLog.size()).find(kLog) == std::string_view::npos)
        return ContainerLine::Other;
    const std::size_t found = text.rfind(kStream);
    if (found == std::string_view::npos) return ContainerLine::Other;
    const std::size_t begin = found + kStream.size();
    const std::size_t end = text.find('"', begin);
    if (end == std::string_view::npos) return ContainerLine::Other;
    stream = text.substr(begin, end - begin);
    const std::string_view before = text.substr(0, found);
    const bool last = before.ends_with("\\n\",") || before.ends_with("\\n\", ") || !before.ends_with("\",");
    return last ? ContainerLine::Last : ContainerLine::Part;
}

/// The line of `bytes` that begins at `begin`, as the framer gives it; `next`: where the one behind it
/// begins.
std::string_view lineAt(std::string_view bytes, std::size_t begin, std::size_t lineLimit, std::size_t& next)
{
    const std::size_t end = bytes.find('\n', begin);
    next = end + 1;
    std::string_view line = bytes.substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line.substr(0, lineLimit);
}

} // namespace

ContainerLine containerLine(ContainerFormat format, std::string_view text, std::string_view& stream)
{
    return format == ContainerFormat::Cri ? criLine(text, stream) : dockerLine(text, stream);
}

OpenParts::Verdict OpenParts::take(ContainerLine line, std::string_view stream, std::uint64_t bytes)
{
    if (m_lines == 0 && line != ContainerLine::Part) return Verdict::Give;
    ++m_lines;
    m_bytes += bytes;
    const auto open = std::find(m_open.begin(), m_open.end(), stream);
    if (line == ContainerLine::Part && open == m_open.end()) m_open.emplace_back(stream);
    if (line == ContainerLine::Last && open != m_open.end()) m_open.erase(open);
    if (!m_open.empty() && m_lines < kLines && m_bytes < kBytes) return Verdict::Wait;
    clear();
    return Verdict::Release;
}

void OpenParts::clear()
{
    m_open.clear();
    m_lines = 0;
    m_bytes = 0;
}

std::size_t lastContainerCut(ContainerFormat format, std::string_view bytes, std::size_t lineLimit)
{
    std::string_view stream;
    const std::size_t lastEnd = bytes.rfind('\n');
    if (lastEnd == std::string_view::npos) return 0;
    // Where as many lines as ever wait are all whole, nothing waits behind them, whatever came before.
    std::size_t cut = 0, lines = 0, end = lastEnd, next = 0;
    while (lines < OpenParts::kLines && end > 0) {
        const std::size_t before = bytes.rfind('\n', end - 1);
        const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
        const ContainerLine line = containerLine(format, lineAt(bytes, begin, lineLimit, next), stream);
        if (line == ContainerLine::Part) break;
        ++lines;
        // The last line itself is only judged: what follows it is not known.
        if (cut == 0 && line == ContainerLine::Last) {
            cut = begin;
            lines = 0;
        }
        if (begin == 0) return cut; // all of it is whole
        end = begin - 1;
    }
    if (lines == OpenParts::kLines && cut > 0) return cut;
    // Else from the beginning, where nothing waits.
    OpenParts open;
    cut = 0;
    for (std::size_t at = 0; at <= lastEnd; at = next) {
        const ContainerLine line = containerLine(format, lineAt(bytes, at, lineLimit, next), stream);
        if (open.empty() && line != ContainerLine::Other && at > 0) cut = at;
        open.take(line, stream, next - at);
    }
    return cut;
}

} // namespace faultline
