#pragma once
#include <compare>
#include <cstdint>
#include <functional>

namespace faultline {

/// A number that names one kind of thing and nothing else: a SourceId is not a SegmentId.
template <class Tag, class Rep> struct StrongId
{
    Rep value = 0;
    constexpr auto operator<=>(const StrongId&) const = default;
};

using SourceId = StrongId<struct SourceTag, std::uint32_t>;
using SegmentId = StrongId<struct SegmentTag, std::int64_t>;

/// Position of an event in its source, from 0. With the time and the source it is the event's identity.
using Ordinal = std::uint64_t;

} // namespace faultline

template <class Tag, class Rep> struct std::hash<faultline::StrongId<Tag, Rep>>
{
    std::size_t operator()(faultline::StrongId<Tag, Rep> id) const noexcept
    {
        return std::hash<Rep>{}(id.value);
    }
};
