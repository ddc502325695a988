#include "views/window/start_page.h"

#include "views/render/plain_text.h"
#include "views/window/ingest_bar.h"
#include "views/window/recent_labels.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

namespace faultline {
namespace {

constexpr std::size_t kMostRecent = 5;

} // namespace

StartPage::StartPage(QWidget* parent)
    : QWidget(parent)
    , m_title(new QLabel(this))
    , m_text(new QLabel(this))
    , m_privacy(new QLabel(this))
    , m_files(new QPushButton(tr("Open &files…"), this))
    , m_folder(new QPushButton(tr("Open f&older…"), this))
    , m_demo(new QPushButton(tr("Try the &demo"), this))
    , m_recentTitle(new QLabel(tr("Open again"), this))
    , m_recentRows(new QVBoxLayout)
{
    setObjectName(QStringLiteral("startPage"));
    QFont large = m_title->font();
    large.setPointSizeF(large.pointSizeF() * 1.7);
    m_title->setFont(large);
    m_title->setObjectName(QStringLiteral("startTitle"));
    m_text->setObjectName(QStringLiteral("startText"));
    m_files->setObjectName(QStringLiteral("openFilesButton"));
    m_folder->setObjectName(QStringLiteral("openFolderButton"));
    m_demo->setObjectName(QStringLiteral("demoButton"));
    m_privacy->setText(tr("Nothing leaves this machine."));
    for (QLabel* const label : {m_title, m_text, m_privacy, m_recentTitle}) {
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
    layout->addSpacing(10);
    layout->addWidget(m_recentTitle);
    m_recentRows->setSpacing(2);
    layout->addLayout(m_recentRows);
    layout->addStretch();
    m_recentTitle->hide();
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
    m_recentTitle->setPalette(dim);
    for (QPushButton* const button : m_recent) colourLink(button);
    update();
}

void StartPage::showIdle()
{
    m_title->setText(tr("Drop logs here"));
    m_text->setText(
        tr("Files, folders, .gz, .zst, .zip and .tar: JSON logs of any logger, mixed with plain text."));
    enableWays(true);
}

void StartPage::showOpening(const QString& what)
{
    m_title->setText(tr("Opening…"));
    m_text->setText(oneLine(what.toStdString()));
    enableWays(false);
}

void StartPage::enableWays(bool enabled)
{
    for (QPushButton* const button : {m_files, m_folder, m_demo}) button->setEnabled(enabled);
    for (QPushButton* const button : m_recent) button->setEnabled(enabled);
}

void StartPage::colourLink(QPushButton* button) const
{
    // Without a frame it is the colour that says that it can be clicked.
    QPalette link = button->palette();
    link.setColor(QPalette::Active, QPalette::ButtonText, m_theme.accent);
    link.setColor(QPalette::Inactive, QPalette::ButtonText, m_theme.accent);
    button->setPalette(link);
}

void StartPage::setRecent(const std::vector<RecentStore>& stores)
{
    qDeleteAll(m_recent);
    m_recent.clear();
    const auto labels = recentLabels(stores);
    for (const RecentStore& store : stores) {
        if (m_recent.size() >= kMostRecent) break;
        auto* const button = new QPushButton(this);
        button->setFlat(true);
        button->setObjectName(QStringLiteral("recent%1").arg(m_recent.size()));
        button->setText(menuText(labels[m_recent.size()]) + QStringLiteral("   ") +
                        formatBytes(static_cast<double>(store.bytes)));
        button->setEnabled(m_files->isEnabled());
        colourLink(button);
        connect(button, &QPushButton::clicked, this,
                [this, path = QString::fromStdString(store.path)] { Q_EMIT storeRequested(path); });
        m_recentRows->addWidget(button, 0, Qt::AlignHCenter);
        m_recent.push_back(button);
    }
    m_recentTitle->setVisible(!m_recent.empty());
}

void StartPage::showFailure(const QString& text)
{
    showIdle();
    m_title->setText(tr("That did not work"));
    m_text->setText(oneLine(text.toStdString()));
}

void StartPage::showNothing(const QString& lines)
{
    showIdle();
    m_title->setText(tr("Nothing to read there"));
    m_text->setText(lines);
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
