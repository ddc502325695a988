#include "models/session/handover_protocol.h"

#include "models/base/hash.h"
#include "models/records/utf8.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>

namespace faultline::handover {

namespace {

using Json = nlohmann::json;

constexpr char kMagic[] = "FLH1";
constexpr std::size_t kMaxName = 64; // of the socket's file; longer ones become a hash

Error malformed(const std::string& why)
{
    return makeError(ErrorKind::Input, "read a message of another Faultline process", why);
}

// Brackets are counted before anything is built: a tree of any depth would cost memory without bound.
bool tooDeep(std::string_view json)
{
    unsigned depth = 0;
    bool inText = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (inText) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                inText = false;
        } else if (c == '"') {
            inText = true;
        } else if (c == '{' || c == '[') {
            if (++depth > kMaxDepth) return true;
        } else if ((c == '}' || c == ']') && depth > 0) {
            --depth;
        }
    }
    return false;
}

Result<Json> parse(std::string_view text)
{
    if (tooDeep(text)) return malformed("it is nested too deep");
    Json json = Json::parse(text, nullptr, false);
    if (!json.is_object()) return malformed("it is not a JSON object");
    return json;
}

Json packed(const std::string& text)
{
    if (isValidUtf8(text)) return text;
    static constexpr char digits[] = "0123456789abcdef";
    std::string hex;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        hex += digits[byte >> 4];
        hex += digits[byte & 15];
    }
    return Json{{"hex", hex}};
}

