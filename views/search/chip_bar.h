#pragma once
#include "models/session/investigation_view.h"
#include "views/keys/key_table.h"
#include "views/render/theme.h"

#include <QWidget>

#include <functional>
#include <optional>
#include <vector>

class QLayout;
class QToolButton;

namespace faultline {

/// The conditions beside the typed query, a chip each: switched off and on by a click or Space, the rest by
/// its menu or by keys. Hidden while there are none.
class ChipBar final : public QWidget, public HasKeys
{
    Q_OBJECT
public:
    /// Asks for another text of a chip; nothing when the user changes their mind.
    using AskText = std::function<std::optional<QString>(QWidget* parent, const QString& before)>;
    explicit ChipBar(AskText askText, QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    void setChips(const std::vector<FilterChip>& chips, bool on);
    const std::vector<FilterChip>& chips() const { return m_chips; }
    QString keysTitle() const override { return tr("Filters"); }
    const KeyTable& keys() const override { return m_keys; }

Q_SIGNALS:
    void chipsChanged(const std::vector<faultline::FilterChip>& chips, bool on);
    void left(); ///< Esc: the keyboard goes back

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void build();
    void paintChip(QToolButton& button, const FilterChip& chip) const;
    void showMenu(std::size_t index);
    int focused() const;
    void change(int index, const std::function<void(FilterChip&)>& how);
    void remove(int index);
    void edit(int index);

    AskText m_askText;
    Theme m_theme = Theme::darkTheme();
    KeyTable m_keys;
    QLayout* m_layout;
    QToolButton* m_all = nullptr; ///< all off and on
    std::vector<QToolButton*> m_buttons;
    std::vector<FilterChip> m_chips;
    bool m_on = true;
};

} // namespace faultline
