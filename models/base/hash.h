#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace faultline {

/// XXH3-64 of `bytes`. Not a security hash. Stable: it is stored (pattern ids, page checks).
std::uint64_t hash64(std::string_view bytes);

/// XXH3-128 as 16 bytes, big-endian; compares like the printed form.
struct Hash128
{
    std::array<std::uint8_t, 16> bytes{};
    bool operator==(const Hash128&) const = default;
    std::string hex() const;
};

/// XXH3-128 of a stream: add() as bytes arrive, digest() at any point, add() on. Cheap to copy is false:
/// clone() when two continuations are needed.
class RunningHash
{
public:
    RunningHash();
    ~RunningHash();
    RunningHash(RunningHash&&) noexcept;
    RunningHash& operator=(RunningHash&&) noexcept;
    void add(std::string_view bytes);
    Hash128 digest() const;
    RunningHash clone() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace faultline
