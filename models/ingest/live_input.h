#pragma once
#include "models/ingest/byte_input.h"

#include <chrono>
#include <functional>
#include <stop_token>

namespace faultline {

/// Opens a pipe so that its silence is heard: read() answers with 0 bytes, no eof, when nothing came for
/// `quiet`. A thread of its own waits for the pipe and takes at most 1 MiB ahead, through whatever layers of
/// compression `open` puts over it.
///
/// Stop     What was taken before is still given, then 0 bytes without eof.
/// Errors   Those of `open` and of its stream.
Result<std::unique_ptr<ByteInput>>
openLiveInput(const std::function<Result<std::unique_ptr<ByteInput>>(std::stop_token)>& open,
              const std::stop_token& stop, std::chrono::milliseconds quiet = std::chrono::milliseconds(40));

} // namespace faultline
