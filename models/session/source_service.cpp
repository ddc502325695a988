#include "models/session/source_service.h"

#include "models/ingest/detect.h"

#include <QStringList>

#include <algorithm>
#include <set>

namespace faultline {

std::vector<FormatName> sourceFormats()
{
    std::vector<FormatName> formats;
    for (const FormatInfo& format : knownFormats()) formats.push_back({format.name, format.description});
    return formats;
}

SourceService::SourceService(std::shared_ptr<Workspace> workspace, QObject* parent)
    : QObject(parent)
    , m_workspace(std::move(workspace))
    , m_askers(std::make_unique<WorkerPool>(2, WorkerPool::Priority::Background))
    , m_changer(std::make_unique<WorkerPool>(1, WorkerPool::Priority::Background))
{}

void SourceService::retire()
{
    m_stop.request_stop();
    m_previewStop.request_stop();
    m_changeStop.request_stop();
    m_mailbox.close();
    moveToThread(nullptr);
}

SourceService::~SourceService()
{
    m_stop.request_stop();
    m_previewStop.request_stop();
    m_changeStop.request_stop();
    m_askers.reset(); // wait for what they have begun
    m_changer.reset();
    m_mailbox.close();
}

Result<SourceService::List> SourceService::readList()
{
    Store& store = *m_workspace->store();
    const TimeNs now = m_workspace->clock()->now();
    List list;
    const IngestActivity activity = m_workspace->activity();
    list.reading = activity.reading;
    auto sources = store.sources(true);
    if (!sources) return std::move(sources).error();
    std::map<SourceId, SourcePulse> pulses;
    for (SourceRecord& record : *sources) {
        SourceView view;
        SourcePulse& pulse = pulses[record.id] = std::move(m_pulses[record.id]);
        pulse.observe(now, record);
        view.life = lifeOf(record, pulse, now, activity.following, activity.reading);
        view.rate = pulse.rate();
        view.usualGap = pulse.usualGap();
        view.silence = pulse.silence(now);
        if (auto settings = parseSettings(record.settings)) view.settings = std::move(*settings);
        view.record = std::move(record);
        view.record.checkpoints.clear();
        list.sources.push_back(std::move(view));
    }
    m_pulses = std::move(pulses);
    auto removed = SourceStore::of(store).removedSources();
    if (!removed) return std::move(removed).error();
    for (RemovedSource& source : *removed) {
        SourceView view;
        view.record.id = source.id;
        view.record.path = std::move(source.path);
        view.record.name = std::move(source.name);
        view.record.format = std::move(source.format);
        view.record.ledger.events = source.events;
        view.record.ledger.received.bytes = source.bytes;
        view.removedUntil = source.keptUntil;
        list.sources.push_back(std::move(view));
    }
    return list;
}

void SourceService::refresh()
{
    m_again = m_listing;
    if (m_listing) return;
    m_listing = true;
    m_askers->post([this] {
        if (m_stop.stop_requested()) return;
        m_mailbox.post([this, list = readList()]() mutable {
            m_listing = false;
            if (list) {
                m_sources = std::move(list->sources);
                m_reading = list->reading;
                m_loaded = true;
                Q_EMIT listed();
            } else {
                Q_EMIT listFailed(list.error());
            }
            if (std::exchange(m_again, false)) refresh();
        });
    });
}

void SourceService::askQuarantine(SourceId source)
{
    const quint64 asked = ++m_quarantineAsked;
    m_askers->post([this, source, asked] {
        auto records = m_workspace->store()->quarantine(source, 0, kMostQuarantine);
        m_mailbox.post([this, source, asked, records = std::move(records)] {
            if (asked != m_quarantineAsked) return;
            if (records)
                Q_EMIT quarantined(source, *records);
            else
                Q_EMIT quarantineFailed(source, records.error());
        });
    });
}

void SourceService::askFacts(SourceId source)
{
    const quint64 asked = ++m_factsAsked;
    m_askers->post([this, source, asked] {
        auto snapshot = m_workspace->store()->snapshot();
        if (!snapshot) return; // the list says so
        std::set<std::string> names;
        for (const SegmentEntry& entry : (*snapshot)->segments) {
            const auto& sources = entry.info->sources;
            if (std::find(sources.begin(), sources.end(), source) == sources.end()) continue;
            for (std::size_t i = RowColumnCount; i < entry.info->columns.size(); ++i)
                names.insert(entry.info->columns[i].path);
        }
        QStringList fields;
        for (const std::string& name : names) fields << QString::fromStdString(name);
        const auto changes = SourceStore::of(*m_workspace->store()).sourceChanges(source);
        const int count = changes ? static_cast<int>(changes->size()) : 0;
        SourceSettings inForce;
        if (const auto records = m_workspace->store()->sources())
            for (const SourceRecord& record : *records)
                if (record.id == source)
                    if (auto settings = m_workspace->sourceSettings(record)) inForce = std::move(*settings);
        m_mailbox.post([this, source, asked, fields, count, inForce = std::move(inForce)] {
            if (asked == m_factsAsked) Q_EMIT factsFound(source, fields, count, inForce);
        });
    });
}

void SourceService::askPreview(SourceId source, const SourceSettings& settings)
{
    const quint64 asked = ++m_previewAsked;
    m_previewStop.request_stop();
    m_previewStop = std::stop_source();
    m_askers->post([this, source, settings, asked, stop = m_previewStop.get_token()] {
        if (stop.stop_requested()) return;
        auto preview = m_workspace->previewSettings(source, settings, stop);
        m_mailbox.post([this, source, asked, preview = std::move(preview)] {
            if (asked != m_previewAsked) return;
            if (preview)
                Q_EMIT previewed(source, *preview);
            else
                Q_EMIT previewFailed(source, preview.error());
        });
    });
}

bool SourceService::change(const SourceChangeRequest& request)
{
    if (m_changing) return false;
    m_changing = true;
    m_changeStop = std::stop_source();
    m_changer->post([this, request, stop = m_changeStop.get_token()] {
        auto done = m_workspace->changeSource(
            request,
            [this](const RenormaliseProgress& so) {
                m_mailbox.post([this, so] { Q_EMIT progressed(so.eventsDone, so.eventsTotal); });
            },
            stop);
        m_mailbox.post([this, request, done = std::move(done)] {
            m_changing = false;
            if (done)
                Q_EMIT changed(request, *done);
            else
                Q_EMIT changeFailed(request, done.error());
            refresh();
        });
    });
    return true;
}

void SourceService::cancelChange()
{
    m_changeStop.request_stop();
}

} // namespace faultline
