#pragma once
#include <QDialog>
#include <QString>

#include <optional>

class QLineEdit;
class QPushButton;

namespace faultline {

/// Asks for a command line to follow. What is typed here runs as the user: it says so.
class FollowDialog final : public QDialog
{
    Q_OBJECT
public:
    explicit FollowDialog(QWidget* parent = nullptr);
    QString command() const;
    /// The command, or nothing when the user changes their mind.
    static std::optional<QString> ask(QWidget* parent);

private:
    QLineEdit* m_command;
    QPushButton* m_follow;
};

} // namespace faultline
