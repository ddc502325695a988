#include "views/keys/key_table.h"

#include <QKeyEvent>

namespace faultline {

void KeyTable::add(QList<QKeySequence> keys, QString what, std::function<void()> run)
{
    m_rows.push_back({std::move(keys), std::move(what), std::move(run)});
}

bool KeyTable::handle(const QKeyEvent& event) const
{
    // Which of a keyboard's two Enters, and whether the number pad was used, makes no difference.
    Qt::KeyboardModifiers modifiers = event.modifiers() & ~Qt::KeypadModifier;
    const int key = event.key() == Qt::Key_Enter ? int(Qt::Key_Return) : event.key();
    // Whether / or ? needs Shift is the keyboard's affair; a letter with Shift is another key.
    const bool sign = key > 0x20 && key < 0x7f && (key < Qt::Key_A || key > Qt::Key_Z);
    if (sign) modifiers &= ~Qt::ShiftModifier;
    const QKeySequence pressed(QKeyCombination(modifiers, static_cast<Qt::Key>(key)));
    for (const Row& row : m_rows) {
        if (!row.keys.contains(pressed)) continue;
        row.run();
        return true;
    }
    return false;
}

bool writes(const QKeyEvent& event)
{
    constexpr auto kCommand = Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier;
    const QString text = event.text();
    return !(event.modifiers() & kCommand) && !text.isEmpty() && text.front().isPrint();
}

} // namespace faultline