int nibble(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Reads members of one object; remembers the first that is missing or of another kind.
class Members
{
public:
    explicit Members(const Json& object) : m_object(object) {}

    void get(const char* name, std::string& out)
    {
        const Json* value = find(name);
        if (value != nullptr && !unpack(*value, out)) fail(name);
    }
    void get(const char* name, bool& out)
    {
        const Json* value = find(name);
        if (value == nullptr) return;
        if (value->is_boolean())
            out = value->get<bool>();
        else
            fail(name);
    }
    void get(const char* name, double& out)
    {
        const Json* value = find(name);
        if (value == nullptr) return;
        if (value->is_number())
            out = value->get<double>();
        else
            fail(name);
    }
    template <class Number>
    requires std::is_integral_v<Number>
    void get(const char* name, Number& out)
    {
        const Json* value = find(name);
        if (value == nullptr) return;
        if (value->is_number_unsigned() && std::in_range<Number>(value->get<std::uint64_t>()))
            out = static_cast<Number>(value->get<std::uint64_t>());
        else if (value->is_number_integer() && !value->is_number_unsigned() &&
                 std::in_range<Number>(value->get<std::int64_t>()))
            out = static_cast<Number>(value->get<std::int64_t>());
        else
            fail(name);
    }
    void get(const char* name, Tally& out)
    {
        const Json* value = find(name);
        if (value == nullptr) return;
        if (!value->is_array() || value->size() != 2 || !(*value)[0].is_number_unsigned() ||
            !(*value)[1].is_number_unsigned())
            return fail(name);
        out = {(*value)[0].get<std::uint64_t>(), (*value)[1].get<std::uint64_t>()};
    }
    void get(const char* name, std::vector<std::string>& out)
    {
        const Json* value = array(name);
        if (value == nullptr) return;
        out.resize(value->size());
        for (std::size_t i = 0; i < out.size(); ++i)
            if (!unpack((*value)[i], out[i])) return fail(name);
    }
    bool has(const char* name) const { return m_object.contains(name); }
    const Json* object(const char* name)
    {
        const Json* value = find(name);
        if (value != nullptr && value->is_object()) return value;
        fail(name);
        return nullptr;
    }
    const Json* array(const char* name)
    {
        const Json* value = find(name);
        if (value != nullptr && value->is_array()) return value;
        fail(name);
        return nullptr;
    }
    std::optional<Error> error() const
    {
        if (m_bad.empty()) return std::nullopt;
        return malformed("its member \"" + m_bad + "\" is missing or not what it should be");
    }

private:
    const Json* find(const char* name)
    {
        const auto at = m_object.find(name);
        if (at != m_object.end()) return &*at;
        fail(name);
        return nullptr;
    }
    void fail(const char* name)
    {
        if (m_bad.empty()) m_bad = name;
    }
    static bool unpack(const Json& value, std::string& out)
    {
        if (value.is_string()) {
            out = value.get_ref<const std::string&>();
            return true;
        }
        const auto hex = value.is_object() ? value.find("hex") : value.end();
        if (!value.is_object() || hex == value.end() || !hex->is_string()) return false;
        const auto& digits = hex->get_ref<const std::string&>();
        if (digits.size() % 2 != 0) return false;
        out.clear();
        for (std::size_t i = 0; i < digits.size(); i += 2) {
            const int high = nibble(digits[i]), low = nibble(digits[i + 1]);
            if (high < 0 || low < 0) return false;
            out += static_cast<char>(high * 16 + low);
        }
        return true;
    }
    const Json& m_object;
    std::string m_bad;
};

Json tally(const Tally& value)
{
    return Json::array({value.records, value.bytes});
}

Json ledgerJson(const Ledger& ledger)
{
    return {{"received", tally(ledger.received)},
            {"stored", tally(ledger.stored)},
            {"quarantined", tally(ledger.quarantined)},
            {"duplicates", tally(ledger.duplicates)},
            {"events", ledger.events},
            {"cut_bytes", ledger.cutBytes},
            {"joined", ledger.joined}};
}

std::optional<Error> readLedger(const Json* json, Ledger& out)
{
    if (json == nullptr) return malformed("a ledger is missing");
    Members members(*json);
    members.get("received", out.received);
    members.get("stored", out.stored);
    members.get("quarantined", out.quarantined);
    members.get("duplicates", out.duplicates);
    members.get("events", out.events);
    members.get("cut_bytes", out.cutBytes);
    members.get("joined", out.joined);
    return members.error();
}

Result<Reply> readProgress(Members& members)
{
    IngestProgress progress;
    members.get("bytes_done", progress.bytesDone);
    members.get("bytes_total", progress.bytesTotal);
    members.get("decoded_bytes", progress.decodedBytes);
    members.get("events", progress.events);
    members.get("quarantined", progress.quarantined);
    members.get("sources_done", progress.sourcesDone);
    members.get("sources_total", progress.sourcesTotal);
    members.get("bytes_per_second", progress.bytesPerSecond);
    members.get("seconds_left", progress.secondsLeft);
    members.get("current", progress.current);
    members.get("paused", progress.paused);
    if (auto error = members.error()) return *error;
    return Reply(std::move(progress));
}

Result<Reply> readError(Members& members)
{
    Error error;
    std::uint8_t kind = 0;
    members.get("kind", kind);
    members.get("what", error.what);
    members.get("why", error.why);
    members.get("hints", error.hints);
    members.get("bytes_needed", error.bytesNeeded);
    if (auto bad = members.error()) return *bad;
    if (kind > static_cast<std::uint8_t>(ErrorKind::Internal)) return malformed("an unknown kind of error");
    error.kind = static_cast<ErrorKind>(kind);
    return Result<Reply>(Reply(std::in_place_type<Error>, std::move(error)));
}

Result<Reply> readReport(Members& outer)
{
    IngestReport report;
    const Json* inner = outer.object("report");
    if (auto error = outer.error()) return *error;
    Members members(*inner);
    members.get("seconds", report.seconds);
    members.get("cancelled", report.cancelled);
    const Json* sources = members.array("sources");
    if (auto error = readLedger(members.object("total"), report.total)) return *error;
    if (auto error = members.error()) return *error;
    for (const Json& one : *sources) {
        if (!one.is_object()) return malformed("a source is not an object");
        SourceReport source;
        Members fields(one);
        std::uint8_t state = 0;
        fields.get("id", source.id.value);
        fields.get("name", source.name);
        fields.get("path", source.path);
        fields.get("format", source.format);
        fields.get("state", state);
        fields.get("detail", source.detail);
        if (auto error = readLedger(fields.object("ledger"), source.ledger)) return *error;
        if (auto error = fields.error()) return *error;
        if (state < static_cast<std::uint8_t>(SourceState::Reading) ||
            state > static_cast<std::uint8_t>(SourceState::Duplicate))
            return malformed("an unknown state of a source");
        source.state = static_cast<SourceState>(state);
        report.sources.push_back(std::move(source));
    }
    return Reply(std::move(report));
}

Result<Request> readChange(Members& members)
{
    SourceChangeRequest change;
    std::uint8_t what = 0;
    std::string settings;
    members.get("what", what);
    members.get("source", change.source.value);
    members.get("settings", settings);
    if (auto error = members.error()) return *error;
    if (what < static_cast<std::uint8_t>(SourceChangeRequest::What::Set) ||
        what > static_cast<std::uint8_t>(SourceChangeRequest::What::Reclaim))
        return malformed("it asks for a change that this program cannot make");
    if (members.has("seen")) { // not sent by older ones
        const Json* object = members.object("seen");
        if (auto error = members.error()) return *error;
        Members inner(*object);
        SourceChangeRequest::Seen& seen = change.seen.emplace();
        inner.get("live", seen.live);
        inner.get("removed", seen.removed);
        inner.get("newest", seen.newest);
        if (auto error = inner.error()) return *error;
    }
    auto parsed = parseSettings(settings);
    if (!parsed) return malformed("its settings: " + parsed.error().why);
    change.what = static_cast<SourceChangeRequest::What>(what);
    change.settings = std::move(*parsed);
    Request request;
    request.change = std::move(change);
    return request;
}

Result<Request> readRemoval(Members& members)
{
    const Json* sources = members.array("sources");
    if (auto error = members.error()) return *error;
    Request request;
    for (const Json& one : *sources) {
        if (!one.is_number_unsigned() || !std::in_range<std::uint32_t>(one.get<std::uint64_t>()))
            return malformed("a source has no number");
        request.remove.push_back(SourceId{one.get<std::uint32_t>()});
    }
    if (request.remove.empty()) return malformed("it names nothing to remove");
    return request;
}

} // namespace

