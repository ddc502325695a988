#pragma once
#include "models/session/demo/demo.h"

namespace faultline::demo {

/// JSON lines of the deployments and roll-backs: OpenTelemetry attribute names (deployment.*, service.*,
/// vcs.*).
Status writeDeployments(TimeNs start, DemoWriter& writer);
/// JSON lines of the flag's changes: OpenTelemetry feature_flag.* attributes, who, from and to which share.
Status writeFlagChanges(TimeNs start, DemoWriter& writer);

} // namespace faultline::demo
