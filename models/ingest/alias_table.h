#pragma once
#include "models/base/result.h"
#include "models/ingest/id_form.h"
#include "models/records/severity.h"
#include "models/records/value.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// resources/fields/aliases.json, read into a table that is asked once a field. Immutable; any thread.
class AliasTable
{
public:
    /// What an alias stands for: the canonical fields in the order of Canonical, then time and severity.
    enum class Target : std::uint8_t { Message, Service, Host, Logger, TraceId, SpanId, Time, Level, Count };
    static constexpr std::size_t kTargets = static_cast<std::size_t>(Target::Count);
    using Form = IdForm;

    struct Alias
    {
        std::string path;        ///< as it is spelled most often
        std::string nanos;       ///< Time: the field that holds the nanoseconds beside the seconds
        std::uint64_t with = 0;  ///< marks that must be there too
        std::uint16_t kinds = 0; ///< bit of each ValueKind that is taken; 0: all
        std::uint16_t rank = 0;  ///< place in the order of its target
        Target target = Target::Message;
        Form form = Form::Plain;
        bool takes(ValueKind kind) const
        {
            return kinds == 0 || (kinds >> static_cast<unsigned>(kind) & 1) != 0;
        }
    };
    struct Entry
    {
        std::string lower;                  ///< the path in lower case
        std::vector<std::uint32_t> aliases; ///< indices into aliases()
        std::string marked;                 ///< the exact name of the mark, when it is one
        std::uint64_t mark = 0;
    };

    static Result<AliasTable> parse(std::string_view json);

    /// The entry of a path, compared without case; nullptr when there is none.
    const Entry* find(std::string_view path) const;
    const Alias& alias(std::uint32_t index) const { return m_aliases[index]; }
    /// The scale of a numeric level found under `path` in an event with these marks.
    SeverityScale scale(std::string_view path, std::uint64_t marks) const;

private:
    Entry& entryFor(std::string_view path);
    std::uint64_t markFor(const std::string& path);
    void index();
    struct ScaleRule
    {
        std::uint64_t marks = 0;
        SeverityScale scale = SeverityScale::Unknown;
    };
    std::vector<Alias> m_aliases;
    std::vector<Entry> m_entries;
    std::vector<std::uint16_t> m_slots; ///< open addressing: entry + 1, 0 free
    std::vector<ScaleRule> m_scales;
    std::vector<std::pair<std::string, SeverityScale>> m_scaleOf;
    std::uint8_t m_marks = 0;
};

} // namespace faultline
