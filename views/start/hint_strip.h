#pragma once
#include "models/session/state_keeper.h"
#include "views/render/theme.h"

#include <QPointer>
#include <QSet>
#include <QToolBar>

#include <vector>

class QLabel;
class QPushButton;
class QToolButton;

namespace faultline {

class InvestigatePage;

/// Three hints for the demo, one at a time, in a strip below the data. One is done when the user has done
/// what it says, or has dismissed it; it never comes back then, in no window.
///
/// Threads  GUI thread.
class HintStrip final : public QToolBar
{
    Q_OBJECT
public:
    /// `keeper` remembers what is done, and lives longer.
    explicit HintStrip(StateKeeper* keeper, QWidget* parent = nullptr);
    ~HintStrip() override;
    /// The page of the demo, for which hints are shown; null: none.
    void watch(InvestigatePage* page);
    void setTheme(const Theme& theme);
    /// Names of hints that are done.
    QStringList done() const;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Hint
    {
        QString name, text;
        QString query; ///< that helps to do it; empty: none
    };
    const Hint* current() const;
    void finish(const QString& name);
    void showHint();
    StateKeeper* m_keeper;
    std::vector<Hint> m_hints;
    QSet<QString> m_done;
    bool m_known = false; ///< what was dismissed before
    QPointer<InvestigatePage> m_page;
    QLabel* m_text;
    QPushButton* m_show;
    QToolButton* m_dismiss;
};

} // namespace faultline
