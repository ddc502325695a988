#include "views/fields/field_card.h"

#include "models/tables/cell_text.h"
#include "models/tables/field_list_model.h"
#include "models/tables/field_values_model.h"
#include "views/fields/keyed_list.h"
#include "views/fields/number_view.h"
#include "views/fields/row_delegates.h"
#include "views/render/plain_text.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QScrollBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace faultline {

FieldCard::FieldCard(std::shared_ptr<QueryService> queries, QWidget* parent)
    : QScrollArea(parent)
    , m_values(new FieldValuesModel(queries, this))
    , m_numbers(new NumberFacts(std::move(queries), this))
    , m_rows(new ValueRowDelegate(this))
    , m_title(new QLabel(this))
    , m_note(new QLabel(this))
    , m_close(new QToolButton(this))
    , m_list(new KeyedList(tr("Values of the field"), this))
    , m_number(new NumberView(this))
{
    setObjectName(QStringLiteral("fieldCard"));
    setAccessibleName(tr("The field that is open"));
    makeLayout();
    makeKeys();
    connect(m_values, &FieldValuesModel::answered, this, &FieldCard::showAnswer);
    connect(m_values, &QAbstractItemModel::modelAboutToBeReset, this,
            [this] { m_currentValue = m_values->value(m_list->currentRow()).value_or(QString()); });
    connect(m_numbers, &NumberFacts::changed, this, [this] {
        m_number->show(*m_numbers);
        if (m_numbers->error()) showAnswer();
    });
    // One click is enough to see what can be done with a value.
    connect(m_list, &QListView::clicked, this,
            [this](const QModelIndex& at) { showMenu(at.row(), QCursor::pos()); });
    connect(m_list, &KeyedList::menuRequested, this, &FieldCard::showMenu);
    connect(m_close, &QToolButton::clicked, this, &FieldCard::left);
}

void FieldCard::makeLayout()
{
    m_title->setObjectName(QStringLiteral("fieldTitle"));
    m_title->setTextFormat(Qt::PlainText);
    QFont bold = m_title->font();
    bold.setBold(true);
    m_title->setFont(bold);
    m_title->setMinimumWidth(10);
    m_note->setObjectName(QStringLiteral("fieldNote"));
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    m_close->setObjectName(QStringLiteral("fieldClose"));
    m_close->setText(QString(QChar(0x00d7)));
    m_close->setAccessibleName(tr("Close the field"));
    m_close->setToolTip(tr("Close (Esc)"));
    m_close->setAutoRaise(true);
    m_list->setObjectName(QStringLiteral("fieldValues"));
    m_list->setModel(m_values);
    m_list->setItemDelegate(m_rows);
    m_list->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);

    auto* const head = new QHBoxLayout;
    head->setContentsMargins(6, 4, 2, 0);
    head->addWidget(m_title, 1);
    head->addWidget(m_close);
    auto* const inside = new QWidget(this);
    auto* const layout = new QVBoxLayout(inside);
    layout->setContentsMargins(0, 0, 0, 4);
    layout->setSpacing(3);
    layout->addLayout(head);
    layout->addWidget(m_note);
    layout->addWidget(m_list);
    layout->addWidget(m_number);
    layout->addStretch(1);
    m_note->setContentsMargins(6, 0, 6, 0);
    setWidget(inside);
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
}

void FieldCard::makeKeys()
{
    KeyTable& keys = m_list->keys();
    keys.add({Qt::Key_Return, Qt::Key_Plus}, tr("Filter for this value"),
             [this] { take(m_list->currentRow(), false); });
    keys.add({Qt::Key_Minus}, tr("Filter out this value"), [this] { take(m_list->currentRow(), true); });
    keys.add({Qt::Key_E}, tr("Events that have the field"),
             [this] { Q_EMIT existsRequested(m_field, false); });
    keys.add({Qt::Key_A}, tr("Events without the field"), [this] { Q_EMIT existsRequested(m_field, true); });
    keys.add({Qt::Key_L}, tr("Column of the field: show, or take away"),
             [this] { Q_EMIT columnRequested(m_field); });
    keys.add({Qt::Key_G}, tr("Group the timeline by the field"), [this] { Q_EMIT groupRequested(m_field); });
    keys.add({Qt::Key_C, QKeySequence(Qt::CTRL | Qt::Key_C)}, tr("Copy the value"),
             [this] { copy(m_list->currentRow()); });
    keys.add({Qt::Key_Escape}, tr("Close the field"), [this] { Q_EMIT left(); });
}

void FieldCard::setZone(const DisplayZone& zone)
{
    m_number->setZone(zone);
}

void FieldCard::setTheme(const Theme& theme)
{
    m_rows->setTheme(theme);
    m_number->setTheme(theme);
    QPalette colors = m_note->palette();
    colors.setColor(QPalette::WindowText, theme.dim);
    m_note->setPalette(colors);
    m_list->viewport()->update();
    QPalette ground = widget()->palette();
    ground.setColor(QPalette::Window, theme.base);
    widget()->setPalette(ground);
    widget()->setAutoFillBackground(true);
}