std::string frame(std::string_view json)
{
    std::string out(kMagic, 4);
    for (unsigned shift = 0; shift < 32; shift += 8) out += static_cast<char>(json.size() >> shift & 255);
    out += json;
    return out;
}

Result<std::size_t> payloadBytes(std::string_view header, std::size_t limit)
{
    if (header.size() < kHeaderBytes || header.substr(0, 4) != std::string_view(kMagic, 4))
        return malformed("it does not begin like one");
    std::size_t size = 0;
    for (unsigned i = 0; i < 4; ++i)
        size |= std::size_t{static_cast<unsigned char>(header[4 + i])} << (8 * i);
    if (size > limit)
        return makeError(ErrorKind::Limit, "read a message of another Faultline process",
                         "it has " + std::to_string(size) + " bytes, at most " + std::to_string(limit) +
                             " are taken");
    return size;
}

Result<std::optional<std::string>> takeFrame(std::string& buffer, std::size_t limit)
{
    // The first bytes decide at once, so that garbage is not waited for.
    const std::size_t known = std::min<std::size_t>(buffer.size(), 4);
    if (std::string_view(buffer).substr(0, known) != std::string_view(kMagic, known))
        return malformed("it does not begin like one");
    if (buffer.size() < kHeaderBytes) return std::optional<std::string>();
    const auto size = payloadBytes(buffer, limit);
    if (!size) return size.error();
    if (buffer.size() - kHeaderBytes < *size) return std::optional<std::string>();
    std::optional<std::string> text(buffer.substr(kHeaderBytes, *size));
    buffer.erase(0, kHeaderBytes + *size);
    return text;
}

IngestProgress progressOf(const RenormaliseProgress& progress)
{
    IngestProgress so;
    so.events = so.bytesDone = progress.eventsDone;
    so.bytesTotal = progress.eventsTotal;
    return so;
}

