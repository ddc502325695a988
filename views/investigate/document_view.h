#pragma once
#include "models/query/engine.h"

#include <QWidget>

#include <string>

class QButtonGroup;
class QPlainTextEdit;

namespace faultline {

/// What an event is made of, to be read: its own bytes as they came, its JSON formatted, or one value in
/// full, such as a stack trace. Plain text in a font of one width, wrapped; long ones are cut, and said to
/// be.
class DocumentView final : public QWidget
{
    Q_OBJECT
public:
    enum class Form { Original, Formatted, Value };
    explicit DocumentView(QWidget* parent = nullptr);
    void setEvent(const EventRow& event);
    void clear();
    /// The value that is shown in full.
    void setValue(const std::string& field, const std::string& value);
    Form form() const { return m_form; }
    void setForm(Form form);
    void nextForm();

Q_SIGNALS:
    void formChanged();
    void left(); ///< Esc: the keyboard goes back to the fields

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void showText();
    QString formattedText() const;
    QButtonGroup* m_forms;
    QPlainTextEdit* m_text;
    Form m_form = Form::Original;
    std::string m_document, m_field, m_value;
};

} // namespace faultline
