#pragma once
#include "models/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// How the lists of an investigation look: which columns, in which order and how wide, and what else is
/// shown. A value, for sessions and saved views.
struct ListLayout
{
    static constexpr std::size_t kMostColumns = 64;
    static constexpr int kMostChars = 1'000;
    struct Column
    {
        enum class Kind { Time, Level, Service, Message, Field };
        Kind kind = Kind::Field;
        std::string field; ///< of a Field: its path
        int chars = 0;     ///< width in characters, so that it suits every scale; 0: as wide as usual
        bool operator==(const Column&) const = default;
    };
    /// What surrounds an event in the upper list.
    enum class Scope { Everything, Source, Service, Host, Trace };

    /// In order; each at most once. The message takes what the others leave and is always there.
    std::vector<Column> columns{{Column::Kind::Time, {}, 0},
                                {Column::Kind::Level, {}, 0},
                                {Column::Kind::Service, {}, 0},
                                {Column::Kind::Message, {}, 0}};
    bool wrap = false;    ///< long messages over several lines
    bool context = false; ///< the upper list is shown
    Scope scope = Scope::Everything;
    bool operator==(const ListLayout&) const = default;

    /// The fields among the columns, in order.
    std::vector<std::string> fields() const;
};

/// One line of JSON: {"columns":[{"column":"time","chars":26},{"field":"user.id"}],"wrap":false,
/// "context":true,"scope":"source"}; columns are time, severity, service and message.
std::string layoutToJson(const ListLayout& layout);
/// Error: Input, with what is wrong. Unknown members are ignored; at most 64 KiB. A layout without the
/// message gets it as its last column.
Result<ListLayout> layoutFromJson(std::string_view json);

} // namespace faultline
