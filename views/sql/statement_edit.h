#pragma once
#include "models/base/error.h"
#include "views/keys/key_table.h"
#include "views/render/theme.h"

#include <QPlainTextEdit>

#include <optional>
#include <vector>

namespace faultline {

/// Where a statement is written, in a fixed font; its keys run it and walk through what ran before. Shows
/// the place of a fault in the text itself.
class StatementEdit final : public QPlainTextEdit, public HasKeys
{
    Q_OBJECT
public:
    explicit StatementEdit(QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    /// What ran before, oldest first.
    void setPast(const QStringList& past);
    const QStringList& past() const { return m_past; }
    /// Puts the present text at the end of the past; of equal ones the last stays.
    void remember();
    /// Underlines the place and goes there. The offset is one of UTF-8 bytes.
    void showFault(const Error::Place& place);
    void clearFault();
    QString keysTitle() const override { return tr("Statement"); }
    const KeyTable& keys() const override { return m_keys; }
    bool takesText() const override { return true; }

    static constexpr qsizetype kMostPast = 100;

Q_SIGNALS:
    void runRequested();
    void left();

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    void step(int by);
    Theme m_theme = Theme::darkTheme();
    KeyTable m_keys;
    QStringList m_past;
    qsizetype m_at = -1;  ///< in the past; -1: a text of its own
    QString m_unfinished; ///< the own text, while the past is looked at
};

/// The faulty line of a statement and under it a caret, for a fixed font: "2: FROM evnts" and "        ^".
/// Lines longer than `mostCharacters` are cut around the place.
QString caretLines(const QString& statement, const Error::Place& place, int mostCharacters = 100);

} // namespace faultline
