#pragma once
#include "models/session/ingest_service.h"

#include <QString>

namespace faultline {

/// Why a read brought nothing, a source a line ("bin.log: an executable"), at most `most` of them and the
/// number of the others.
QString skippedText(const IngestReport& report, std::size_t most = 5);

/// What to open instead.
QString whatIsRead();

} // namespace faultline
