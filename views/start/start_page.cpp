#include "views/start/start_page.h"

#include "views/render/plain_text.h"
#include "views/window/ingest_bar.h"
#include "views/window/recent_labels.h"

#include <QGridLayout>
#include <QKeyEvent>
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
    , m_recentTitle(new QLabel(tr("Open again"), this))
    , m_recentRows(new QVBoxLayout)
{
    setObjectName(QStringLiteral("startPage"));
    QFont large = m_title->font();
    large.setPointSizeF(large.pointSizeF() * 1.7);
    m_title->setFont(large);
    m_title->setObjectName(QStringLiteral("startTitle"));
    m_text->setObjectName(QStringLiteral("startText"));
    m_privacy->setText(tr("Nothing leaves this machine."));
    for (QLabel* const label : {m_title, m_text, m_privacy, m_recentTitle}) {
        label->setTextFormat(Qt::PlainText);
        label->setAlignment(Qt::AlignCenter);
        label->setWordWrap(true);
    }
    m_ways = {way(tr("Open &files…"), "openFilesButton", tr("Chooses logs to read (Ctrl+O)"),
                  &StartPage::openFilesRequested),
              way(tr("Open f&older…"), "openFolderButton", tr("Reads all logs below a folder (Ctrl+Shift+O)"),
                  &StartPage::openFolderRequested),
              way(tr("Try the &demo"), "demoButton",
                  tr("Six hours of a shop's logs, in which something breaks"), &StartPage::demoRequested),
              way(tr("&Paste lines"), "pasteButton", tr("Reads the lines or files on the clipboard (Ctrl+V)"),
                  &StartPage::pasteRequested),
              way(tr("Follow a &command…"), "followCommandButton",
                  tr("Runs a command and shows what it writes as it comes (Ctrl+J)"),
                  &StartPage::followCommandRequested),
              way(tr("Fo&llow files…"), "followFilesButton",
                  tr("Reads logs and goes on as they grow (Ctrl+Shift+J)"),
                  &StartPage::followFilesRequested)};
    auto* const buttons = new QGridLayout;
    buttons->setHorizontalSpacing(8);
    buttons->setVerticalSpacing(8);
    buttons->setColumnStretch(0, 1);
    buttons->setColumnStretch(4, 1);
    for (int i = 0; i < static_cast<int>(m_ways.size()); ++i)
        buttons->addWidget(m_ways[static_cast<std::size_t>(i)], i / 3, 1 + i % 3);
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
    m_keys.add({QKeySequence(Qt::CTRL | Qt::Key_V)}, tr("Paste lines or files"),
               [this] { Q_EMIT pasteRequested(); });
    setFocusProxy(m_ways.front());
    showIdle();
}

QPushButton* StartPage::way(const QString& text, const char* name, const QString& toolTip,
                            void (StartPage::*asked)())
{
    auto* const button = new QPushButton(text, this);
    button->setObjectName(QLatin1String(name));
    button->setToolTip(toolTip);
    button->setMinimumSize(button->sizeHint() + QSize(24, 8)); // room around its words
    connect(button, &QPushButton::clicked, this, asked);
    return button;
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
        tr("Files, folders, .gz, .zst, .zip and .tar: JSON logs of any logger, mixed with plain text. "
           "Or paste lines with Ctrl+V."));
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
    m_enabled = enabled;
    for (QPushButton* const button : m_ways) button->setEnabled(enabled);
    // Whoever had the keyboard was switched off meanwhile.
    if (enabled && isVisible() && window()->focusWidget() == nullptr) setFocus();
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
        button->setEnabled(m_enabled);
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

void StartPage::keyPressEvent(QKeyEvent* event)
{
    if (!m_enabled || !m_keys.handle(*event)) QWidget::keyPressEvent(event);
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
