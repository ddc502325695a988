#pragma once
#include "models/session/store_places.h"
#include "views/keys/key_table.h"
#include "views/render/theme.h"

#include <QWidget>

#include <vector>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace faultline {

/// What the window shows without a case: where to begin. Also tells that a case is being opened, or why it
/// could not be.
class StartPage final : public QWidget, public HasKeys
{
    Q_OBJECT
public:
    explicit StartPage(QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    void showIdle();
    void showOpening(const QString& what);
    void showFailure(const QString& text);
    /// What was opened has no logs in it: why, in lines.
    void showNothing(const QString& lines);
    /// Stores to offer, the one used last first; the first few are shown.
    void setRecent(const std::vector<RecentStore>& stores);
    QString keysTitle() const override { return tr("Start"); }
    const KeyTable& keys() const override { return m_keys; }

Q_SIGNALS:
    void openFilesRequested();
    void openFolderRequested();
    void demoRequested();
    void pasteRequested();
    void followCommandRequested();
    void followFilesRequested();
    void storeRequested(const QString& path);

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    Theme m_theme = Theme::darkTheme();
    KeyTable m_keys;
    QLabel* m_title;
    QLabel* m_text;
    QLabel* m_privacy;
    bool m_enabled = true; ///< a case can be opened now
    void enableWays(bool enabled);
    void colourLink(QPushButton* button) const;
    QPushButton* way(const QString& text, const char* name, const QString& toolTip,
                     void (StartPage::*asked)());
    std::vector<QPushButton*> m_ways; ///< to begin
    QLabel* m_recentTitle;
    QVBoxLayout* m_recentRows;
    std::vector<QPushButton*> m_recent;
};

} // namespace faultline
