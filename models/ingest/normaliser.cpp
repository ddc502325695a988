#include "models/ingest/normaliser.h"

#include "models/ingest/alias_table.h"
#include "models/ingest/workload_name.h"

#include <algorithm>
#include <charconv>

namespace faultline {

namespace {

using Target = AliasTable::Target;
constexpr std::size_t npos = CanonicalFields::npos;

// An exact name comes before one that differs in case, and what stands in the document before what was
// derived (times only: an inner time must not replace the one that the line itself carries).
constexpr std::uint32_t kOtherCase = 1000, kDerived = 4000;
constexpr std::uint32_t kNoRank = 0xffffffff;

bool isDigits(std::string_view text)
{
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool isHex(std::string_view text)
{
    return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// The id in its canonical form; empty when the text is none. Not all zero.
bool isZeroId(std::string_view text)
{
    return text.size() >= 16 && text.find_first_not_of("0-") == std::string_view::npos;
}

std::optional<std::int64_t> wholeNumber(std::string_view text)
{
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

class AliasNormaliser final : public Normaliser
{
public:
    explicit AliasNormaliser(AliasTable table) : m_table(std::move(table)) {}

    CanonicalFields apply(DecodedEvent& event, const SourceContext& source,
                          std::deque<std::string>& scratch) const override
    {
        CanonicalFields found;
        found.valueDependent = event.valueDependent;
        Choice choice;
        choose(event, source, choice);
        for (std::size_t i = 0; i < kCanonicalCount; ++i) found.field[i] = choice.best[i].field;
        readTime(event, source, choice, found);
        const auto& severity = choice.best[static_cast<std::size_t>(Target::Level)];
        found.severityField = severity.field;
        if (severity.field != npos)
            found.severity =
                readSeverity(event.fields[severity.field].text, reading(event, severity.field, choice.marks));
        settleId(event, choice, Target::TraceId, found, scratch);
        settleId(event, choice, Target::SpanId, found, scratch);
        settleService(event, choice, found, scratch);
        return found;
    }

    SeverityReading severityReading(const DecodedEvent& event, const CanonicalFields& fields,
                                    const SourceContext&) const override
    {
        if (fields.severityField == npos) return {};
        std::uint64_t marks = 0;
        for (const auto& field : event.fields)
            if (const auto* entry = m_table.find(field.path); entry != nullptr && entry->marked == field.path)
                marks |= entry->mark;
        return reading(event, fields.severityField, marks);
    }

private:
    struct Best
    {
        std::size_t field = npos;
        std::uint32_t rank = kNoRank;
        const AliasTable::Alias* alias = nullptr;
    };
    struct Choice
    {
        std::array<Best, AliasTable::kTargets> best{};
        static constexpr std::size_t kTimes = 8;
        std::array<Best, kTimes> times{}; ///< by rank
        std::size_t timeCount = 0;
        std::uint64_t marks = 0;
        Best pod; ///< the field that names the pod

        void offerTime(const Best& candidate)
        {
            std::size_t place = timeCount < kTimes ? timeCount++ : kTimes - 1;
            if (place == kTimes - 1 && times[place].field != npos && times[place].rank <= candidate.rank)
                return;
            while (place > 0 && times[place - 1].rank > candidate.rank) {
                times[place] = times[place - 1];
                --place;
            }
            times[place] = candidate;
        }
        void offer(Target target, const Best& candidate)
        {
            if (target == Target::Time) {
                offerTime(candidate);
                return;
            }
            if (candidate.alias->form == AliasTable::Form::Pod && candidate.rank < pod.rank) pod = candidate;
            Best& best_ = best[static_cast<std::size_t>(target)];
            if (candidate.rank < best_.rank) best_ = candidate;
        }
    };

    void choose(const DecodedEvent& event, const SourceContext& source, Choice& choice) const
    {
        struct Later
        {
            std::uint32_t alias;
            Best candidate;
        };
        std::array<Later, 8> later{};
        std::size_t laterCount = 0;
        for (std::size_t i = 0; i < event.fields.size(); ++i) {
            const FieldValue& field = event.fields[i];
            const AliasTable::Entry* const entry = m_table.find(field.path);
            if (entry == nullptr) continue;
            if (entry->mark != 0 && entry->marked == field.path) choice.marks |= entry->mark;
            for (const std::uint32_t index : entry->aliases) {
                const AliasTable::Alias& alias = m_table.alias(index);
                if (!alias.takes(field.kind) || field.kind == ValueKind::Null) continue;
                Best candidate;
                candidate.field = i;
                candidate.alias = &alias;
                candidate.rank = 1 + alias.rank + (alias.path == field.path ? 0 : kOtherCase);
                if (alias.target == Target::Time && field.length == FieldValue::npos)
                    candidate.rank += kDerived;
                if (alias.with == 0)
                    choice.offer(alias.target, candidate);
                else if (laterCount < later.size())
                    later[laterCount++] = {index, candidate};
            }
        }
        for (std::size_t i = 0; i < laterCount; ++i) {
            const AliasTable::Alias& alias = m_table.alias(later[i].alias);
            if ((choice.marks & alias.with) == alias.with) choice.offer(alias.target, later[i].candidate);
        }
        for (const auto& [name, path] : source.overrides) {
            static constexpr std::string_view kNames[AliasTable::kTargets] = {
                "message", "service", "host", "logger", "trace_id", "span_id", "timestamp", "severity"};
            const auto* const place = std::find(std::begin(kNames), std::end(kNames), name);
            if (place == std::end(kNames)) continue;
            for (std::size_t i = 0; i < event.fields.size(); ++i) {
                if (event.fields[i].path != path) continue;
                Best candidate; // rank 0: before every alias
                candidate.field = i;
                candidate.rank = 0;
                const auto target = static_cast<Target>(place - std::begin(kNames));
                if (target == Target::Time)
                    choice.offerTime(candidate);
                else
                    choice.best[static_cast<std::size_t>(target)] = candidate;
                break;
            }
        }
    }

    static std::optional<ParsedTime> timeOf(const DecodedEvent& event, const Best& candidate,
                                            const TimeContext& context, std::size_t& nanosField)
    {
        const FieldValue& field = event.fields[candidate.field];
        nanosField = npos;
        if (candidate.alias != nullptr && candidate.alias->form == AliasTable::Form::Audit) {
            const std::size_t colon = field.text.find(':');
            if (colon == std::string_view::npos || !isDigits(field.text.substr(colon + 1)))
                return std::nullopt;
            auto time = parseTime(field.text.substr(0, colon), context);
            if (time) time->layout = {};
            return time;
        }
        if (candidate.alias == nullptr || candidate.alias->nanos.empty()) {
            if (field.kind == ValueKind::Json || field.kind == ValueKind::Bool) return std::nullopt;
            return parseTime(field.text, context);
        }
        const auto seconds = wholeNumber(field.text);
        if (!seconds || *seconds <= 0 || *seconds > 9'223'372'035) return std::nullopt;
        ParsedTime time;
        time.ns = *seconds * kSecondNs;
        for (std::size_t i = 0; i < event.fields.size(); ++i) {
            if (event.fields[i].path != candidate.alias->nanos) continue;
            const auto nanos = wholeNumber(event.fields[i].text);
            if (nanos && *nanos >= 0 && *nanos < kSecondNs) time.ns += *nanos;
            nanosField = i;
        }
        return time;
    }

    static void readTime(const DecodedEvent& event, const SourceContext& source, const Choice& choice,
                         CanonicalFields& found)
    {
        for (std::size_t i = 0; i < choice.timeCount; ++i) {
            found.time = timeOf(event, choice.times[i], source.time, found.nanosField);
            found.written = found.time ? found.time->layout : TimeLayout();
            if (found.time && source.clockOffset != 0) {
                // The text does not follow from the time any more: the field keeps it.
                found.time->layout = {};
                if (__builtin_add_overflow(found.time->ns, source.clockOffset, &found.time->ns))
                    found.time.reset();
            }
            if (found.time) {
                found.timeField = choice.times[i].field;
                return;
            }
            found.valueDependent = true;
        }
    }

    SeverityReading reading(const DecodedEvent& event, std::size_t field, std::uint64_t marks) const
    {
        SeverityReading result;
        result.text = event.fields[field].kind == ValueKind::Text;
        result.scale = m_table.scale(event.fields[field].path, marks);
        return result;
    }

    static void settleId(DecodedEvent& event, const Choice& choice, Target target, CanonicalFields& found,
                         std::deque<std::string>& scratch)
    {
        const auto slot = static_cast<std::size_t>(target);
        const Best& best = choice.best[slot];
        if (best.field == npos) return;
        const bool trace = target == Target::TraceId;
        const std::string_view text = event.fields[best.field].text;
        const AliasTable::Form form = best.alias == nullptr ? AliasTable::Form::Plain : best.alias->form;
        if (form == AliasTable::Form::Plain && isSettledId(text, trace ? 32 : 16)) return;
        std::string id = canonicalId(text, form, trace);
        if (id.empty()) {
            found.valueDependent = true;
            if (isZeroId(text) || form != AliasTable::Form::Plain) found.field[slot] = npos;
            return;
        }
        std::string_view path;
        for (const std::string_view name :
             trace ? std::array<std::string_view, 3>{"trace_id", "trace.id", "trace_id.hex"}
                   : std::array<std::string_view, 3>{"span_id", "span.id", "span_id.hex"}) {
            const bool taken = std::any_of(event.fields.begin(), event.fields.end(),
                                           [&](const FieldValue& field) { return field.path == name; });
            if (taken) continue;
            path = name;
            break;
        }
        if (path.empty()) {
            found.valueDependent = true;
            return;
        }
        scratch.push_back(std::move(id));
        FieldValue field;
        field.path = path;
        field.text = scratch.back();
        event.fields.push_back(field);
        found.field[slot] = event.fields.size() - 1;
        found.rewrites[trace ? 0 : 1] = {best.field, event.fields.size() - 1, npos, form};
    }

    /// A container's name is a poor service where the pod's is known; which fields there are decides, so that
    /// the fast path can repeat it.
    static void settleService(DecodedEvent& event, const Choice& choice, CanonicalFields& found,
                              std::deque<std::string>& scratch)
    {
        constexpr auto slot = static_cast<std::size_t>(Target::Service);
        const Best& best = choice.best[slot];
        if (choice.pod.field == npos || best.alias == nullptr) return;
        const bool container = best.alias->form == AliasTable::Form::Container;
        if (!container && best.alias->form != AliasTable::Form::Pod) return;
        const auto taken = [&event](std::string_view name) {
            return std::any_of(event.fields.begin(), event.fields.end(),
                               [name](const FieldValue& field) { return field.path == name; });
        };
        const std::string_view path = !taken("service") ? "service" : "service.name";
        if (taken(path)) return;
        const FieldValue& pod = event.fields[choice.pod.field];
        const FieldValue* const other = container ? &event.fields[best.field] : nullptr;
        scratch.emplace_back(serviceOfPod(pod.text, other != nullptr ? other->text : std::string_view()));
        FieldValue field;
        field.path = path;
        field.text = scratch.back();
        field.implied = pod.implied && (other == nullptr || other->implied);
        // A pod or a container that the path names, and the other one in the line: too rare to repeat.
        const bool half = pod.implied || (other != nullptr && other->implied);
        found.valueDependent = found.valueDependent || (half && !field.implied) || scratch.back().empty();
        found.rewrites[2] = {choice.pod.field, event.fields.size(), container ? best.field : npos,
                             AliasTable::Form::Pod};
        found.field[slot] = event.fields.size();
        event.fields.push_back(field);
    }

    AliasTable m_table;
};

} // namespace

std::string canonicalId(std::string_view text, AliasTable::Form form, bool trace)
{
    const std::size_t digits = trace ? 32 : 16;
    if (form == AliasTable::Form::Gcp) {
        const std::size_t slash = text.rfind("/traces/");
        if (slash == std::string_view::npos) return {};
        text.remove_prefix(slash + 8);
    } else if (form == AliasTable::Form::TraceParent) {
        if (text.size() < 55 || text[2] != '-' || text[35] != '-' || text[52] != '-') return {};
        text = trace ? text.substr(3, 32) : text.substr(36, 16);
    } else if (form == AliasTable::Form::Decimal && isDigits(text) && text.size() <= 20) {
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc() || value == 0) return {};
        std::string hex(digits, '0');
        for (std::size_t i = digits; value != 0; value >>= 4) hex[--i] = "0123456789abcdef"[value & 15];
        return hex;
    }
    if (text.size() > 64) return {};
    std::string id;
    for (const char c : text) {
        if (c == '-') continue;
        id.push_back(c >= 'A' && c <= 'F' ? static_cast<char>(c + ('a' - 'A')) : c);
    }
    if (!isHex(id) || id.find_first_not_of('0') == std::string::npos) return {};
    if (trace && id.size() == 16) id.insert(0, 16, '0');
    return id.size() == digits ? id : std::string();
}

Severity readSeverity(std::string_view value, const SeverityReading& reading)
{
    if (reading.text)
        if (const auto named = severityFromText(value)) return *named;
    const auto number = wholeNumber(value);
    return number ? severityFromNumber(*number, reading.scale).value_or(0) : Severity{0};
}

bool isSettledId(std::string_view text, std::size_t digits)
{
    if (text.size() == digits && isHex(text)) return !isZeroId(text);
    return canonicalId(text, AliasTable::Form::Plain, digits == 32).empty() && !isZeroId(text);
}

Result<std::shared_ptr<const Normaliser>> Normaliser::load(std::string_view aliasesJson)
{
    auto table = AliasTable::parse(aliasesJson);
    if (!table) return std::move(table).error();
    return std::shared_ptr<const Normaliser>(std::make_shared<AliasNormaliser>(std::move(*table)));
}

} // namespace faultline
