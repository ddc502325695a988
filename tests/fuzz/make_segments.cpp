// Writes start inputs for the segment target: small sealed segments, see segment.cpp for their form.
//   make_segments FOLDER
#include "models/base/hash.h"
#include "tests/support/segment_rows.h"

#include <zstd.h>

#include <fstream>

using namespace faultline;

namespace {

/// The blob without its check, its stream of small numbers unpacked, so that a fuzzer can reach them.
std::string plain(const std::string& blob)
{
    if (blob.empty()) return {};
    const std::string body = blob.substr(0, blob.size() - 4);
    if (body[1] != 2) return body;
    std::size_t at = 2, sizes[2] = {0, 0};
    for (std::size_t& size : sizes)
        for (unsigned shift = 0;; shift += 7) {
            const auto byte = static_cast<unsigned char>(body[at++]);
            size |= std::size_t{byte & 0x7fu} << shift;
            if (byte < 0x80) break;
        }
    std::string meta(sizes[0], '\0');
    ZSTD_decompress(meta.data(), meta.size(), body.data() + at, sizes[1]);
    std::string out = body.substr(0, 1) + '\0';
    for (std::size_t rest = sizes[0];; rest >>= 7) {
        out.push_back(static_cast<char>(rest >= 0x80 ? rest | 0x80 : rest));
        if (rest < 0x80) break;
    }
    return out + meta + body.substr(at + sizes[1]);
}

void put(std::ofstream& out, const std::string& blob)
{
    out.put(static_cast<char>(blob.size() & 0xff)).put(static_cast<char>(blob.size() >> 8));
    out << blob;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2) return 2;
    for (const unsigned rows : {1u, 3u, 12u, 40u, 90u}) {
        std::mt19937_64 random(rows);
        SegmentBuilder builder;
        test::Rows maker(builder);
        for (unsigned i = 0; i < rows; ++i)
            maker.add(random, 1'795'359'845 * kSecondNs + static_cast<TimeNs>(random() % 60'000'000'000), i);
        const SealedSegment sealed = builder.seal();
        std::ofstream out(std::string(argv[1]) + "/segment-" + std::to_string(rows), std::ios::binary);
        put(out, plain(encodeDirectory(sealed.info)));
        for (const std::string& chunk : sealed.chunks) put(out, plain(chunk));
    }
    return 0;
}