RenormaliseProgress changeProgressOf(const IngestProgress& progress)
{
    return {progress.bytesDone, progress.bytesTotal};
}

IngestReport reportOf(const SourceChangeReport& report)
{
    IngestReport so;
    so.total.events = report.events;
    so.total.stored.records = report.timed;
    return so;
}

SourceChangeReport changeReportOf(const IngestReport& report)
{
    return {report.total.events, report.total.stored.records};
}

std::string encodeRequest(const Request& request)
{
    if (request.change) {
        Json json = {{"protocol", kProtocol},
                     {"type", "change"},
                     {"what", static_cast<int>(request.change->what)},
                     {"source", request.change->source.value},
                     {"settings", printSettings(request.change->settings)}};
        if (const auto& seen = request.change->seen)
            json["seen"] = {{"live", seen->live}, {"removed", seen->removed}, {"newest", seen->newest}};
        return json.dump();
    }
    if (!request.remove.empty()) {
        Json sources = Json::array();
        for (const SourceId id : request.remove) sources.push_back(id.value);
        return Json{{"protocol", kProtocol}, {"type", "remove"}, {"sources", std::move(sources)}}.dump();
    }
    const IngestRequest& ingest = request.ingest;
    Json paths = Json::array();
    for (const std::string& path : ingest.paths) paths.push_back(packed(path));
    Json first = Json::array(), names = Json::array();
    for (const std::string& path : ingest.first) first.push_back(packed(path));
    for (const auto& [path, name] : ingest.names) {
        names.push_back(packed(path));
        names.push_back(packed(name));
    }
    const Json json = {{"protocol", kProtocol},
                       {"type", "ingest"},
                       {"stdin", request.withStdin},
                       {"request",
                        {{"paths", std::move(paths)},
                         {"input_format", packed(ingest.inputFormat)},
                         {"follow", ingest.follow},
                         {"again", ingest.again},
                         {"path_template", packed(ingest.pathTemplate)},
                         {"zone_offset_minutes", ingest.zoneOffsetMinutes},
                         {"first", std::move(first)},
                         {"names", std::move(names)},
                         {"workers", ingest.workers}}}};
    return json.dump();
}

Result<Request> decodeRequest(std::string_view text)
{
    const auto json = parse(text);
    if (!json) return json.error();
    Members outer(*json);
    int protocol = 0;
    std::string type;
    outer.get("protocol", protocol);
    if (auto error = outer.error()) return *error;
    if (protocol != kProtocol)
        return makeError(ErrorKind::Unsupported, "take over the work of another Faultline process",
                         "it speaks version " + std::to_string(protocol) + " of the hand-over, this one " +
                             std::to_string(kProtocol),
                         {"Close the other program, or use the same version."});
    Request request;
    outer.get("type", type);
    if (type == "remove") return readRemoval(outer);
    if (type == "change") return readChange(outer);
    outer.get("stdin", request.withStdin);
    const Json* inner = outer.object("request");
    if (auto error = outer.error()) return *error;
    if (type != "ingest") return malformed("it asks for \"" + type + "\", which this program cannot do");
    Members members(*inner);
    members.get("paths", request.ingest.paths);
    members.get("input_format", request.ingest.inputFormat);
    members.get("follow", request.ingest.follow);
    members.get("again", request.ingest.again);
    members.get("path_template", request.ingest.pathTemplate);
    members.get("zone_offset_minutes", request.ingest.zoneOffsetMinutes);
    members.get("workers", request.ingest.workers);
    std::vector<std::string> names;                                           // path, name, path, name ...
    if (inner->contains("first")) members.get("first", request.ingest.first); // not sent by older ones
    if (inner->contains("names")) members.get("names", names);
    if (names.size() % 2 != 0) return malformed("it names a source by half");
    for (std::size_t i = 0; i < names.size(); i += 2)
        request.ingest.names[names[i]] = std::move(names[i + 1]);
    if (auto error = members.error()) return *error;
    if (request.ingest.paths.empty()) return malformed("it names nothing to read");
    if (request.ingest.workers > 256) return malformed("it asks for more than 256 threads");
    for (const std::string& path : request.ingest.paths) {
        if (path == "-" ? !request.withStdin : path.empty() || path.front() != '/')
            return malformed("it names a path that only means something to the other process");
    }
    return request;
}

