#pragma once
#include "models/base/worker_pool.h"
#include "models/session/mailbox.h"
#include "models/session/source_changes.h"
#include "models/session/source_pulse.h"
#include "models/session/workspace.h"

#include <QObject>
#include <QString>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

namespace faultline {

/// A format that a source can be read as.
struct FormatName
{
    std::string_view name, description;
};
std::vector<FormatName> sourceFormats();

/// A source as a list shows it.
struct SourceView
{
    SourceRecord record;
    SourceSettings settings;
    SourceLife life = SourceLife::Ended;
    std::optional<double> rate;           ///< events a second, lately
    std::optional<std::int64_t> usualGap; ///< ns between arrivals
    std::int64_t silence = 0;             ///< ns since the last arrival
    std::optional<TimeNs> removedUntil;   ///< removed: until when it can be brought back
};

/// The sources of a store, and what a user does to them: everything happens on threads of its own.
///
/// Threads  Lives on the GUI thread and never blocks it; signals come there.
/// Order    An answer to an earlier question of the same kind is dropped.
class SourceService final : public QObject
{
    Q_OBJECT
public:
    explicit SourceService(std::shared_ptr<Workspace> workspace, QObject* parent = nullptr);
    ~SourceService() override;
    /// Nothing is told any more, and what is under way is asked to end. After that it may be destroyed on any
    /// thread: on one where it may wait for that.
    void retire();

    /// Reads the list; listed() comes. While one is under way a further one is made behind it.
    void refresh();
    bool loaded() const { return m_loaded; }
    const std::vector<SourceView>& sources() const { return m_sources; }
    bool reading() const { return m_reading; } ///< an ingest goes on in this process

    /// What is in quarantine of a source, the first kMostQuarantine records; quarantined() or
    /// quarantineFailed() comes.
    void askQuarantine(SourceId source);
    static constexpr std::size_t kMostQuarantine = 500;
    /// What a source's settings can be; factsFound() comes.
    void askFacts(SourceId source);
    /// previewed() or previewFailed() comes.
    void askPreview(SourceId source, const SourceSettings& settings);

    bool changing() const { return m_changing; }
    /// False when a change is under way. progressed(), then changed() or changeFailed() come.
    bool change(const SourceChangeRequest& request);
    void cancelChange();

Q_SIGNALS:
    void listed();
    void listFailed(const faultline::Error& error);
    void quarantined(faultline::SourceId source, const std::vector<faultline::QuarantineRecord>& records);
    void quarantineFailed(faultline::SourceId source, const faultline::Error& error);
    /// The names of its fields, how many changes can be undone, and the settings that it is read with: of a
    /// source whose settings were never stored, what its events show of them.
    void factsFound(faultline::SourceId source, const QStringList& fields, int changes,
                    const faultline::SourceSettings& inForce);
    void previewed(faultline::SourceId source, const faultline::SettingsPreview& preview);
    void previewFailed(faultline::SourceId source, const faultline::Error& error);
    void progressed(quint64 done, quint64 total);
    void changed(const faultline::SourceChangeRequest& request, const faultline::SourceChangeReport& report);
    void changeFailed(const faultline::SourceChangeRequest& request, const faultline::Error& error);

private:
    struct List
    {
        std::vector<SourceView> sources;
        bool reading = false;
    };
    Result<List> readList();
    const std::shared_ptr<Workspace> m_workspace;
    std::map<SourceId, SourcePulse> m_pulses; ///< of the one list that is read at a time
    std::vector<SourceView> m_sources;
    bool m_loaded = false, m_reading = false, m_listing = false, m_again = false, m_changing = false;
    quint64 m_quarantineAsked = 0, m_factsAsked = 0, m_previewAsked = 0;
    std::stop_source m_previewStop, m_changeStop, m_stop;
    Mailbox m_mailbox;
    std::unique_ptr<WorkerPool> m_askers;  ///< lists and previews
    std::unique_ptr<WorkerPool> m_changer; ///< one change at a time, as long as it takes
};

} // namespace faultline
