#pragma once
#include "models/ingest/decoder.h"
#include "models/ingest/id_form.h"
#include "models/records/severity.h"
#include "models/records/shape.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace faultline {

/// What a source knows that its events do not say.
struct SourceContext
{
    std::string format; ///< the decoder's name
    TimeContext time;   ///< zone for texts without one, arrival
    /// Fields that hold for all events of the source (from the path template): path, value.
    std::vector<std::pair<std::string, std::string>> constants;
    /// Fields the user set for this source: canonical name ("timestamp", "severity", "message", "service",
    /// "host", "logger", "trace_id", "span_id") -> field path. Tried before the aliases.
    std::vector<std::pair<std::string, std::string>> overrides;
    std::int64_t clockOffset = 0; ///< ns, added to every time that an event has
    std::string innerJson; ///< path of a text that holds a JSON object, beside those that are known; or empty
};

/// The canonical reading of one event: indices into DecodedEvent::fields, npos when there is none.
struct CanonicalFields
{
    static constexpr std::size_t npos = static_cast<std::size_t>(-1);
    std::optional<ParsedTime> time; ///< nothing: missing, 0 or not representable
    std::size_t timeField = npos;   ///< the field that `time` was read from
    TimeLayout written;             ///< of `timeField`'s text; `time` has none where a clock is mended
    std::size_t nanosField = npos;  ///< with whole seconds in `timeField`: the one that has the nanoseconds
    Severity severity = 0;
    std::size_t severityField = npos;
    std::array<std::size_t, kCanonicalCount> field = none();
    /// True when another event with the same names and kinds could have been read in another way: the time is
    /// not the first alias present, no alias holds a time though one is present, an id could not be read,
    /// severity comes from a value that is not a level, inner JSON was unwrapped. The fast path does not
    /// learn from it.
    bool valueDependent = false;
    /// What was rewritten: canonicalId() of field `from` became the derived field `to`. Trace, then span,
    /// then the service: serviceOfPod() of the pod in `from` and the container in `other` (npos: none).
    struct Rewrite
    {
        std::size_t from = npos, to = npos, other = npos;
        IdForm form = IdForm::Plain;
    };
    std::array<Rewrite, 3> rewrites;
    static constexpr std::array<std::size_t, kCanonicalCount> none()
    {
        std::array<std::size_t, kCanonicalCount> indices{};
        for (auto& index : indices) index = npos;
        return indices;
    }
};

/// How the severity of events with one shape is read from the value of their severity field.
struct SeverityReading
{
    bool text = true; ///< by name; else by number in `scale`
    SeverityScale scale = SeverityScale::Unknown;
};

/// The severity that a level's value has in this reading: by name, or by number when it is one (as text too);
/// 0 when it has none. The one function that apply() and the fast path use.
Severity readSeverity(std::string_view value, const SeverityReading& reading);

/// Whether apply() takes an id as it is: lower-case hex of exactly `digits` digits (32 for a trace, 16 for a
/// span), not all zero; also true of texts that are no id at all (nothing to rewrite). The fast path asks it
/// per value.
bool isSettledId(std::string_view text, std::size_t digits);

/// Finds the canonical fields of events by the aliases of resources/fields/aliases.json and the user's
/// overrides.
///
/// Which field is service, message, trace ... depends only on the names and kinds of the event's fields and
/// on the source, never on values, with three exceptions that are decided per event: the time is the first
/// alias whose value is a time, and ids that have to be rewritten (dashes, upper case, traceparent, 16
/// digits) are appended to the event's fields as derived values ("trace_id", "span_id"; "trace.id", "span.id"
/// where the event has that name already), and so is a service that follows from a pod's name ("service";
/// "service.name" where that is taken). `constants` of the source are appended as derived fields where the
/// event has none of that path. So all events of one skeleton have one assignment.
///
/// Threads  Immutable after load(); any thread.
class Normaliser
{
public:
    /// Reads the aliases that are compiled in. An Error means the resource is broken (a test holds it).
    static Result<std::shared_ptr<const Normaliser>> load(std::string_view aliasesJson);
    virtual ~Normaliser() = default;
    /// May append derived fields to `event.fields`; their text lives in `scratch` until it is reused.
    virtual CanonicalFields apply(DecodedEvent& event, const SourceContext& source,
                                  std::deque<std::string>& scratch) const = 0;
    /// How apply() read severity for such an event: for the fast path, which repeats it per value.
    virtual SeverityReading severityReading(const DecodedEvent& event, const CanonicalFields& fields,
                                            const SourceContext& source) const = 0;
};

} // namespace faultline
