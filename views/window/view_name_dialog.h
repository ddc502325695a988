#pragma once
#include <QDialog>
#include <QStringList>

#include <functional>

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace faultline {

struct ViewName
{
    QString name;
    bool everywhere = false; ///< in every store, not only in this one
};

/// What a name for a saved view is asked with.
struct ViewQuestion
{
    ViewName before;                   ///< of one that gets another name; empty: a view is saved
    QStringList ofStore, ofEveryStore; ///< names there are
};

/// Asks for the name of a saved view, and says what a name that is taken means: another view is replaced by
/// one that is saved, and never by one that is renamed. It waits for nobody: ask() returns at once.
///
/// Threads  GUI thread.
class ViewNameDialog final : public QDialog
{
    Q_OBJECT
public:
    ViewNameDialog(ViewQuestion question, QWidget* parent);
    ViewName answer() const;
    static void ask(QWidget* parent, const ViewQuestion& question,
                    std::function<void(const ViewName&)> answered);

private:
    void check();
    ViewQuestion m_question;
    QLineEdit* m_name;
    QCheckBox* m_everywhere;
    QLabel* m_note;
    QPushButton* m_save;
};

} // namespace faultline
