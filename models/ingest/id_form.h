#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace faultline {

/// How an id, a service or a time stands in its field.
enum class IdForm : std::uint8_t {
    Plain,       ///< hex, any case, with or without dashes
    Decimal,     ///< 64-bit decimal (dd.trace_id)
    Gcp,         ///< projects/<project>/traces/<id>
    TraceParent, ///< 00-<trace>-<span>-<flags>
    Pod,         ///< a service: from the name of a Kubernetes pod, see serviceOfPod()
    Audit,       ///< a time: <seconds>.<milliseconds>:<serial>, as Linux's audit log numbers its events
    Container,   ///< a service: the name of a container, unless the pod says more
};

/// The canonical form of a trace id (32 digits) or span id (16): lower-case hex, dashes stripped, 16-digit
/// trace ids padded, cut out of what it stands in. Empty when there is none, or when it is all zeros.
std::string canonicalId(std::string_view text, IdForm form, bool trace);
/// Whether a plain id of `digits` digits is left as it is: canonical, or no hex at all.
bool isSettledId(std::string_view text, std::size_t digits);

} // namespace faultline