std::string encodeProgress(const IngestProgress& progress)
{
    const Json json = {{"type", "progress"},
                       {"bytes_done", progress.bytesDone},
                       {"bytes_total", progress.bytesTotal},
                       {"decoded_bytes", progress.decodedBytes},
                       {"events", progress.events},
                       {"quarantined", progress.quarantined},
                       {"sources_done", progress.sourcesDone},
                       {"sources_total", progress.sourcesTotal},
                       {"bytes_per_second", progress.bytesPerSecond},
                       {"seconds_left", progress.secondsLeft},
                       {"current", packed(progress.current)},
                       {"paused", progress.paused}};
    return json.dump();
}

std::string encodeReport(const IngestReport& report)
{
    Json sources = Json::array();
    for (const SourceReport& source : report.sources) {
        sources.push_back({{"id", source.id.value},
                           {"name", packed(source.name)},
                           {"path", packed(source.path)},
                           {"format", packed(source.format)},
                           {"state", static_cast<unsigned>(source.state)},
                           {"detail", packed(source.detail)},
                           {"ledger", ledgerJson(source.ledger)}});
    }
    const Json json = {{"type", "report"},
                       {"report",
                        {{"sources", std::move(sources)},
                         {"total", ledgerJson(report.total)},
                         {"seconds", report.seconds},
                         {"cancelled", report.cancelled}}}};
    return json.dump();
}

std::string encodeError(const Error& error)
{
    Json hints = Json::array();
    for (const std::string& hint : error.hints) hints.push_back(packed(hint));
    const Json json = {{"type", "error"},
                       {"kind", static_cast<unsigned>(error.kind)},
                       {"what", packed(error.what)},
                       {"why", packed(error.why)},
                       {"hints", std::move(hints)},
                       {"bytes_needed", error.bytesNeeded}};
    return json.dump();
}

Result<Reply> decodeReply(std::string_view text)
{
    const auto json = parse(text);
    if (!json) return json.error();
    Members members(*json);
    std::string type;
    members.get("type", type);
    if (type == "progress") return readProgress(members);
    if (type == "report") return readReport(members);
    if (type == "error") return readError(members);
    return malformed("its type is \"" + type + "\"");
}

SocketPlace socketPlaceOf(const std::string& storePath)
{
    const std::filesystem::path path(storePath);
    SocketPlace place;
    place.folder = path.parent_path().string();
    if (place.folder.empty()) place.folder = ".";
    place.name = path.filename().string() + "-sock";
    if (place.name.size() > kMaxName) {
        RunningHash hash;
        hash.add(path.filename().string());
        place.name = "." + hash.digest().hex() + ".faultline-sock";
    }
    return place;
}

int attachSocket(int descriptor, const SocketPlace& place, SocketUse use)
{
    const int folder = ::open(place.folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return errno;
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    const std::string path = "/proc/self/fd/" + std::to_string(folder) + "/" + place.name;
    int result = ENAMETOOLONG;
    if (path.size() < sizeof address.sun_path) {
        std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
        const auto* plain = reinterpret_cast<const sockaddr*>(&address);
        result = (use == SocketUse::Bind ? ::bind(descriptor, plain, sizeof address)
                                         : ::connect(descriptor, plain, sizeof address)) == 0
                     ? 0
                     : errno;
    }
    ::close(folder);
    return result;
}

bool peerIsSameUser(int descriptor)
{
    ucred peer = {};
    socklen_t size = sizeof peer;
    return ::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && size == sizeof peer &&
           peer.uid == ::geteuid();
}

} // namespace faultline::handover
