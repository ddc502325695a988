#include "views/investigate/document_view.h"

#include "models/records/json_pretty.h"
#include "views/render/counts.h"
#include "views/render/plain_text.h"

#include <QButtonGroup>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPlainTextEdit>
#include <QTextOption>
#include <QToolButton>
#include <QVBoxLayout>

namespace faultline {
namespace {

/// Bytes of a text that are shown; the layout of more would hold the window up.
constexpr std::size_t kMostShown = 32 * 1024;

QString shownText(std::string_view bytes, const QString& advice)
{
    QString text = severalLines(bytes, kMostShown);
    if (bytes.size() > kMostShown)
        text += DocumentView::tr("\n… %1. %2")
                    .arg(counted(bytes.size() - kMostShown, DocumentView::tr("more byte"),
                                 DocumentView::tr("more bytes")),
                         advice);
    return text;
}

} // namespace

DocumentView::DocumentView(QWidget* parent)
    : QWidget(parent), m_forms(new QButtonGroup(this)), m_text(new QPlainTextEdit(this))
{
    m_text->setObjectName(QStringLiteral("detailOriginal"));
    m_text->setAccessibleName(tr("Original line"));
    m_text->setReadOnly(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_text->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_text->setFrameShape(QFrame::NoFrame);
    m_text->setPlaceholderText(tr("The original line"));
    m_text->setTabChangesFocus(true);
    m_text->installEventFilter(this);
    // A line of a log begins at the left, whatever its first letter is.
    QTextOption option = m_text->document()->defaultTextOption();
    option.setTextDirection(Qt::LeftToRight);
    option.setWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    m_text->document()->setDefaultTextOption(option);
    m_text->setLayoutDirection(Qt::LeftToRight);

    auto* const row = new QHBoxLayout;
    row->setContentsMargins(6, 2, 6, 2);
    row->setSpacing(2);
    const struct
    {
        const char* name;
        QString text, tip;
    } forms[] = {{"formOriginal", tr("Original"), tr("The bytes of the event as they came (V)")},
                 {"formFormatted", tr("JSON"), tr("The event's JSON, a member a line (V)")},
                 {"formValue", tr("Value"), tr("The chosen value in full, such as a stack trace (V)")}};
    int id = 0;
    for (const auto& form : forms) {
        auto* const button = new QToolButton(this);
        button->setObjectName(QLatin1String(form.name));
        button->setText(form.text);
        button->setToolTip(form.tip);
        button->setAccessibleName(form.tip);
        button->setCheckable(true);
        button->setAutoRaise(true);
        button->setChecked(id == 0);
        m_forms->addButton(button, id++);
        row->addWidget(button);
    }
    row->addStretch(1);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(row);
    layout->addWidget(m_text, 1);
    connect(m_forms, &QButtonGroup::idClicked, this,
            [this](int chosen) { setForm(static_cast<Form>(chosen)); });
}

void DocumentView::setEvent(const EventRow& event)
{
    m_document = event.document;
    m_field.clear();
    m_value.clear();
    showText();
}

void DocumentView::clear()
{
    m_document.clear();
    m_field.clear();
    m_value.clear();
    m_text->clear();
}

void DocumentView::setValue(const std::string& field, const std::string& value)
{
    if (m_field == field && m_value == value) return;
    m_field = field;
    m_value = value;
    if (m_form == Form::Value) showText();
}

void DocumentView::setForm(Form form)
{
    if (auto* const button = m_forms->button(static_cast<int>(form))) button->setChecked(true);
    if (m_form == form) return;
    m_form = form;
    showText();
    Q_EMIT formChanged();
}

void DocumentView::nextForm()
{
    setForm(static_cast<Form>((static_cast<int>(m_form) + 1) % 3));
}

QString DocumentView::formattedText() const
{
    std::string pretty;
    const bool whole = appendPrettyJson(m_document, kMostShown, pretty);
    if (pretty.empty()) return tr("Not a JSON object:\n") + shownText(m_document, {});
    QString text = severalLines(pretty, kMostShown);
    if (!whole) text += tr("\n… the rest of it is not shown. Copying the line takes all of it.");
    return text;
}

void DocumentView::showText()
{
    QString text;
    switch (m_form) {
    case Form::Original:
        text = shownText(m_document, tr("Copying the line in the list takes all of it."));
        break;
    case Form::Formatted:
        if (!m_document.empty()) text = formattedText();
        break;
    case Form::Value: text = shownText(m_value, tr("Copying the value takes all of it.")); break;
    }
    m_text->setAccessibleName(m_form == Form::Original    ? tr("Original line")
                              : m_form == Form::Formatted ? tr("The event's JSON")
                                                          : tr("Value of %1").arg(oneLine(m_field)));
    if (m_text->toPlainText() != text) m_text->setPlainText(text);
}

bool DocumentView::eventFilter(QObject* object, QEvent* event)
{
    if (event->type() == QEvent::KeyPress) {
        const auto* const pressed = static_cast<QKeyEvent*>(event);
        if (pressed->key() == Qt::Key_Escape) {
            Q_EMIT left();
            return true;
        }
        if (pressed->key() == Qt::Key_V && pressed->modifiers() == Qt::NoModifier) {
            nextForm();
            return true;
        }
    }
    return QWidget::eventFilter(object, event);
}

} // namespace faultline
