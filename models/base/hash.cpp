#include "models/base/hash.h"
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

#include <cstring>

namespace faultline {

std::uint64_t hash64(std::string_view bytes)
{
    return XXH3_64bits(bytes.data(), bytes.size());
}

std::string Hash128::hex() const
{
    static const char digits[] = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : bytes) {
        text.push_back(digits[byte >> 4]);
        text.push_back(digits[byte & 15]);
    }
    return text;
}

struct RunningHash::State
{
    alignas(64) XXH3_state_t xxh;
};

RunningHash::RunningHash() : m_state(std::make_unique<State>())
{
    XXH3_128bits_reset(&m_state->xxh);
}
RunningHash::~RunningHash() = default;
RunningHash::RunningHash(RunningHash&&) noexcept = default;
RunningHash& RunningHash::operator=(RunningHash&&) noexcept = default;

void RunningHash::add(std::string_view bytes)
{
    XXH3_128bits_update(&m_state->xxh, bytes.data(), bytes.size());
}

Hash128 RunningHash::digest() const
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&m_state->xxh));
    Hash128 hash;
    std::memcpy(hash.bytes.data(), canonical.digest, hash.bytes.size());
    return hash;
}

RunningHash RunningHash::clone() const
{
    RunningHash copy;
    XXH3_copyState(&copy.m_state->xxh, &m_state->xxh);
    return copy;
}

} // namespace faultline
