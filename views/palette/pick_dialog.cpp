#include "views/palette/pick_dialog.h"

#include "views/palette/fuzzy.h"

#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QPointer>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>

namespace faultline {
namespace {

constexpr int kWhereRole = Qt::UserRole + 1, kKeysRole = Qt::UserRole + 2, kChoiceRole = Qt::UserRole + 3;
constexpr std::size_t kMostShown = 200;

/// The title, dimmed behind it where it belongs, and the keys at the right.
class ChoiceDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const bool current = option.state.testFlag(QStyle::State_Selected);
        const QPalette& colors = option.palette;
        if (current) painter->fillRect(option.rect, colors.highlight());
        const QColor text = current ? colors.highlightedText().color() : colors.text().color();
        const QColor dim = current ? text : colors.placeholderText().color();
        QRect room = option.rect.adjusted(8, 0, -8, 0);
        const QFontMetrics& metrics = option.fontMetrics;
        const QString keys = index.data(kKeysRole).toString();
        painter->setFont(option.font);
        painter->setPen(dim);
        if (!keys.isEmpty()) {
            painter->drawText(room, Qt::AlignRight | Qt::AlignVCenter, keys);
            room.setRight(room.right() - metrics.horizontalAdvance(keys) - 16);
        }
        const QString where = index.data(kWhereRole).toString();
        const int whereWidth = where.isEmpty() ? 0 : metrics.horizontalAdvance(where) + 12;
        const QString title = metrics.elidedText(index.data().toString(), Qt::ElideRight,
                                                 std::max(40, room.width() - whereWidth));
        painter->setPen(text);
        painter->drawText(room, Qt::AlignLeft | Qt::AlignVCenter, title);
        room.setLeft(room.left() + metrics.horizontalAdvance(title) + 12);
        painter->setPen(dim);
        if (room.width() > 40)
            painter->drawText(room, Qt::AlignLeft | Qt::AlignVCenter,
                              metrics.elidedText(where, Qt::ElideRight, room.width()));
    }
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override
    {
        return {100, option.fontMetrics.height() + 8};
    }
};

} // namespace

PickDialog::PickDialog(const QString& title, const QString& prompt, std::vector<Choice> choices,
                       QWidget* parent)
    : QDialog(parent)
    , m_choices(std::move(choices))
    , m_input(new QLineEdit(this))
    , m_list(new QListWidget(this))
    , m_note(new QLabel(this))
{
    setObjectName(QStringLiteral("pickDialog"));
    setWindowTitle(title);
    setAttribute(Qt::WA_DeleteOnClose);
    setModal(true);
    m_input->setObjectName(QStringLiteral("pickInput"));
    m_input->setAccessibleName(title);
    m_input->setPlaceholderText(prompt);
    m_input->setClearButtonEnabled(true);
    m_input->installEventFilter(this);
    m_list->setObjectName(QStringLiteral("pickList"));
    m_list->setAccessibleName(tr("What fits"));
    m_list->setItemDelegate(new ChoiceDelegate(m_list));
    m_list->setFocusPolicy(Qt::NoFocus); // the keyboard stays in the line
    m_list->setUniformItemSizes(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_note->setObjectName(QStringLiteral("pickNote"));
    m_note->setTextFormat(Qt::PlainText);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->addWidget(m_input);
    layout->addWidget(m_list, 1);
    layout->addWidget(m_note);
    connect(m_input, &QLineEdit::textChanged, this, &PickDialog::fill);
    connect(m_list, &QListWidget::itemClicked, this, &PickDialog::take);
    const int wide = parent != nullptr ? parent->width() - 80 : 640;
    resize(std::clamp(wide, 320, 640), 420);
    fill();
}

void PickDialog::fill()
{
    const QString typed = m_input->text();
    std::vector<std::pair<int, std::size_t>> found;
    for (std::size_t i = 0; i < m_choices.size(); ++i) {
        // The name counts more than where it is.
        const int inTitle = fuzzyScore(typed, m_choices[i].title);
        const int score = inTitle > 0
                              ? inTitle * 2
                              : fuzzyScore(typed, m_choices[i].title + QLatin1Char(' ') + m_choices[i].where);
        if (score > 0) found.emplace_back(typed.trimmed().isEmpty() ? 0 : -score, i);
    }
    std::sort(found.begin(), found.end());
    const std::size_t all = found.size();
    if (found.size() > kMostShown) found.resize(kMostShown);
    m_list->clear();
    for (const auto& [score, i] : found) {
        auto* const item = new QListWidgetItem(m_choices[i].title, m_list);
        item->setData(kWhereRole, m_choices[i].where);
        item->setData(kKeysRole, m_choices[i].keys);
        item->setData(kChoiceRole, static_cast<qulonglong>(i));
        item->setData(Qt::AccessibleTextRole,
                      QStringList{m_choices[i].title, m_choices[i].where, m_choices[i].keys}.join(
                          QStringLiteral(", ")));
    }
    m_list->setCurrentRow(found.empty() ? -1 : 0);
    m_note->setText(found.empty() ? tr("Nothing fits. Backspace takes letters away, Esc closes.")
                    : all > found.size()
                        ? tr("The best %1 of %2. Type more to see the others.").arg(found.size()).arg(all)
                        : tr("Enter: does it   Up, Down: choose   Esc: closes"));
}

void PickDialog::take()
{
    const QListWidgetItem* const item = m_list->currentItem();
    if (item == nullptr) return;
    const Choice choice = m_choices[item->data(kChoiceRole).toULongLong()];
    QPointer<QWidget> owner = parentWidget();
    accept();
    Q_EMIT chosen(choice.title);
    // Not while the dialog is still there: what is done may ask something itself.
    if (owner) QMetaObject::invokeMethod(owner, choice.run, Qt::QueuedConnection);
}

bool PickDialog::eventFilter(QObject* object, QEvent* event)
{
    if (object != m_input || event->type() != QEvent::KeyPress) return QDialog::eventFilter(object, event);
    const int key = static_cast<QKeyEvent*>(event)->key();
    const int rows = m_list->count();
    int row = m_list->currentRow();
    switch (key) {
    case Qt::Key_Down: row = row + 1 < rows ? row + 1 : 0; break;
    case Qt::Key_Up: row = row > 0 ? row - 1 : rows - 1; break;
    case Qt::Key_PageDown: row = std::min(row + 10, rows - 1); break;
    case Qt::Key_PageUp: row = std::max(row - 10, 0); break;
    case Qt::Key_Return:
    case Qt::Key_Enter: take(); return true;
    default: return QDialog::eventFilter(object, event);
    }
    if (rows > 0) m_list->setCurrentRow(row);
    return true;
}

} // namespace faultline
