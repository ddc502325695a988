// The search language: what parses prints to a text that parses to the same filter; what does not gets a
// place inside the text and a message that a terminal can show; what parses also compiles and can be asked.
#include "models/query/filter.h"
#include "models/query/match.h"
#include "models/records/time_text.h"
#include "tests/fuzz/target.h"

#include <algorithm>

using namespace faultline;
using faultline::fuzz::require;

namespace {

constexpr TimeNs kNow = 1'795'359'845 * kSecondNs;

void explain(std::string_view text, const Error& error)
{
    if (error.place) {
        require(error.place->offset <= text.size(), "the place of an error lies in the text");
        // One column behind the text is where something is missing.
        require(error.place->length <= std::max<std::size_t>(text.size() - error.place->offset, 1),
                "the place of an error ends in the text");
    }
    const std::string shown = explainFilterError(text, error);
    require(shown.empty() || shown.back() != '\n', "the explanation has no final newline");
    for (const char c : shown)
        require(c == '\n' || static_cast<unsigned char>(c) >= 0x20, "the explanation is safe for a terminal");
}

void askLeaf(const Filter& leaf)
{
    const auto test = ValueTest::compile(leaf);
    require(test.ok(), "a leaf that parses compiles", test ? std::string() : test.error().line());
    for (const std::string_view text :
         {std::string_view(), std::string_view("timeout"), std::string_view(leaf.text),
          std::string_view("12.5ms"), std::string_view("\xff\x80", 2),
          std::string_view("2026-11-22T15:04:05Z")}) {
        (void)test->testText(text);
        (void)test->testNumber(text);
        (void)test->testJson(text, "a.b");
    }
    (void)test->testInt(INT64_MIN);
    (void)test->testInt(200);
    (void)test->testDecimal({-1, 18});
    (void)test->testBool(true);
    (void)test->testNull();
    (void)test->testJson(R"([1,"timeout",{"a":{"b":[null,true,"x"]}},1e999])");
    for (Severity severity = 0; severity <= 24; ++severity) {
        const bool matches = test->testSeverity(severity);
        require(matches == ((test->severityMask() >> severity & 1) != 0), "the mask is the test");
    }
    for (const TimeNs time : {kTimeMin, TimeNs{0}, kNow, kTimeMax}) {
        const bool matches = test->testTimestamp(time);
        if (const auto span = test->timeSpan())
            require(matches == (span->contains(time)), "the interval of times is the test");
    }
}

void askLeaves(const Filter& root)
{
    std::vector<const Filter*> open{&root};
    while (!open.empty()) {
        const Filter& filter = *open.back();
        open.pop_back();
        for (const FilterPtr& child : filter.children) open.push_back(child.get());
        const auto kind = filter.kind;
        if (kind != Filter::Kind::All && kind != Filter::Kind::And && kind != Filter::Kind::Or &&
            kind != Filter::Kind::Not)
            askLeaf(filter);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size > 4096) return 0; // longer queries are only slower
    const std::string_view text = fuzz::viewOf(data, size);
    const auto filter = parseFilter(text, kNow);
    if (!filter) {
        explain(text, filter.error());
        return 0;
    }
    const std::string printed = printFilter(**filter);
    const auto again = parseFilter(printed, kNow);
    require(again.ok(), "a printed filter parses:", printed);
    require(**again == **filter, "a printed filter parses to the same:", printed);
    require(printFilter(**again) == printed, "printing is stable:", printed);
    askLeaves(**filter);
    return 0;
}
