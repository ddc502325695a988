#pragma once
#include <string_view>

namespace faultline {

/// The name of the Kubernetes workload that a pod belongs to: the pod's name without what its controller put
/// behind it (a Deployment's hash and suffix, a DaemonSet's suffix, a StatefulSet's ordinal, a CronJob's
/// time). The pod's own name when it has nothing of the kind. A part of `pod`, never empty unless that is.
std::string_view workloadName(std::string_view pod);

/// What people call the service that runs in a container of a pod: the container, unless it is empty or has
/// one of the names that say nothing ("server", "app"), then the workload. Either may be empty.
std::string_view serviceOfPod(std::string_view pod, std::string_view container);

} // namespace faultline
