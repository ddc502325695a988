#pragma once
#include "models/query/engine.h"
#include "models/query/key_counter.h"
#include "models/query/value_counts.h"

#include <atomic>
#include <cstdint>
#include <string>

namespace faultline {

/// One name for all kinds that a field has, a bit each (1 << ValueKind): text, int, ... mixed; empty for
/// none.
std::string typeOfKinds(std::uint32_t kinds);

/// A facet in the making: the values of one field over the segments seen so far.
class FieldCount
{
public:
    FieldCount(std::string name, std::size_t top, std::size_t limit)
        : m_name(std::move(name)), m_counter(top, limit)
    {}
    const std::string& name() const { return m_name; }
    KeyCounter& counter() { return m_counter; }
    /// In the first pass only.
    void note(const ValueCount& count)
    {
        m_present += count.present;
        m_kinds |= count.kinds;
    }
    std::uint64_t present() const { return m_present; }
    FieldSummary summary();

    /// When all values of a field were asked for, and are more than an answer can hold.
    static Error tooMany(const std::string& field);

private:
    std::string m_name;
    KeyCounter m_counter;
    std::atomic<std::uint64_t> m_present{0};
    std::atomic<std::uint32_t> m_kinds{0};
};

} // namespace faultline
