#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

/// What libFuzzer calls, and what a replay program calls for each file of the corpus.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace faultline::fuzz {

/// A property that must hold for every input; the fuzzer keeps the input that breaks it.
inline void require(bool holds, std::string_view property, std::string_view detail = {})
{
    if (holds) return;
    const std::string text = "broken: " + std::string(property) + " " + std::string(detail) + "\n";
    std::fputs(text.c_str(), stderr);
    std::abort();
}

inline std::string_view viewOf(const std::uint8_t* data, std::size_t size)
{
    return {reinterpret_cast<const char*>(data), size};
}

} // namespace faultline::fuzz
