#include "models/ingest/alias_table.h"

#include "models/base/hash.h"

#include <nlohmann/json.hpp>
#include <optional>

namespace faultline {

namespace {

constexpr std::size_t kMaxPath = 96;
constexpr std::uint16_t kLastRank = 2000;

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

std::string lowered(std::string_view text)
{
    std::string out(text);
    for (auto& c : out) c = lower(c);
    return out;
}

std::optional<std::uint16_t> kindBits(const nlohmann::json& names)
{
    static constexpr std::pair<std::string_view, ValueKind> kNames[] = {
        {"text", ValueKind::Text},     {"int", ValueKind::Int},   {"decimal", ValueKind::Decimal},
        {"number", ValueKind::Number}, {"json", ValueKind::Json}, {"bool", ValueKind::Bool}};
    std::uint16_t bits = 0;
    for (const auto& name : names) {
        const std::uint16_t before = bits;
        for (const auto& [text, kind] : kNames)
            if (name == text) bits = static_cast<std::uint16_t>(bits | 1u << static_cast<unsigned>(kind));
        if (bits == before) return std::nullopt;
    }
    return bits;
}

std::optional<SeverityScale> scaleNamed(std::string_view name)
{
    static constexpr std::pair<std::string_view, SeverityScale> kNames[] = {
        {"pino", SeverityScale::Pino},
        {"syslog", SeverityScale::Syslog},
        {"python", SeverityScale::Python},
        {"logback", SeverityScale::Logback},
        {"gcp", SeverityScale::Gcp},
        {"monolog", SeverityScale::Monolog},
        {"dotnet", SeverityScale::DotNet},
        {"otel", SeverityScale::Otel},
        {"nextcloud", SeverityScale::Nextcloud}};
    for (const auto& [text, scale] : kNames)
        if (text == name) return scale;
    return std::nullopt;
}

Error broken(std::string why)
{
    return makeError(ErrorKind::Internal, "read the field aliases", std::move(why),
                     {"The program's resource fields/aliases.json is damaged: install it again."});
}

} // namespace

AliasTable::Entry& AliasTable::entryFor(std::string_view path)
{
    const std::string name = lowered(path);
    for (auto& entry : m_entries)
        if (entry.lower == name) return entry;
    m_entries.emplace_back();
    m_entries.back().lower = name;
    return m_entries.back();
}

std::uint64_t AliasTable::markFor(const std::string& path)
{
    Entry& entry = entryFor(path);
    if (entry.mark == 0 && m_marks < 64) {
        entry.mark = std::uint64_t{1} << m_marks++;
        entry.marked = path;
    }
    return entry.marked == path ? entry.mark : 0;
}

void AliasTable::index()
{
    std::size_t size = 64;
    while (size < m_entries.size() * 3) size *= 2;
    m_slots.assign(size, 0);
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        std::size_t place = hash64(m_entries[i].lower) & (size - 1);
        while (m_slots[place] != 0) place = (place + 1) & (size - 1);
        m_slots[place] = static_cast<std::uint16_t>(i + 1);
    }
}

Result<AliasTable> AliasTable::parse(std::string_view text)
{
    static constexpr std::string_view kNames[kTargets] = {"message",  "service", "host",      "logger",
                                                          "trace_id", "span_id", "timestamp", "severity"};
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) return broken("not a JSON object");
    AliasTable table;
    for (std::size_t target = 0; target < kTargets; ++target) {
        const auto list = json.find(kNames[target]);
        if (list == json.end() || !list->is_array()) return broken("no list " + std::string(kNames[target]));
        std::uint16_t rank = 0;
        for (const auto& item : *list) {
            if (!item.is_object() || !item.contains("path") || !item["path"].is_string())
                return broken("an alias without a path in " + std::string(kNames[target]));
            Alias alias;
            alias.target = static_cast<Target>(target);
            alias.path = item["path"].get<std::string>();
            if (item.contains("seconds")) alias.path = item["seconds"].get<std::string>();
            alias.nanos = item.value("nanos", std::string());
            alias.rank = rank++;
            // Tried after all others, also those that differ in case.
            if (item.value("last", false)) alias.rank = static_cast<std::uint16_t>(alias.rank + kLastRank);
            const std::string form = item.value("form", std::string("plain"));
            if (form == "decimal")
                alias.form = Form::Decimal;
            else if (form == "gcp")
                alias.form = Form::Gcp;
            else if (form == "traceparent")
                alias.form = Form::TraceParent;
            else if (form == "pod")
                alias.form = Form::Pod;
            else if (form == "audit")
                alias.form = Form::Audit;
            else if (form == "container")
                alias.form = Form::Container;
            else if (form != "plain")
                return broken("form " + form);
            if (item.contains("kinds")) {
                const auto bits = kindBits(item["kinds"]);
                if (!bits) return broken("kinds of " + alias.path);
                alias.kinds = *bits;
            }
            if (item.contains("with")) {
                for (const auto& other : item["with"]) {
                    const std::uint64_t mark = table.markFor(other.get<std::string>());
                    if (mark == 0) return broken("mark " + other.get<std::string>());
                    alias.with |= mark;
                }
            }
            table.entryFor(alias.path).aliases.push_back(static_cast<std::uint32_t>(table.m_aliases.size()));
            table.m_aliases.push_back(std::move(alias));
        }
    }
    for (const auto& item : json.value("scales", nlohmann::json::array())) {
        const auto scale = scaleNamed(item.value("scale", std::string()));
        if (!scale) return broken("scale " + item.dump());
        ScaleRule rule;
        rule.scale = *scale;
        for (const auto& key : item.value("keys", nlohmann::json::array())) {
            const std::uint64_t mark = table.markFor(key.get<std::string>());
            if (mark == 0) return broken("mark " + key.dump());
            rule.marks |= mark;
        }
        table.m_scales.push_back(rule);
    }
    for (const auto& item : json.value("scale_of", nlohmann::json::array())) {
        const auto scale = scaleNamed(item.value("scale", std::string()));
        if (!scale) return broken("scale " + item.dump());
        table.m_scaleOf.emplace_back(lowered(item.value("path", std::string())), *scale);
    }
    table.index();
    return table;
}

const AliasTable::Entry* AliasTable::find(std::string_view path) const
{
    if (path.size() > kMaxPath) return nullptr;
    std::array<char, kMaxPath> buffer;
    for (std::size_t i = 0; i < path.size(); ++i) buffer[i] = lower(path[i]);
    const std::string_view name(buffer.data(), path.size());
    const std::size_t mask = m_slots.size() - 1;
    for (std::size_t place = hash64(name) & mask; m_slots[place] != 0; place = (place + 1) & mask) {
        const Entry& entry = m_entries[m_slots[place] - 1u];
        if (entry.lower == name) return &entry;
    }
    return nullptr;
}

SeverityScale AliasTable::scale(std::string_view path, std::uint64_t marks) const
{
    const std::string name = lowered(path);
    // A path that has one meaning, then the shape of the event, then a path's usual meaning.
    const auto usual = [&]() {
        for (const auto& [known, scale] : m_scaleOf)
            if (known == name) return scale;
        return SeverityScale::Unknown;
    };
    if (name != "severity" && name != "priority")
        if (const SeverityScale scale = usual(); scale != SeverityScale::Unknown) return scale;
    for (const auto& rule : m_scales)
        if ((marks & rule.marks) == rule.marks) return rule.scale;
    return usual();
}

} // namespace faultline
