#pragma once
#include "models/session/demo/event.h"
#include "models/session/demo/line_buffer.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace faultline::demo {

/// A message that a service logs. `text` has holes in braces, {user}, {ms}...; quotes are written \".
struct MessageRow
{
    Service service;
    Phase phase;
    std::uint16_t kinds; ///< bit per Kind; 0: any
    char level;          ///< 'T' 'D' 'I' 'W' 'E' 'F'
    std::string_view text;
    std::string_view logger;      ///< class or module, in the manner of the service's language
    std::uint16_t line;           ///< of the source
    std::string_view errorType{}; ///< not empty: the line has an error with this type
    std::string_view stack{};     ///< in JSON escapes
};

enum class Hole : std::uint8_t {
    End,
    User,
    Order,
    Sku,
    Ms,
    Path,
    Method,
    Status,
    Items,
    Amount,
    Ip,
    InUse,
    Waiting,
    Attempt,
    Number,
    Pod,
    Session,
    Query
};

/// The rows, taken apart once, and the choice between them.
class Catalogue
{
public:
    Catalogue();
    const MessageRow& row(std::uint16_t index) const;
    /// A row for this line, or -1 when the service has none for that phase.
    int choose(Service service, Phase phase, Kind kind, std::uint32_t random) const
    {
        const auto& rows =
            m_choices[demo::index(service)][static_cast<std::size_t>(phase)][static_cast<std::size_t>(kind)];
        return rows.empty() ? -1 : rows[random % rows.size()];
    }
    /// The message with its holes filled, JSON-escaped.
    void message(const Event& event, LineBuffer& out) const;

private:
    struct Piece
    {
        std::string_view literal;
        Hole hole = Hole::End; ///< behind the literal
    };
    std::vector<std::vector<Piece>> m_pieces;
    std::array<std::array<std::array<std::vector<std::uint16_t>, kKinds>, kPhases>, kServices> m_choices;
};

/// All rows, in the order of their numbers.
std::span<const MessageRow> messageRows();

// Values that belong to an event.
void appendPath(const Event& event, LineBuffer& out); ///< "/product/SKU-0412"
std::string_view method(Kind kind);
void appendPod(Service service, std::uint32_t pick, LineBuffer& out); ///< "cart-6f7c9d8b5-k2x7q"
void appendAddress(std::uint32_t address, LineBuffer& out);           ///< documentation ranges only
std::string_view userAgent(std::uint8_t agent);
std::string_view searchTerms(std::uint32_t pick);

} // namespace faultline::demo
