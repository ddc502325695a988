#pragma once
#include "models/ingest/record_builder.h"

#include <string_view>

namespace faultline {

class JsonEvents;

/// When the document on `tape` is an envelope (CloudTrail Records, Azure records, CloudWatch events and
/// logEvents, Kubernetes EventList items, Seq Events, OTLP resourceLogs): makes one event an element, with
/// the envelope's bytes as glue and its own members as derived fields, and is true.
bool readEnvelope(JsonEvents& events, RecordBuilder& builder, const JsonTape& tape,
                  std::string_view document);
/// The OTLP part of it: one event a log record; attributes become fields under their own names.
bool readOtlp(RecordBuilder& builder, const JsonTape& tape, std::string_view document);

} // namespace faultline
