#include "views/window/view_name_dialog.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

namespace faultline {

ViewNameDialog::ViewNameDialog(ViewQuestion question, QWidget* parent)
    : QDialog(parent)
    , m_question(std::move(question))
    , m_name(new QLineEdit(m_question.before.name, this))
    , m_everywhere(new QCheckBox(tr("Offer it in &every store"), this))
    , m_note(new QLabel(this))
{
    setObjectName(QStringLiteral("viewNameDialog"));
    setWindowTitle(m_question.before.name.isEmpty() ? tr("Save this view") : tr("Rename the saved view"));
    m_name->setObjectName(QStringLiteral("viewName"));
    m_name->setMaxLength(120);
    m_name->setAccessibleName(tr("Name"));
    m_name->selectAll();
    m_everywhere->setObjectName(QStringLiteral("viewEverywhere"));
    m_everywhere->setChecked(m_question.before.everywhere);
    m_note->setObjectName(QStringLiteral("viewNameNote"));
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    auto* const buttons = new QDialogButtonBox(QDialogButtonBox::Save | QDialogButtonBox::Cancel, this);
    m_save = buttons->button(QDialogButtonBox::Save);
    m_save->setObjectName(QStringLiteral("viewNameSave"));
    connect(m_name, &QLineEdit::textChanged, this, &ViewNameDialog::check);
    connect(m_everywhere, &QCheckBox::toggled, this, &ViewNameDialog::check);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* const form = new QFormLayout(this);
    form->addRow(tr("&Name:"), m_name);
    form->addRow(m_everywhere);
    form->addRow(m_note);
    form->addRow(buttons);
    // A line of its own from the beginning: nothing moves while one types.
    m_note->setMinimumHeight(m_note->fontMetrics().lineSpacing());
    check();
    resize(420, sizeHint().height());
}

ViewName ViewNameDialog::answer() const
{
    return {m_name->text().simplified(), m_everywhere->isChecked()};
}

void ViewNameDialog::check()
{
    const auto [name, everywhere] = answer();
    const ViewName& before = m_question.before;
    const bool renames = !before.name.isEmpty();
    const bool same = renames && name == before.name && everywhere == before.everywhere;
    const bool taken = !same && (everywhere ? m_question.ofEveryStore : m_question.ofStore).contains(name);
    if (!taken)
        m_note->clear();
    else
        m_note->setText(renames ? tr("Another saved view has this name.")
                                : tr("The saved view of this name is replaced."));
    m_save->setText(taken && !renames ? tr("&Replace") : tr("&Save"));
    m_save->setEnabled(!name.isEmpty() && !(renames && taken));
}

void ViewNameDialog::ask(QWidget* parent, const ViewQuestion& question,
                         std::function<void(const ViewName&)> answered)
{
    auto* const dialog = new ViewNameDialog(question, parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, dialog,
            [dialog, answered = std::move(answered)] { answered(dialog->answer()); });
    dialog->open();
}

} // namespace faultline
