#pragma once
#include "views/render/theme.h"

#include <QWidget>

class QLabel;
class QPushButton;

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

Q_SIGNALS:
    void openFilesRequested();
    void openFolderRequested();
    void demoRequested();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Theme m_theme = Theme::darkTheme();
    QLabel* m_title;
    QLabel* m_text;
    QLabel* m_privacy;
    QPushButton *m_files, *m_folder, *m_demo;
};

} // namespace faultline
