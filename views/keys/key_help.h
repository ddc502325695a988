#pragma once
#include <QDialog>
#include <QKeySequence>

#include <vector>

class QGridLayout;

namespace faultline {

class KeyTable;

/// The keys that work where the keyboard is: those of the focused view, of what it lies in, and of the menus.
class KeyHelp final : public QDialog
{
    Q_OBJECT
public:
    struct Section
    {
        QString title;
        std::vector<std::pair<QString, QString>> rows; ///< keys, what they do
    };
    /// From `focused` outwards to its window; without one, the window's own.
    static std::vector<Section> sectionsFor(QWidget* window, QWidget* focused);
    KeyHelp(const std::vector<Section>& sections, QWidget* parent);
    /// "Ctrl+O, F2".
    static QString keysText(const QList<QKeySequence>& keys);
    /// The text of a menu's entry without its mark for the keyboard, and without what stands behind a tab.
    static QString plainTitle(QString text);
};

} // namespace faultline
