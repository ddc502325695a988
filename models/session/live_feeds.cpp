#include "models/session/live_feeds.h"

#include "models/session/command_source.h"

#include <algorithm>

namespace faultline {

struct LiveFeeds::Running
{
    Feed feed;
    std::unique_ptr<IngestService> ingest;
};

namespace {

/// The run of a command: reads what it writes, then says how it ended.
Result<IngestReport> runCommand(const LiveFeeds::Run& run, const std::string& command, IngestRequest request,
                                std::function<void(const IngestProgress&)> progress,
                                const std::stop_token& stop)
{
    auto source = CommandSource::start(command);
    if (!source) return std::move(source).error();
    CommandSource& process = **source;
    request.stdinDescriptor = [&process] { return process.output(); };
    const std::stop_callback onStop(stop, [&process] { process.stop(); });
    auto report = run(request, std::move(progress), stop);
    if (!report) return report;
    const auto why = process.wait();
    if (!why || stop.stop_requested()) return report;
    return makeError(ErrorKind::Input, command, *why);
}

} // namespace

LiveFeeds::LiveFeeds(Run run, QObject* parent) : QObject(parent), m_run(std::move(run)) {}

LiveFeeds::~LiveFeeds()
{
    // All at once, then each is waited for.
    for (const auto& running : m_running) running->ingest->cancel(IngestService::CancelMode::Keep);
}

void LiveFeeds::retire()
{
    for (const auto& running : m_running) running->ingest->retire();
    moveToThread(nullptr);
}

void LiveFeeds::followCommand(const std::string& command)
{
    IngestRequest request;
    request.paths = {"-"};
    request.names["-"] = command;
    start(
        command,
        [run = m_run, command](const IngestRequest& asked,
                               std::function<void(const IngestProgress&)> progress, std::stop_token stop) {
            return runCommand(run, command, asked, std::move(progress), stop);
        },
        std::move(request));
}

void LiveFeeds::followFiles(std::vector<std::string> paths)
{
    if (paths.empty()) return;
    IngestRequest request;
    request.paths = std::move(paths);
    request.follow = true;
    std::string name = request.paths.front();
    if (request.paths.size() > 1) name += " + " + std::to_string(request.paths.size() - 1);
    start(std::move(name), m_run, std::move(request));
}

void LiveFeeds::start(std::string name, Run run, IngestRequest request)
{
    const quint64 id = ++m_last;
    auto running = std::make_unique<Running>();
    running->feed.id = id;
    running->feed.name = std::move(name);
    running->ingest = std::make_unique<IngestService>(std::move(run), IngestService::Discard());
    Running* const raw = running.get();
    connect(raw->ingest.get(), &IngestService::progressed, this, [this, raw](const IngestProgress& progress) {
        if (raw->feed.events == progress.events) return;
        const bool first = raw->feed.events == 0;
        raw->feed.events = progress.events;
        Q_EMIT changed();
        if (first) Q_EMIT fed();
    });
    connect(raw->ingest.get(), &IngestService::finished, this, [this, id](const IngestReport& report) {
        QString why;
        for (const SourceReport& source : report.sources)
            if (source.state == SourceState::Unreadable && why.isEmpty())
                why = QString::fromStdString(source.detail);
        end(id, why);
    });
    connect(raw->ingest.get(), &IngestService::failed, this, [this, id](const Error& error) {
        end(id, QString::fromStdString(error.why.empty() ? error.line() : error.why));
    });
    m_running.push_back(std::move(running));
    raw->ingest->start(std::move(request));
    Q_EMIT changed();
}

void LiveFeeds::end(quint64 id, const QString& why)
{
    const auto found = std::find_if(m_running.begin(), m_running.end(),
                                    [id](const auto& running) { return running->feed.id == id; });
    if (found == m_running.end()) return;
    const std::string name = (*found)->feed.name;
    IngestService* const over = (*found)->ingest.release();
    over->setParent(this);
    over->deleteLater(); // it is the one that calls
    m_running.erase(found);
    Q_EMIT changed();
    Q_EMIT ended(name, why);
}

void LiveFeeds::stop(quint64 id)
{
    for (const auto& running : m_running) {
        if (running->feed.id != id || running->feed.ending) continue;
        running->feed.ending = true;
        running->ingest->cancel(IngestService::CancelMode::Keep);
        Q_EMIT changed();
        return;
    }
}

void LiveFeeds::stopAll()
{
    for (const Feed& feed : feeds()) stop(feed.id);
}

std::vector<LiveFeeds::Feed> LiveFeeds::feeds() const
{
    std::vector<Feed> feeds;
    for (const auto& running : m_running) feeds.push_back(running->feed);
    return feeds;
}

} // namespace faultline
