#include "models/session/demo/catalogue.h"

#include <utility>

namespace faultline::demo {
namespace {

constexpr std::pair<std::string_view, Hole> kHoles[] = {
    {"user", Hole::User},       {"order", Hole::Order},   {"sku", Hole::Sku},
    {"ms", Hole::Ms},           {"path", Hole::Path},     {"method", Hole::Method},
    {"status", Hole::Status},   {"items", Hole::Items},   {"amount", Hole::Amount},
    {"ip", Hole::Ip},           {"inuse", Hole::InUse},   {"waiting", Hole::Waiting},
    {"attempt", Hole::Attempt}, {"number", Hole::Number}, {"pod", Hole::Pod},
    {"session", Hole::Session}, {"query", Hole::Query},
};

constexpr std::string_view kQueryV2 =
    "SELECT p.*, h.* FROM prices p JOIN price_history h ON h.sku = p.sku WHERE "
    "h.valid_from <= now() ORDER BY h.valid_from DESC";
constexpr std::string_view kQueryV1 = "SELECT cents FROM prices WHERE sku = ANY($1)";

constexpr std::string_view kAgents[] = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "ShopApp/7.4.1 (Android 15; Pixel 8)",
    "ShopApp/7.4.0 (iOS 18.1; iPhone16,2)",
};
constexpr std::string_view kTerms[] = {
    "red shoes",       "rain jacket",   "tent 2 persons",  "wool socks", "head torch", "kids backpack",
    "water bottle 1l", "trail running", "sleeping bag -5", "stove",      "map case",   "climbing rope 60m",
    "thermos",         "gaiters",       "poncho",          "hat",
};

} // namespace

Catalogue::Catalogue()
{
    const auto rows = messageRows();
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::vector<Piece> pieces;
        std::string_view rest = rows[i].text;
        while (!rest.empty()) {
            Piece piece;
            const std::size_t open = rest.find('{');
            piece.literal = rest.substr(0, open);
            rest.remove_prefix(piece.literal.size());
            if (!rest.empty()) {
                const std::size_t close = rest.find('}');
                for (const auto& [name, hole] : kHoles)
                    if (rest.substr(1, close - 1) == name) piece.hole = hole;
                rest.remove_prefix(close + 1);
            }
            pieces.push_back(piece);
        }
        m_pieces.push_back(std::move(pieces));
    }
    // A row for certain kinds goes before the rows for any.
    for (std::size_t service = 0; service < kServices; ++service)
        for (std::size_t phase = 0; phase < kPhases; ++phase)
            for (std::size_t kind = 0; kind < kKinds; ++kind) {
                auto& choice = m_choices[service][phase][kind];
                for (const bool special : {true, false}) {
                    for (std::size_t i = 0; i < rows.size(); ++i) {
                        const MessageRow& row = rows[i];
                        if (demo::index(row.service) != service ||
                            static_cast<std::size_t>(row.phase) != phase)
                            continue;
                        if (special ? (row.kinds >> kind & 1) != 0 : row.kinds == 0)
                            choice.push_back(static_cast<std::uint16_t>(i));
                    }
                    if (!choice.empty()) break;
                }
            }
}

const MessageRow& Catalogue::row(std::uint16_t index) const
{
    return messageRows()[index];
}

void Catalogue::message(const Event& event, LineBuffer& out) const
{
    const Request& request = event.request;
    for (const Piece& piece : m_pieces[event.message]) {
        out.text(piece.literal);
        switch (piece.hole) {
        case Hole::End: break;
        case Hole::User: out.number(request.user); break;
        case Hole::Order: out.number(request.order); break;
        case Hole::Sku: out.lit("SKU-").padded(request.sku, 4); break;
        case Hole::Ms: out.number(event.durationUs / 1000); break;
        case Hole::Path: appendPath(event, out); break;
        case Hole::Method: out.text(method(request.kind)); break;
        case Hole::Status: out.number(event.status); break;
        case Hole::Items: out.number(request.items); break;
        case Hole::Amount: out.hundredth(request.cents); break;
        case Hole::Ip: appendAddress(request.address, out); break;
        case Hole::InUse: out.number(event.inUse); break;
        case Hole::Waiting: out.number(event.waiting); break;
        case Hole::Attempt: out.number(event.attempt); break;
        case Hole::Number: out.number(event.salt % 977 + 3); break;
        case Hole::Pod: appendPod(event.service, event.salt, out); break;
        case Hole::Session: out.hex(request.session, 8); break;
        case Hole::Query: out.text(request.variant ? kQueryV2 : kQueryV1); break;
        }
    }
}

std::string_view method(Kind kind)
{
    return kind == Kind::AddToCart || kind == Kind::Checkout || kind == Kind::Login ? "POST" : "GET";
}

void appendPath(const Event& event, LineBuffer& out)
{
    const Request& request = event.request;
    switch (request.kind) {
    case Kind::Home: out.lit("/"); break;
    case Kind::Product: out.lit("/product/SKU-").padded(request.sku, 4); break;
    case Kind::Search:
        out.lit("/search?q=").number(request.sku % 16).lit("&page=").number(request.items);
        break;
    case Kind::AddToCart: out.lit("/api/cart/items"); break;
    case Kind::ViewCart: out.lit("/cart"); break;
    case Kind::Checkout: out.lit("/api/checkout/").number(request.order); break;
    case Kind::Login: out.lit("/api/login"); break;
    case Kind::Track: out.lit("/orders/").number(request.order).lit("/parcel"); break;
    case Kind::Background: out.lit("/internal/health"); break;
    }
}

void appendPod(Service service, std::uint32_t pick, LineBuffer& out)
{
    // Three pods a service; the hash stands for a replica set, the tail for the pod.
    const std::uint64_t set = mix(index(service) + 1000), pod = mix(index(service) * 3 + pick % 3 + 5000);
    out.text(kServiceNames[index(service)]).put('-').hex(set, 9).put('-');
    for (unsigned i = 0; i < 5; ++i) out.put("bcdfghjklmnpqrstvwxz2456789"[(pod >> (i * 8)) % 27]);
}

void appendAddress(std::uint32_t address, LineBuffer& out)
{
    constexpr std::string_view kNets[] = {"192.0.2.", "198.51.100.", "203.0.113."};
    out.text(kNets[address % 3]).number(address / 3 % 254 + 1);
}

std::string_view userAgent(std::uint8_t agent)
{
    return kAgents[agent % std::size(kAgents)];
}
std::string_view searchTerms(std::uint32_t pick)
{
    return kTerms[pick % std::size(kTerms)];
}

} // namespace faultline::demo
