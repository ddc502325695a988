#include "models/records/mask.h"
#include "models/records/time_text.h"
#include "models/records/user_time.h"
#include "models/store/sql_context.h"

#include <sqlite3.h>

#include <algorithm>
#include <cmath>

namespace faultline {
namespace {

SqlContext& contextOf(sqlite3_context* call)
{
    return *static_cast<SqlContext*>(sqlite3_user_data(call));
}

std::string_view textOf(sqlite3_value* value)
{
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
    return text ? std::string_view(text, static_cast<std::size_t>(sqlite3_value_bytes(value)))
                : std::string_view();
}

bool isNull(sqlite3_value* value)
{
    return sqlite3_value_type(value) == SQLITE_NULL;
}

void resultText(sqlite3_context* call, std::string_view text)
{
    sqlite3_result_text64(call, text.data() ? text.data() : "", text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void fail(sqlite3_context* call, const Error& error)
{
    contextOf(call).fail(error);
    sqlite3_result_error(call, error.line().c_str(), -1);
}

void usage(sqlite3_context* call, std::string what, std::string why, std::string hint = {})
{
    std::vector<std::string> hints;
    if (!hint.empty()) hints.push_back(std::move(hint));
    fail(call, makeError(ErrorKind::Usage, std::move(what), std::move(why), std::move(hints)));
}

// field(row, 'path')
void field(sqlite3_context* call, int, sqlite3_value** arguments)
{
    SqlContext& context = contextOf(call);
    if (isNull(arguments[0])) return; // the row of an outer join that has none
    if (sqlite3_value_type(arguments[0]) != SQLITE_INTEGER || !context.view) {
        usage(call, "run field()", "its first argument is not an event",
              "Write field(row, 'user.id'): row is a hidden column of events.");
        return;
    }
    const auto place = context.view->find(sqlite3_value_int64(arguments[0]));
    if (!place || isNull(arguments[1])) return;
    EventReader& reader = context.view->reader(place->segment);
    std::string scratch;
    const SqlValue value = reader.field(textOf(arguments[1]), place->row, scratch);
    if (reader.failed()) {
        fail(call, *reader.error());
        return;
    }
    switch (value.type) {
    case SqlValue::Type::Null: sqlite3_result_null(call); break;
    case SqlValue::Type::Integer: sqlite3_result_int64(call, value.integer); break;
    case SqlValue::Type::Real: sqlite3_result_double(call, value.real); break;
    case SqlValue::Type::Text:
    case SqlValue::Type::Blob: resultText(call, value.text); break;
    }
}

// x REGEXP y is regexp(y, x).
void regexp(sqlite3_context* call, int, sqlite3_value** arguments)
{
    if (isNull(arguments[0]) || isNull(arguments[1])) return;
    auto* test = static_cast<SqlSession::TextTest*>(sqlite3_get_auxdata(call, 0));
    std::unique_ptr<SqlSession::TextTest> made;
    if (!test) {
        auto compiled = contextOf(call).options.regexp(textOf(arguments[0]));
        if (!compiled) {
            Error error = std::move(compiled).error();
            error.place.reset(); // it is in the expression, not in the statement
            fail(call, error);
            return;
        }
        made = std::make_unique<SqlSession::TextTest>(std::move(*compiled));
        test = made.get();
    }
    sqlite3_result_int(call, (*test)(textOf(arguments[1])) ? 1 : 0);
    if (made) {
        sqlite3_set_auxdata(call, 0, made.release(),
                            [](void* object) { delete static_cast<SqlSession::TextTest*>(object); });
    }
}

// pattern_of(message)
void pattern(sqlite3_context* call, int, sqlite3_value** arguments)
{
    if (!isNull(arguments[0])) resultText(call, patternForDisplay(patternOf(textOf(arguments[0]))));
}

// to_ns(time)
void toNs(sqlite3_context* call, int, sqlite3_value** arguments)
{
    if (isNull(arguments[0])) return;
    const auto time = parseUserTime(textOf(arguments[0]), contextOf(call).now);
    if (time) {
        sqlite3_result_int64(call, *time);
        return;
    }
    usage(call, "run to_ns()", "\"" + std::string(textOf(arguments[0]).substr(0, 100)) + "\" is not a time",
          std::string(kUserTimeForms));
}

// to_time(ns)
void toTime(sqlite3_context* call, int, sqlite3_value** arguments)
{
    if (!isNull(arguments[0])) resultText(call, formatRfc3339(sqlite3_value_int64(arguments[0])));
}

// time_bucket('5m', ns)
void timeBucket(sqlite3_context* call, int, sqlite3_value** arguments)
{
    if (isNull(arguments[0]) || isNull(arguments[1])) return;
    const auto width = parseDuration(textOf(arguments[0]));
    if (!width || *width <= 0) {
        usage(call, "run time_bucket()",
              "\"" + std::string(textOf(arguments[0]).substr(0, 100)) + "\" is not a duration",
              "Write time_bucket('5m', timestamp_ns); units are ms, s, m, h, d and w.");
        return;
    }
    const std::int64_t time = sqlite3_value_int64(arguments[1]);
    std::int64_t into = time % *width;
    if (into < 0) into += *width;
    resultText(call, formatRfc3339(time < kTimeMin + into ? kTimeMin : time - into));
}

/// State of percentile() over one group.
struct Numbers
{
    SqlContext* context = nullptr;
    std::vector<double> values;
    double quantile = -1;
};
constexpr std::uint64_t kMostNumbers = 64'000'000; ///< 512 MB, over all groups of a statement

Numbers* numbersOf(sqlite3_context* call, bool make)
{
    // SQLite gives zeroed memory of the group, and calls the last step for each group that it has given one.
    auto** held = static_cast<Numbers**>(sqlite3_aggregate_context(call, make ? sizeof(Numbers*) : 0));
    if (!held) return nullptr;
    if (!*held && make) {
        *held = new Numbers;
        (*held)->context = &contextOf(call);
    }
    return *held;
}

void addNumber(sqlite3_context* call, const char* name, double quantile, sqlite3_value* value)
{
    const int type = sqlite3_value_numeric_type(value);
    if (type != SQLITE_INTEGER && type != SQLITE_FLOAT) return; // no number: it does not count
    Numbers* numbers = numbersOf(call, true);
    if (!numbers) {
        sqlite3_result_error_nomem(call);
        return;
    }
    if (numbers->quantile >= 0 && numbers->quantile != quantile) {
        usage(call, std::string("run ") + name, "the percentile must be the same for all rows of a group");
        return;
    }
    numbers->quantile = quantile;
    if (++numbers->context->heldNumbers > kMostNumbers) {
        fail(call, makeError(ErrorKind::Limit, std::string("run ") + name,
                             "more than " + std::to_string(kMostNumbers) + " numbers at once",
                             {"Narrow the statement, or use faultline stats."}));
        return;
    }
    numbers->values.push_back(sqlite3_value_double(value));
}

/// The second argument as a share of `scale`; nothing, with an error, when it is outside.
std::optional<double> quantileOf(sqlite3_context* call, const char* name, sqlite3_value* value, double scale)
{
    const int type = sqlite3_value_numeric_type(value);
    const double share = sqlite3_value_double(value);
    if ((type == SQLITE_INTEGER || type == SQLITE_FLOAT) && share >= 0 && share <= scale)
        return share / scale;
    usage(call, std::string("run ") + name,
          std::string("its second argument is not a number from 0 to ") + (scale == 1 ? "1" : "100"));
    return std::nullopt;
}

void percentileStep(sqlite3_context* call, int, sqlite3_value** arguments)
{
    if (const auto q = quantileOf(call, "percentile()", arguments[1], 100))
        addNumber(call, "percentile()", *q, arguments[0]);
}
void percentileContStep(sqlite3_context* call, int, sqlite3_value** arguments)
{
    if (const auto q = quantileOf(call, "percentile_cont()", arguments[1], 1))
        addNumber(call, "percentile_cont()", *q, arguments[0]);
}
void medianStep(sqlite3_context* call, int, sqlite3_value** arguments)
{
    addNumber(call, "median()", 0.5, arguments[0]);
}

// Linear interpolation at q x (n - 1), as everywhere in Faultline.
void percentileEnd(sqlite3_context* call)
{
    const std::unique_ptr<Numbers> numbers(numbersOf(call, false));
    if (!numbers) return;
    auto& values = numbers->values;
    numbers->context->heldNumbers -= std::min<std::uint64_t>(numbers->context->heldNumbers, values.size());
    if (values.empty()) return;
    const double at = numbers->quantile * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::ptrdiff_t>(std::floor(at));
    const auto place = values.begin() + below;
    std::nth_element(values.begin(), place, values.end());
    double result = *place;
    const double part = at - std::floor(at);
    if (part > 0 && place + 1 != values.end()) {
        const double above = *std::min_element(place + 1, values.end());
        result = result * (1 - part) + above * part;
    }
    sqlite3_result_double(call, result);
}

} // namespace

int registerSqlFunctions(sqlite3* db, SqlContext& context)
{
    using Scalar = void (*)(sqlite3_context*, int, sqlite3_value**);
    struct Function
    {
        const char* name;
        int arguments;
        Scalar scalar, step;
    };
    constexpr Function kFunctions[] = {
        {"field", 2, field, nullptr},
        {"regexp", 2, regexp, nullptr},
        {"pattern_of", 1, pattern, nullptr},
        {"to_ns", 1, toNs, nullptr},
        {"to_time", 1, toTime, nullptr},
        {"time_bucket", 2, timeBucket, nullptr},
        {"percentile", 2, nullptr, percentileStep},
        {"percentile_cont", 2, nullptr, percentileContStep},
        {"median", 1, nullptr, medianStep},
    };
    // Of one statement and one snapshot they are functions of their arguments: `now` stands still.
    constexpr int kFlags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    for (const Function& function : kFunctions) {
        if (function.scalar == regexp && !context.options.regexp) continue;
        const int code = sqlite3_create_function_v2(db, function.name, function.arguments, kFlags, &context,
                                                    function.scalar, function.step,
                                                    function.step ? percentileEnd : nullptr, nullptr);
        if (code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
}

} // namespace faultline
