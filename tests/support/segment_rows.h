#pragma once
#include "models/store/segment_builder.h"

#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>

namespace faultline::test {

/// An event as it was added, and how its document must come back.
struct Row
{
    TimeNs time = 0;
    std::uint32_t source = 1;
    Ordinal ordinal = 0;
    std::uint8_t severity = 9;
    std::uint16_t flags = 0;
    std::string document;
};

/// Adds random events of three shapes (all kinds of columns, one column, raw text) to a builder.
class Rows
{
public:
    explicit Rows(SegmentBuilder& target) : m_builder(target)
    {
        m_time = m_builder.column("ts", ValueKind::Time);
        m_service = m_builder.column("service", ValueKind::Text);
        m_message = m_builder.column("msg", ValueKind::Text);
        m_status = m_builder.column("status", ValueKind::Int);
        m_took = m_builder.column("took", ValueKind::Decimal);
        m_trace = m_builder.column("trace", ValueKind::Text);
        m_ok = m_builder.column("ok", ValueKind::Bool);
        m_none = m_builder.column("none", ValueKind::Null);
        TimeLayout layout;
        layout.form = TimeLayout::Form::EpochInt;
        layout.unit = 9;
        Shape full;
        full.literals = {"{\"ts\":",       ",\"service\":\"", "\",\"msg\":\"",
                         "\",\"status\":", ",\"took\":",      ",\"trace\":\"",
                         "\",\"ok\":",     ",\"none\":",      "}"};
        full.slots = {{m_time, SlotStyle::Time, layout},
                      {m_service, SlotStyle::JsonString, {}},
                      {m_message, SlotStyle::JsonString, {}},
                      {m_status, SlotStyle::Digits, {}},
                      {m_took, SlotStyle::Digits, {}},
                      {m_trace, SlotStyle::JsonString, {}},
                      {m_ok, SlotStyle::Bool, {}},
                      {m_none, SlotStyle::Null, {}}};
        full.canonical[0] = m_message;
        full.canonical[1] = m_service;
        m_full = m_builder.shape(full);
        Shape small;
        small.literals = {"{\"msg\": \"", "\"}"};
        small.slots = {{m_message, SlotStyle::JsonString, {}}};
        small.canonical[0] = m_message;
        m_small = m_builder.shape(small);
        Shape raw;
        raw.raw = true;
        m_raw = m_builder.shape(raw);
    }

    Row add(std::mt19937_64& random, TimeNs time, Ordinal ordinal)
    {
        Row row;
        row.time = time;
        row.ordinal = ordinal;
        row.source = 1 + static_cast<std::uint32_t>(random() % 2);
        row.severity = static_cast<std::uint8_t>(random() % 25);
        row.flags = random() % 10 == 0 ? FlagTimeMissing : 0;
        RowHeader header{time, ordinal, SourceId{row.source}, 0, row.flags, row.severity, 0};
        const std::string number = std::to_string(random() % 100'000);
        const std::string message = "order " + number + " took " + std::to_string(random() % 977) +
                                    " ms for \"user-" + std::to_string(random() % 50) + "\"";
        std::string escaped;
        for (const char c : message) escaped += c == '"' ? std::string("\\\"") : std::string(1, c);
        switch (random() % 8) {
        case 0:
            header.shape = m_raw;
            row.document = "not { json " + number;
            m_builder.addText(RawColumn, row.document);
            break;
        case 1:
            header.shape = m_small;
            m_builder.addText(m_message, message);
            row.document = "{\"msg\": \"" + escaped + "\"}";
            break;
        default: {
            header.shape = m_full;
            const std::string service = "svc-" + std::to_string(random() % 12);
            const auto status = static_cast<std::int64_t>(random() % 600) - 100;
            const auto mantissa = static_cast<std::int64_t>(random() % 2'000'000) - 1'000'000;
            const bool ok = random() % 2;
            char hex[17];
            std::snprintf(hex, sizeof hex, "%016llx",
                          static_cast<unsigned long long>(random() % 3'000 * 0x9e3779b97f4a7c15u));
            m_builder.addPresent(m_time);
            m_builder.addText(m_service, service);
            m_builder.addText(m_message, message);
            m_builder.addInt(m_status, status);
            m_builder.addDecimal(m_took, {mantissa, 3});
            m_builder.addText(m_trace, hex);
            m_builder.addInt(m_ok, ok);
            m_builder.addPresent(m_none);
            char took[40];
            std::snprintf(took, sizeof took, "%s%lld.%03lld", mantissa < 0 ? "-" : "",
                          std::abs(mantissa) / 1'000LL, std::abs(mantissa) % 1'000LL);
            row.document = "{\"ts\":" + std::to_string(time) + ",\"service\":\"" + service + "\",\"msg\":\"" +
                           escaped + "\",\"status\":" + std::to_string(status) + ",\"took\":" + took +
                           ",\"trace\":\"" + hex + "\",\"ok\":" + (ok ? "true" : "false") + ",\"none\":null}";
        }
        }
        header.documentBytes = static_cast<std::uint32_t>(row.document.size());
        m_builder.endRow(header);
        return row;
    }

private:
    SegmentBuilder& m_builder;
    ColumnIndex m_time, m_service, m_message, m_status, m_took, m_trace, m_ok, m_none;
    std::uint32_t m_full, m_small, m_raw;
};

} // namespace faultline::test
