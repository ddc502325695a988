#include "views/start/read_flow.h"

#include "views/start/preflight_page.h"

#include <QStackedWidget>

#include <utility>

namespace faultline {

ReadFlow::ReadFlow(QStackedWidget* stack, PreflightService::Look look, LargeRead limits,
                   std::shared_ptr<const Clock> clock, const Theme& theme, QObject* parent)
    : QObject(parent)
    , m_stack(stack)
    , m_clock(std::move(clock))
    , m_theme(theme)
    , m_service(std::make_unique<PreflightService>(std::move(look), limits))
{
    connect(m_service.get(), &PreflightService::small, this, [this](const std::vector<std::string>& paths) {
        choose({paths, {}, {}});
    });
    connect(m_service.get(), &PreflightService::large, this, &ReadFlow::showPage);
    connect(m_service.get(), &PreflightService::found, this,
            [this](const std::shared_ptr<const Preflight>& found) {
                m_found = found;
                if (m_page != nullptr) m_page->showPreflight(found);
            });
    // A look that fails is no reason not to read: the read says why.
    connect(m_service.get(), &PreflightService::failed, this, [this] { choose({m_paths, {}, {}}); });
}

std::shared_ptr<void> ReadFlow::retire()
{
    m_service->retire();
    return std::move(m_service);
}

ReadFlow::~ReadFlow()
{
    delete m_page;
}

void ReadFlow::begin(std::vector<std::string> paths)
{
    leave();
    m_paths = std::move(paths);
    m_looking = true;
    m_service->look(m_paths);
}

bool ReadFlow::asking() const
{
    return m_looking || m_page != nullptr;
}

void ReadFlow::showAgain()
{
    if (m_page == nullptr) return;
    m_stack->setCurrentWidget(m_page);
    m_page->setFocus();
}

void ReadFlow::setTheme(const Theme& theme)
{
    m_theme = theme;
    if (m_page != nullptr) m_page->setTheme(theme);
}

void ReadFlow::showPage()
{
    m_looking = false;
    m_before = m_stack->currentWidget();
    m_page = new PreflightPage(m_clock, m_stack);
    m_page->setTheme(m_theme);
    connect(m_page, &PreflightPage::readAllChosen, this, [this] { choose({m_paths, {}, {}}); });
    connect(m_page, &PreflightPage::rangeFirstChosen, this, [this](const TimeRange& range) {
        if (m_found != nullptr) choose({m_paths, filesFirst(*m_found, range), range});
    });
    connect(m_page, &PreflightPage::cancelled, this, [this] {
        leave();
        Q_EMIT cancelled();
    });
    m_stack->addWidget(m_page);
    m_stack->setCurrentWidget(m_page);
    m_page->showLooking(QString::fromStdString(m_paths.front()));
}

void ReadFlow::leave()
{
    m_looking = false;
    m_service->cancel();
    m_found.reset();
    if (m_page == nullptr) return;
    if (m_stack->currentWidget() == m_page && m_before != nullptr) m_stack->setCurrentWidget(m_before);
    m_stack->removeWidget(m_page);
    m_page->deleteLater(); // it may be the one that calls
    m_page.clear();
    if (m_before != nullptr) m_before->setFocus();
}

void ReadFlow::choose(Read read)
{
    leave();
    Q_EMIT chosen(read);
}

} // namespace faultline
