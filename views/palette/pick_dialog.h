#pragma once
#include <QDialog>

#include <functional>
#include <vector>

class QLabel;
class QLineEdit;
class QListWidget;

namespace faultline {

/// Something to choose from a list by typing a part of its name.
struct Choice
{
    QString title;             ///< plain text of one line
    QString where;             ///< "View", "List of events": also searched
    QString keys;              ///< at the right end
    std::function<void()> run; ///< after the dialog has closed
};

/// A line to type in and the choices that fit it, best first; Up, Down and Enter choose. What is typed
/// nothing of stands in the order given. Deletes itself. GUI thread.
class PickDialog final : public QDialog
{
    Q_OBJECT
public:
    PickDialog(const QString& title, const QString& prompt, std::vector<Choice> choices, QWidget* parent);

Q_SIGNALS:
    void chosen(const QString& title);

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void fill();
    void take();
    std::vector<Choice> m_choices;
    QLineEdit* m_input;
    QListWidget* m_list;
    QLabel* m_note;
};

} // namespace faultline
