#include "views/window/start_page.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

namespace faultline {

StartPage::StartPage(QWidget* parent)
    : QWidget(parent)
    , m_title(new QLabel(this))
    , m_text(new QLabel(this))
    , m_privacy(new QLabel(this))
    , m_files(new QPushButton(tr("Open &files…"), this))
    , m_folder(new QPushButton(tr("Open f&older…"), this))
    , m_demo(new QPushButton(tr("Try the &demo"), this))
{
    setObjectName(QStringLiteral("startPage"));
    QFont large = m_title->font();
    large.setPointSizeF(large.pointSizeF() * 1.7);
    m_title->setFont(large);
    m_title->setObjectName(QStringLiteral("startTitle"));
    m_files->setObjectName(QStringLiteral("openFilesButton"));
    m_folder->setObjectName(QStringLiteral("openFolderButton"));
    m_demo->setObjectName(QStringLiteral("demoButton"));
    m_privacy->setText(tr("Nothing leaves this machine."));
    for (QLabel* const label : {m_title, m_text, m_privacy}) {
        label->setTextFormat(Qt::PlainText);
        label->setAlignment(Qt::AlignCenter);
        label->setWordWrap(true);
    }
    auto* const buttons = new QHBoxLayout;
    buttons->addStretch();
    for (QPushButton* const button : {m_files, m_folder, m_demo}) buttons->addWidget(button);
    buttons->addStretch();
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(40, 40, 40, 40);
    layout->setSpacing(14);
    layout->addStretch();
    layout->addWidget(m_title);
    layout->addWidget(m_text);
    layout->addLayout(buttons);
    layout->addWidget(m_privacy);
    layout->addStretch();
    connect(m_files, &QPushButton::clicked, this, &StartPage::openFilesRequested);
    connect(m_folder, &QPushButton::clicked, this, &StartPage::openFolderRequested);
    connect(m_demo, &QPushButton::clicked, this, &StartPage::demoRequested);
    showIdle();
}

void StartPage::setTheme(const Theme& theme)
{
    m_theme = theme;
    QPalette dim = m_privacy->palette();
    dim.setColor(QPalette::WindowText, theme.dim);
    m_privacy->setPalette(dim);
    m_text->setPalette(dim);
    update();
}

void StartPage::showIdle()
{
    m_title->setText(tr("Drop logs here"));
    m_text->setText(
        tr("Files, folders, .gz, .zst, .zip and .tar: JSON logs of any logger, mixed with plain text."));
    for (QPushButton* const button : {m_files, m_folder, m_demo}) button->setEnabled(true);
}

void StartPage::showOpening(const QString& what)
{
    m_title->setText(tr("Opening…"));
    m_text->setText(what);
    for (QPushButton* const button : {m_files, m_folder, m_demo}) button->setEnabled(false);
}

void StartPage::showFailure(const QString& text)
{
    showIdle();
    m_title->setText(tr("That did not work"));
    m_text->setText(text);
}

void StartPage::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QPen pen(m_theme.border, 2, Qt::DashLine);
    painter.setPen(pen);
    painter.drawRoundedRect(rect().adjusted(24, 24, -24, -24), 10, 10);
}

} // namespace faultline
