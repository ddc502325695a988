#pragma once
#include "models/base/error.h"
#include "models/query/filter.h"
#include "views/render/theme.h"

#include <QWidget>

class QLabel;
class QLineEdit;

namespace faultline {

/// The query line: Enter applies, an error stands under the place it is about and keeps the last good filter.
class SearchBar final : public QWidget
{
    Q_OBJECT
public:
    explicit SearchBar(QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    QString text() const;
    /// Shows a query without applying it again.
    void setText(const QString& text);
    void showError(const QString& query, const Error& error);
    void clearError();
    void focusInput();

Q_SIGNALS:
    void submitted(const QString& text);
    void left(); ///< Esc or Down: the keyboard goes back to the list

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    QLineEdit* m_input;
    QLabel* m_error;
    Theme m_theme;
};

} // namespace faultline
