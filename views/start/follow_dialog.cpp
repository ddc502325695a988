#include "views/start/follow_dialog.h"

#include <QDialogButtonBox>
#include <QFontDatabase>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace faultline {

FollowDialog::FollowDialog(QWidget* parent) : QDialog(parent), m_command(new QLineEdit(this))
{
    setObjectName(QStringLiteral("followDialog"));
    setWindowTitle(tr("Follow a command"));
    auto* const label = new QLabel(tr("&Command line:"), this);
    label->setBuddy(m_command);
    m_command->setObjectName(QStringLiteral("commandInput"));
    m_command->setAccessibleName(tr("Command line"));
    m_command->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_command->setPlaceholderText(QStringLiteral("kubectl logs -f deploy/pay")); // no text: a command
    m_command->setMinimumWidth(m_command->fontMetrics().averageCharWidth() * 60);
    auto* const note = new QLabel(
        tr("It runs as you, with sh -c, until you stop it or close this case. What it writes is read as it "
           "comes.\n"
           "Others: journalctl -f -o json    docker logs -f pay 2>&1    ssh host tail -f /var/log/app.log"),
        this);
    note->setTextFormat(Qt::PlainText);
    note->setWordWrap(true);
    auto* const buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_follow = buttons->addButton(tr("&Follow"), QDialogButtonBox::AcceptRole);
    m_follow->setObjectName(QStringLiteral("followButton"));
    m_follow->setDefault(true);
    m_follow->setEnabled(false);
    auto* const layout = new QVBoxLayout(this);
    layout->addWidget(label);
    layout->addWidget(m_command);
    layout->addWidget(note);
    layout->addWidget(buttons);
    connect(m_command, &QLineEdit::textChanged, this, [this] { m_follow->setEnabled(!command().isEmpty()); });
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

QString FollowDialog::command() const
{
    return m_command->text().trimmed();
}

std::optional<QString> FollowDialog::ask(QWidget* parent)
{
    FollowDialog dialog(parent);
    if (dialog.exec() != QDialog::Accepted || dialog.command().isEmpty()) return std::nullopt;
    return dialog.command();
}

} // namespace faultline
