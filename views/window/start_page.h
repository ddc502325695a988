#pragma once
#include "models/session/store_places.h"
#include "views/render/theme.h"

#include <QWidget>

#include <vector>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace faultline {

/// What the window shows without a case: where to begin. Also tells that a case is being opened, or why it
/// could not be.
class StartPage final : public QWidget
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

Q_SIGNALS:
    void openFilesRequested();
    void openFolderRequested();
    void demoRequested();
    void storeRequested(const QString& path);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Theme m_theme = Theme::darkTheme();
    QLabel* m_title;
    QLabel* m_text;
    QLabel* m_privacy;
    void enableWays(bool enabled);
    void colourLink(QPushButton* button) const;
    QPushButton *m_files, *m_folder, *m_demo;
    QLabel* m_recentTitle;
    QVBoxLayout* m_recentRows;
    std::vector<QPushButton*> m_recent;
};

} // namespace faultline
