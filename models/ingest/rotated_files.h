#pragma once
#include "models/ingest/ingest.h"
#include "models/store/source_record.h"

#include <span>
#include <stop_token>

namespace faultline {

/// Makes a run that was paused find again what it followed: a file that got another name, or was compressed,
/// while nobody looked is added to request.paths, in front of the file that has its name now. Nothing is
/// added that does not go on with what was read, and nothing below a folder that is read anyhow.
///
/// `followed`: what the run had read when it was paused; `sources`: all of the store, with their checkpoints.
/// Limits   Looks beside where the file was, at names of its series (app.log, app.log.1,
/// app.log-20260131.gz);
///          of the compressed ones, at the two that came last.
void addRotatedFiles(IngestRequest& request, std::span<const SourceReport> followed,
                     std::span<const SourceRecord> sources, const std::stop_token& stop);

} // namespace faultline
