#pragma once
#include "models/base/time.h"
#include "models/session/preflight_service.h"
#include "views/render/theme.h"

#include <QObject>
#include <QPointer>

#include <memory>
#include <optional>
#include <string>
#include <vector>

class QStackedWidget;

namespace faultline {

class PreflightPage;

/// From "read these" to the read: a small one begins at once, before a large one its screen asks. Belongs to
/// an open case; its screen goes with it.
///
/// Threads  GUI thread.
class ReadFlow final : public QObject
{
    Q_OBJECT
public:
    /// What is to be read, and how.
    struct Read
    {
        std::vector<std::string> paths;
        std::vector<std::string> first; ///< IngestRequest::first
        std::optional<TimeRange> range; ///< to be shown first
    };
    ReadFlow(QStackedWidget* stack, PreflightService::Look look, LargeRead limits,
             std::shared_ptr<const Clock> clock, const Theme& theme, QObject* parent = nullptr);
    ~ReadFlow() override;
    /// Before it is destroyed: what looks ahead, to be destroyed where that may wait.
    std::shared_ptr<void> retire();
    /// Not while asking(): that comes first.
    void begin(std::vector<std::string> paths);
    /// Whether something is looked at, or was and waits for what is to be read of it.
    bool asking() const;
    /// Brings the question back into view, if it stands.
    void showAgain();
    void setTheme(const Theme& theme);

Q_SIGNALS:
    void chosen(const faultline::ReadFlow::Read& read);
    /// Nothing is to be read after all.
    void cancelled();

private:
    void showPage();
    void leave();
    void choose(Read read);
    QStackedWidget* m_stack;
    std::shared_ptr<const Clock> m_clock;
    Theme m_theme;
    std::unique_ptr<PreflightService> m_service;
    std::vector<std::string> m_paths;
    bool m_looking = false; ///< whether it is much to read is not known yet
    std::shared_ptr<const Preflight> m_found;
    QPointer<QWidget> m_before; ///< what was shown
    QPointer<PreflightPage> m_page;
};

} // namespace faultline
