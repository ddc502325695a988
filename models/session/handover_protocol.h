#pragma once
#include "models/base/result.h"
#include "models/ingest/ingest.h"
#include "models/session/source_changes.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What the process that writes a store and one that hands work to it say to each other, over a stream socket
/// of the Unix domain beside the store.
///
/// Frame    4 bytes "FLH1", 4 bytes length (little-endian), then so many bytes of JSON.
/// Client   one frame: {"protocol":1,"type":"ingest","stdin":bool,"request":{...}}. With "stdin" one
///          descriptor comes along with the first byte (SCM_RIGHTS): what "-" reads. Then nothing; it closes
///          its sending side to cancel, and still gets the report. Or {"protocol":1,"type":"remove",
///          "sources":[3,4]}: takes sources out of the store; the answer is a report without sources. Or
///          {"protocol":1,"type":"change","what":1,"source":3,"settings":"{...}","seen":{"live":true,
///          "removed":false,"newest":7}}: see SourceChangeRequest ("seen" may be missing); progress and
///          report count events (progressOf(), reportOf()), closing its sending side cancels.
/// Server   any number of {"type":"progress",...}, then one {"type":"report","report":{...}} (after the
///          commit) or {"type":"error",...}; then it closes. Closed without either: it died or ends, and the
///          client does the work itself.
/// Text     Paths are bytes: what is not UTF-8 is written as {"hex":"..."}.
namespace faultline::handover {

inline constexpr int kProtocol = 1;
inline constexpr std::size_t kHeaderBytes = 8;
inline constexpr std::size_t kMaxRequestBytes = 16u << 20; ///< more than the system's limit for arguments
inline constexpr std::size_t kMaxReplyBytes = 256u << 20;  ///< a report of some 500,000 sources
inline constexpr unsigned kMaxDepth = 8;                   ///< of JSON; ours is 5 deep

/// Header and text as one string.
std::string frame(std::string_view json);
/// The length that a header announces; an Error when it is none of ours or above `limit`.
Result<std::size_t> payloadBytes(std::string_view header, std::size_t limit);
/// Takes the first whole frame's text off `buffer`; nothing when more bytes are needed.
Result<std::optional<std::string>> takeFrame(std::string& buffer, std::size_t limit);

struct Request
{
    IngestRequest ingest;   ///< without stdinDescriptor
    bool withStdin = false; ///< a descriptor comes along
    /// Not empty: remove these, and read nothing.
    std::vector<SourceId> remove;
    std::optional<SourceChangeRequest> change; ///< do this, and read nothing
};
/// A change as the messages of an ingest carry it.
IngestProgress progressOf(const RenormaliseProgress& progress);
RenormaliseProgress changeProgressOf(const IngestProgress& progress);
IngestReport reportOf(const SourceChangeReport& report);
SourceChangeReport changeReportOf(const IngestReport& report);
std::string encodeRequest(const Request& request);
/// An Error says what is wrong with it; nothing of it is used then.
Result<Request> decodeRequest(std::string_view json);

std::string encodeProgress(const IngestProgress& progress);
std::string encodeReport(const IngestReport& report);
std::string encodeError(const Error& error);
using Reply = std::variant<IngestProgress, IngestReport, Error>;
Result<Reply> decodeReply(std::string_view json);

/// Where the socket of a store is. It lies in the store's folder: `<store>-sock`, or, where that is longer
/// than a file name or an address may be, a name made of its hash. Addresses go over a descriptor of the
/// folder
/// (/proc/self/fd/N/NAME), so that the length of the folder's path does not count.
struct SocketPlace
{
    std::string folder, name;
    std::string path() const { return folder + "/" + name; }
};
SocketPlace socketPlaceOf(const std::string& storePath);
/// Connects or binds `descriptor`; an errno value, 0 when done.
enum class SocketUse : std::uint8_t { Connect, Bind };
int attachSocket(int descriptor, const SocketPlace& place, SocketUse use);

/// True when the process at the other end belongs to the same user. Both sides ask it before they say a word.
bool peerIsSameUser(int descriptor);

} // namespace faultline::handover
