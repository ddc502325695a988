// Times: what parseTime() reads and says that it can write again is written again, byte for byte.
#include "models/records/time_text.h"
#include "tests/fuzz/target.h"

#include <algorithm>

using namespace faultline;
using faultline::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text = fuzz::viewOf(data, size);
    for (const std::int16_t zone : {0, 120, -570}) {
        const TimeContext context{zone, 1'795'359'845 * kSecondNs};
        const auto parsed = parseTime(text, context);
        if (!parsed || parsed->layout.form == TimeLayout::Form::None) continue;
        std::string written;
        formatTime(parsed->ns, parsed->layout, written);
        require(written == text, "a time is written as it was read:", written);
        TimeNs again = 0;
        require(!parseTimeAs(parsed->layout, text, again) || again == parsed->ns,
                "the fast path reads what parseTime() reads, or nothing");
        const auto layout = TimeLayout::fromCode(parsed->layout.code());
        require(layout && *layout == parsed->layout, "a layout survives its code");
    }
    // Any layout that a store may hold, and any time.
    std::uint64_t code = 0, bits = 0;
    for (std::size_t i = 0; i < std::min<std::size_t>(size, 16); ++i)
        (i < 8 ? code : bits) |= std::uint64_t{data[i]} << (i % 8 * 8);
    if (const auto layout = TimeLayout::fromCode(code)) {
        require(layout->code() == code, "a code is that of its layout");
        std::string written;
        if (layout->form != TimeLayout::Form::None) {
            formatTime(static_cast<TimeNs>(bits), *layout, written);
            // Not every time has the layout's digits; what it does have must come back.
            TimeNs again = 0;
            if (parseTimeAs(*layout, written, again)) {
                std::string twice;
                formatTime(again, *layout, twice);
                require(twice == written, "a time in a layout is stable:", written + " / " + twice);
            }
        }
    }
    if (size >= 16 && bits != 0) {
        const auto ns = static_cast<TimeNs>(bits);
        const std::string written = formatRfc3339(ns);
        const auto parsed = parseTime(written, {});
        require(!parsed || parsed->ns == ns, "RFC 3339 with nine digits loses nothing:", written);
    }
    (void)parseUserTime(text, 1'795'359'845 * kSecondNs);
    (void)parseDuration(text);
    return 0;
}
