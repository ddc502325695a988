#include "models/query/operand.h"

#include "models/records/time_text.h"
#include "models/records/units.h"
#include "models/records/user_time.h"

#include <array>

namespace faultline {

namespace {

struct Suffix
{
    std::string_view name;
    std::int64_t factor;
};

constexpr std::array kDurationSuffixes{
    Suffix{"ns", 1},
    Suffix{"nanos", 1},
    Suffix{"nanoseconds", 1},
    Suffix{"us", 1'000},
    Suffix{"micros", 1'000},
    Suffix{"microseconds", 1'000},
    Suffix{"ms", 1'000'000},
    Suffix{"msec", 1'000'000},
    Suffix{"millis", 1'000'000},
    Suffix{"milliseconds", 1'000'000},
    Suffix{"s", kSecondNs},
    Suffix{"sec", kSecondNs},
    Suffix{"secs", kSecondNs},
    Suffix{"seconds", kSecondNs},
    Suffix{"min", 60 * kSecondNs},
    Suffix{"mins", 60 * kSecondNs},
    Suffix{"minutes", 60 * kSecondNs},
    Suffix{"hours", 3600 * kSecondNs},
};

constexpr std::array kSizeSuffixes{
    Suffix{"kb", 1'000},    Suffix{"mb", 1'000'000}, Suffix{"gb", 1'000'000'000},
    Suffix{"kib", 1 << 10}, Suffix{"mib", 1 << 20},  Suffix{"gib", 1 << 30},
};

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

/// The last word of a field's name: behind . _ - or at a change to upper case (latencyMs).
bool endsInWord(std::string_view field, std::string_view word)
{
    if (field.size() < word.size()) return false;
    const std::string_view tail = field.substr(field.size() - word.size());
    for (std::size_t i = 0; i < word.size(); ++i)
        if (lower(tail[i]) != word[i]) return false;
    if (field.size() == word.size()) return true;
    const char before = field[field.size() - word.size() - 1];
    if (before == '.' || before == '_' || before == '-' || before == '/') return true;
    const bool capital = tail[0] >= 'A' && tail[0] <= 'Z';
    return capital && before >= 'a' && before <= 'z';
}

std::optional<Operand> readTime(std::string_view text, TimeNs now)
{
    const auto time = readUserTime(text, now);
    if (!time) return std::nullopt;
    Operand operand;
    operand.kind = Operand::Kind::Time;
    operand.first = time->first;
    operand.last = time->last;
    return operand;
}

Operand number(Operand::Kind kind, ExactNumber value)
{
    Operand operand;
    operand.kind = kind;
    operand.number = std::move(value);
    return operand;
}

std::optional<Operand> readSeverity(std::string_view text)
{
    const auto span = severitySpan(text);
    if (!span) return std::nullopt;
    Operand operand;
    operand.kind = Operand::Kind::Level;
    operand.severity = *span;
    return operand;
}

} // namespace

std::optional<Operand> readOperand(std::string_view field, std::string_view text, TimeNs now)
{
    if (field == "timestamp") return readTime(text, now);
    auto plain = readNumber(text);
    if (field == "severity") {
        if (!plain) return readSeverity(text);
        const auto value = plain->firstFrom(0, false);
        if (!value || *value < 0 || *value > 24 || ExactNumber::of(*value) != *plain) return std::nullopt;
        Operand operand;
        operand.kind = Operand::Kind::Level;
        operand.severity = {static_cast<Severity>(*value), static_cast<Severity>(*value)};
        return operand;
    }
    if (plain) return number(Operand::Kind::Number, std::move(*plain));
    if (const auto duration = parseDuration(text))
        return number(Operand::Kind::Duration, ExactNumber::of(*duration));
    if (auto size = readSizeText(text)) return number(Operand::Kind::Size, std::move(*size));
    if (auto severity = readSeverity(text)) return severity;
    return readTime(text, now);
}

std::optional<ExactNumber> readDurationText(std::string_view text)
{
    std::string joined;
    if (const auto space = text.find(' '); space != std::string_view::npos && space > 0) {
        joined = std::string(text.substr(0, space)) + std::string(text.substr(space + 1));
        text = joined;
    }
    const auto duration = parseDuration(text);
    if (!duration) return std::nullopt;
    return ExactNumber::of(*duration);
}

std::optional<ExactNumber> readSizeText(std::string_view text)
{
    const auto quantity = parseQuantityWithKind(text);
    if (!quantity || quantity->kind != QuantityKind::Size) return std::nullopt;
    std::size_t digits = text.size();
    while (digits > 0 && !(text[digits - 1] >= '0' && text[digits - 1] <= '9')) --digits;
    const auto number = readNumber(text.substr(0, digits));
    const auto one = parseQuantityWithKind("1" + std::string(text.substr(digits)));
    if (!number || !one) return std::nullopt;
    return number->scaled(static_cast<std::int64_t>(one->value), 1);
}

std::string_view operandsOf(std::string_view field)
{
    if (field == "timestamp")
        return "a time: 2026, 2026-11, 2026-11-22, 2026-11-22T15:04:05Z, an epoch, or relative to now: "
               "now-15m";
    if (field == "severity") return "trace, debug, info, warn, error, fatal, none, or a number from 0 to 24";
    return "a number, a duration (1.5s, 250ms), a size (10MiB), a level (warn) or a time "
           "(2026-11-22T15:04:05Z)";
}

std::optional<std::int64_t> unitOfField(std::string_view field, Operand::Kind kind)
{
    if (kind == Operand::Kind::Size) {
        for (const auto& suffix : kSizeSuffixes)
            if (endsInWord(field, suffix.name)) return suffix.factor;
        return 1;
    }
    if (kind != Operand::Kind::Duration) return std::nullopt;
    if (field == "event.duration") return 1;
    for (const auto& suffix : kDurationSuffixes)
        if (endsInWord(field, suffix.name)) return suffix.factor;
    return std::nullopt;
}

} // namespace faultline
