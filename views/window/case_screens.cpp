#include "views/window/case_screens.h"

#include <QStackedWidget>

namespace faultline {

CaseScreens::CaseScreens(QStackedWidget* stack, QWidget* home, const Theme& theme, QObject* parent)
    : QObject(parent), m_stack(stack), m_home(home), m_theme(theme)
{}

CaseScreens::~CaseScreens()
{
    for (const auto& [name, screen] : m_screens) delete screen.widget;
}

void CaseScreens::offer(const std::string& name, Make make)
{
    m_offers[name] = std::move(make);
}

void CaseScreens::toggle(const std::string& name)
{
    auto screen = m_screens.find(name);
    if (screen == m_screens.end()) {
        const auto offer = m_offers.find(name);
        if (offer == m_offers.end()) return;
        screen = m_screens.emplace(name, offer->second(m_stack)).first;
        screen->second.setTheme(m_theme);
        m_stack->addWidget(screen->second.widget);
    }
    if (m_stack->currentWidget() == screen->second.widget) return goHome();
    if (m_home != nullptr && m_home->isAncestorOf(m_home->window()->focusWidget()))
        m_homeFocus = m_home->window()->focusWidget();
    m_stack->setCurrentWidget(screen->second.widget);
    screen->second.widget->setFocus();
}

void CaseScreens::goHome()
{
    if (m_home == nullptr) return;
    m_stack->setCurrentWidget(m_home);
    if (m_homeFocus && m_homeFocus->isVisible())
        m_homeFocus->setFocus();
    else
        m_home->setFocus();
}

void CaseScreens::setTheme(const Theme& theme)
{
    m_theme = theme;
    for (const auto& [name, screen] : m_screens) screen.setTheme(theme);
}

} // namespace faultline
