#include "models/session/demo/markers.h"

#include "models/session/demo/line_buffer.h"
#include "models/session/demo/line_writer.h"
#include "models/session/demo/story.h"

namespace faultline::demo {
namespace {

struct Deployment
{
    std::uint32_t second;
    std::string_view service, version, before, status, by, note;
};
constexpr Deployment kDeployments[] = {
    {kEarlyDeploy - 95, "catalog", "3.9.1", "3.9.0", "started", "ci", "deploy catalog 3.9.1"},
    {kEarlyDeploy, "catalog", "3.9.1", "3.9.0", "succeeded", "ci", "deployed catalog 3.9.1"},
    {kDecoyDeploy - 70, "search", "2.41.0", "2.40.3", "started", "ci", "deploy search 2.41.0"},
    {kDecoyDeploy, "search", "2.41.0", "2.40.3", "succeeded", "ci", "deployed search 2.41.0"},
    {kDecoyRollback, "search", "2.40.3", "2.41.0", "rolled_back", "m.okafor", "rolled search back to 2.40.3"},
};

struct FlagChange
{
    std::uint32_t second;
    std::uint32_t from, to;
    std::string_view by, reason;
};
constexpr FlagChange kFlagChanges[] = {
    {kFlag10, 0, 10, "l.marin", "canary"},
    {kFlag50, 10, 50, "l.marin", "canary looks fine"},
    {kFlag100, 50, 100, "l.marin", "full rollout"},
    {kFlagRollback, 100, 0, "s.haddad", "suspected cause of the outage"},
};

void time(TimeNs start, std::uint32_t second, LineBuffer& out)
{
    out.lit("{\"timestamp\":\"").text(isoSecond(start / kSecondNs + second)).put('.');
    out.padded(mix(second) % 1000, 3).put('Z').put('"');
}

} // namespace

Status writeDeployments(TimeNs start, DemoWriter& writer)
{
    LineBuffer out;
    std::uint64_t number = 4411;
    for (const Deployment& row : kDeployments) {
        time(start, row.second, out);
        out.lit(",\"level\":\"info\",\"event.name\":\"deployment\",\"deployment.id\":\"").number(number);
        if (row.status != "started") ++number;
        out.lit("\",\"deployment.name\":\"")
            .text(row.note)
            .lit("\",\"deployment.status\":\"")
            .text(row.status);
        out.lit("\",\"deployment.environment.name\":\"prod\",\"service.name\":\"").text(row.service);
        out.lit("\",\"service.version\":\"")
            .text(row.version)
            .lit("\",\"service.version.previous\":\"")
            .text(row.before);
        out.lit("\",\"vcs.ref.head.revision\":\"")
            .hex(mix(row.second), 10)
            .lit("\",\"actor\":\"")
            .text(row.by);
        out.lit("\",\"message\":\"").text(row.note).lit("\"}\n");
    }
    return writer.write(out.view());
}

Status writeFlagChanges(TimeNs start, DemoWriter& writer)
{
    LineBuffer out;
    for (const FlagChange& row : kFlagChanges) {
        time(start, row.second, out);
        out.lit(",\"level\":\"info\",\"event.name\":\"feature_flag.change\",\"feature_flag.key\":\"")
            .text(kFlagKey);
        out.lit("\",\"feature_flag.provider.name\":\"flagd\",\"feature_flag.rollout.from\":")
            .number(row.from);
        out.lit(",\"feature_flag.rollout.to\":")
            .number(row.to)
            .lit(",\"service.name\":\"pricing\",\"actor\":\"")
            .text(row.by);
        out.lit("\",\"reason\":\"")
            .text(row.reason)
            .lit("\",\"message\":\"flag ")
            .text(kFlagKey)
            .lit(" changed from ");
        out.number(row.from).lit(" % to ").number(row.to).lit(" %\"}\n");
    }
    return writer.write(out.view());
}

} // namespace faultline::demo
