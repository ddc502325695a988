#include "tests/support/ingest_lines.h"

#include <algorithm>
#include <iterator>

namespace faultline::test {

std::vector<std::string_view> linesOf(std::string_view text)
{
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1);
        lines.push_back(text.substr(0, end + 1)); // with its end
        text.remove_prefix(end + 1);
    }
    return lines;
}

std::string mutated(std::string line, std::mt19937_64& random)
{
    static const char* const values[] = {
        "null", "1.50", "1e5",  "-0",    "\"\\u00e9\"", "[1,\"a\"]",        "{}",
        "true", "12",   "\"\"", "\"x\"", "{\"a\":1}",   "\"{\\\"b\\\":2}\""};
    for (auto times = 1 + random() % 2; times > 0 && line.size() > 4; --times) {
        const std::size_t at = random() % (line.size() - 1);
        switch (random() % 5) {
        case 0: line.erase(at, 1); break;
        case 1: line[at] = static_cast<char>(random() % 256); break;
        case 2: line.insert(at, 1, "\"\\{}[],: 09aZ\t"[random() % 14]); break;
        default: {
            const std::size_t colon = line.find(':', at);
            if (colon == std::string::npos) break;
            const std::size_t end = line.find_first_of(",}", colon);
            if (end != std::string::npos)
                line.replace(colon + 1, end - colon - 1, values[random() % std::size(values)]);
        }
        }
    }
    std::erase(line, '\n');
    return line + "\n";
}

std::string mixedLines(std::size_t bytes, std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    std::string text = "head of the file\n\n";
    for (std::size_t i = 0; text.size() < bytes; ++i) {
        const std::string number = std::to_string(i);
        switch (random() % 12) {
        case 0: text += "{\"message\":\"no time " + number + "\"}\n"; break;
        case 1:
            text += "{\"time\":\"2026-01-01T00:00:00." + std::to_string(100 + i % 900) +
                    "Z\",\"level\":\"error\",\"message\":\"failed " + number +
                    "\"}\njava.lang.IllegalStateException: no\n\tat a.B.c(B.java:" + number +
                    ")\n\tat a.D.e(D.java:1)\r\nCaused by: x.Y: why\n";
            break;
        case 2: text += "{\"broken\":" + number + "\n"; break;
        case 3: text += "\n"; break;
        case 4: text += "plain text " + number + "\r\n"; break;
        case 5: text += "[{\"n\":" + number + "},{\"n\":2}]\n"; break;
        default:
            text += "{\"time\":\"2026-01-01T00:" + std::to_string(10 + i / 100 % 50) + ":" +
                    std::to_string(10 + i % 50) + "Z\",\"level\":\"info\",\"message\":\"done " + number +
                    "\",\"ms\":" + std::to_string(random() % 1000) + "}\n";
        }
    }
    return text;
}

} // namespace faultline::test
