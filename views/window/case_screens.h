#pragma once
#include "views/render/theme.h"

#include <QObject>
#include <QPointer>

#include <functional>
#include <map>
#include <string>

class QStackedWidget;
class QWidget;

namespace faultline {

/// The screens of an open case beside its first one, the investigation: each is made when it is first asked
/// for, and goes with the case.
///
/// Threads  GUI thread.
class CaseScreens final : public QObject
{
    Q_OBJECT
public:
    struct Screen
    {
        QWidget* widget = nullptr;
        std::function<void(const Theme&)> setTheme;
    };
    using Make = std::function<Screen(QWidget* parent)>;

    /// `home` is in the stack already, and belongs to it.
    CaseScreens(QStackedWidget* stack, QWidget* home, const Theme& theme, QObject* parent = nullptr);
    ~CaseScreens() override;
    /// A screen that can be asked for by this name.
    void offer(const std::string& name, Make make);
    /// Goes there; once more goes back.
    void toggle(const std::string& name);
    void goHome();
    void setTheme(const Theme& theme);

private:
    QStackedWidget* m_stack;
    QPointer<QWidget> m_home, m_homeFocus; ///< where the keyboard was when another screen came
    Theme m_theme;
    std::map<std::string, Make> m_offers;
    std::map<std::string, Screen> m_screens;
};

} // namespace faultline