void FieldCard::open(const Selection& selection, const QString& field, const NumberFacts::TimeScale& scale)
{
    const bool other = field != m_field;
    m_field = field;
    m_selection = selection;
    m_scale = scale;
    m_asked = false;
    if (other) {
        m_numbers->clear();
        m_currentValue.clear();
        verticalScrollBar()->setValue(0);
    }
    m_title->setText(oneLine(field.toStdString(), 300));
    m_title->setToolTip(plainToolTip(field.left(2'000)));
    m_values->ask(selection, field);
    showAnswer();
}

void FieldCard::close()
{
    m_field.clear();
    m_values->clear();
    m_numbers->clear();
}

void FieldCard::focusValues()
{
    m_list->setFocus();
}

bool FieldCard::mayBeNumbers() const
{
    const auto& summary = m_values->summary();
    if (!summary || summary->present == 0) return false;
    const FieldType type = fieldTypeOf(summary->kinds);
    if (type == FieldType::Number || type == FieldType::Mixed) return true;
    // Numbers that a logger wrote as texts.
    return type == FieldType::Text &&
           std::all_of(summary->top.begin(), summary->top.end(), [](const auto& each) {
               bool number = false;
               (void)QString::fromStdString(each.value).toDouble(&number);
               return number;
           });
}

void FieldCard::showAnswer()
{
    const auto& summary = m_values->summary();
    QStringList lines;
    const auto& error = m_values->error() ? m_values->error() : m_numbers->error();
    if (error) {
        lines.push_back(QString::fromStdString(error->line()));
    } else if (!summary) {
        lines.push_back(tr("Reading\u2026"));
    } else {
        if (m_values->total() == 0) {
            lines.push_back(tr("The view has no events"));
        } else {
            lines.push_back(tr("In %1 of %2 events (%3)")
                                .arg(groupedNumber(summary->present), groupedNumber(m_values->total()),
                                     percentText(summary->present, m_values->total())));
            lines.push_back(summary->distinct == 1
                                ? tr("1 distinct value")
                                : tr("%1 distinct values").arg(groupedNumber(summary->distinct)));
        }
        const ScanProgress& progress = m_values->progress();
        if (!progress.exact)
            lines.push_back(tr("so far: %1 of the events read")
                                .arg(percentText(progress.eventsScanned, progress.eventsTotal)));
    }
    m_note->setText(lines.join(QStringLiteral("; ")));
    const int rows = m_values->rowCount();
    m_list->setVisible(rows > 0);
    if (rows > 0) {
        m_list->setFixedHeight(rows * m_list->sizeHintForRow(0) + 2);
        int current = 0;
        for (int row = 0; row < rows; ++row)
            if (!m_currentValue.isEmpty() && m_values->value(row) == m_currentValue) current = row;
        m_list->setCurrentRow(current);
    }
    // Percentiles wait for the kind of the field, not for its values.
    if (!m_asked && mayBeNumbers()) {
        m_asked = true;
        m_numbers->ask(m_selection, m_field, m_scale);
    }
}

void FieldCard::take(int row, bool exclude)
{
    if (row < 0 || row >= m_values->rowCount()) return;
    if (const auto value = m_values->value(row)) Q_EMIT filterRequested(m_field, *value, exclude);
    if (m_values->kind(row) == FieldValuesModel::Kind::Absent) Q_EMIT existsRequested(m_field, !exclude);
}

void FieldCard::copy(int row)
{
    if (const auto value = m_values->value(row)) QGuiApplication::clipboard()->setText(*value);
}

void FieldCard::showMenu(int row, const QPoint& globalPosition)
{
    if (row < 0 || row >= m_values->rowCount()) return;
    // By value: what the menu starts, or the next answer, may put others here.
    const QString field = m_field;
    auto* const menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setObjectName(QStringLiteral("valueMenu"));
    if (const auto value = m_values->value(row)) {
        menu->addAction(tr("Filter &for this value"), this,
                        [=, this] { Q_EMIT filterRequested(field, *value, false); });
        menu->addAction(tr("Filter &out this value"), this,
                        [=, this] { Q_EMIT filterRequested(field, *value, true); });
        menu->addAction(tr("&Copy value"), this, [=] { QGuiApplication::clipboard()->setText(*value); });
        menu->addSeparator();
    }
    menu->addAction(tr("Field &exists"), this, [=, this] { Q_EMIT existsRequested(field, false); });
    menu->addAction(tr("Field is &absent"), this, [=, this] { Q_EMIT existsRequested(field, true); });
    menu->addAction(tr("Co&lumn: show, or take away"), this, [=, this] { Q_EMIT columnRequested(field); });
    menu->addAction(tr("&Group the timeline"), this, [=, this] { Q_EMIT groupRequested(field); });
    menu->popup(globalPosition);
}

} // namespace faultline
