#include "views/fields/pattern_pane.h"

#include "models/tables/cell_text.h"
#include "models/tables/pattern_list_model.h"
#include "views/fields/keyed_list.h"
#include "views/fields/row_delegates.h"
#include "views/render/counts.h"
#include "views/render/plain_text.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QMenu>
#include <QVBoxLayout>

namespace faultline {

PatternPane::PatternPane(std::shared_ptr<QueryService> queries, QWidget* parent)
    : QWidget(parent)
    , m_model(new PatternListModel(std::move(queries), this))
    , m_rows(new PatternRowDelegate(this))
    , m_list(new KeyedList(tr("Patterns of messages"), this))
    , m_whole(new QLabel(this))
    , m_note(new QLabel(this))
{
    m_list->setObjectName(QStringLiteral("patternList"));
    m_list->setModel(m_model);
    m_list->setModelColumn(PatternListModel::PatternColumn);
    m_list->setItemDelegate(m_rows);
    m_note->setObjectName(QStringLiteral("patternsNote"));
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    m_note->setContentsMargins(6, 2, 6, 4);
    m_whole->setObjectName(QStringLiteral("patternWhole"));
    m_whole->setAccessibleName(tr("The chosen pattern"));
    m_whole->setTextFormat(Qt::PlainText);
    m_whole->setWordWrap(true);
    m_whole->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_whole->setContentsMargins(6, 4, 6, 0);
    // Text without a place to break must not widen the panel.
    m_whole->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_whole->hide();
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 4, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(m_list, 1);
    layout->addWidget(m_whole);
    layout->addWidget(m_note);

    KeyTable& keys = m_list->keys();
    keys.add({Qt::Key_Return, Qt::Key_Plus}, tr("Filter for this pattern"),
             [this] { take(m_list->currentRow(), false); });
    keys.add({Qt::Key_Minus}, tr("Filter out this pattern"), [this] { take(m_list->currentRow(), true); });
    keys.add({Qt::Key_C, QKeySequence(Qt::CTRL | Qt::Key_C)}, tr("Copy the pattern"),
             [this] { copy(m_list->currentRow()); });
    keys.add({Qt::Key_Escape}, tr("Back to the events"), [this] { Q_EMIT left(); });
    connect(m_list, &KeyedList::menuRequested, this, &PatternPane::showMenu);
    connect(m_list, &QListView::doubleClicked, this,
            [this](const QModelIndex& at) { take(at.row(), false); });
    connect(m_model, &QAbstractItemModel::modelAboutToBeReset, this, [this] {
        const PatternSummary* const pattern = m_model->pattern(m_list->currentRow());
        m_current = pattern != nullptr ? pattern->id : 0;
    });
    connect(m_model, &QAbstractItemModel::modelReset, this, [this] {
        if (const int row = m_model->rowOf(m_current); row >= 0)
            m_list->setCurrentRow(row);
        else if (m_list->hasFocus())
            m_list->setCurrentRow(0);
    });
    connect(m_model, &PatternListModel::answered, this, &PatternPane::showState);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &PatternPane::showWhole);
    connect(m_model, &QAbstractItemModel::modelReset, this, &PatternPane::showWhole);
}

void PatternPane::setTheme(const Theme& theme)
{
    m_rows->setTheme(theme);
    QPalette colors = m_note->palette();
    colors.setColor(QPalette::WindowText, theme.dim);
    m_note->setPalette(colors);
    m_list->viewport()->update();
}

void PatternPane::setSelection(const Selection& selection)
{
    m_model->setSelection(selection);
}

bool PatternPane::forget()
{
    const bool asked = m_model->loading();
    m_model->forget();
    return asked;
}

void PatternPane::focusList()
{
    m_list->setFocus(Qt::ShortcutFocusReason);
}

void PatternPane::showState()
{
    QString text;
    const ScanProgress& progress = m_model->progress();
    if (m_model->error())
        text = QString::fromStdString(m_model->error()->line());
    else if (m_model->loading() && m_model->rowCount() == 0)
        text = tr("Reading\u2026");
    else if (!progress.exact && progress.eventsTotal > 0)
        text = tr("So far: %1 of the events read")
                   .arg(percentText(progress.eventsScanned, progress.eventsTotal));
    else if (m_model->rowCount() == 0)
        text = tr("No event of the view has a message");
    else if (m_model->more())
        text = tr("The %1 most frequent patterns").arg(groupedNumber(PatternListModel::kMost));
    else
        text = tr("%1 in %2")
                   .arg(counted(static_cast<quint64>(m_model->rowCount()), tr("pattern"), tr("patterns")),
                        eventCount(m_model->total()));
    m_note->setText(text);
}

void PatternPane::showWhole()
{
    // A row has room for both ends of a pattern: what tells two apart may be between.
    constexpr qsizetype kMost = 400;
    const PatternSummary* const pattern = m_model->pattern(m_list->currentRow());
    m_whole->setText(pattern != nullptr ? elidedMiddle(oneLine(pattern->pattern, 4'000), kMost) : QString());
    m_whole->setVisible(!m_whole->text().isEmpty());
}

void PatternPane::take(int row, bool exclude)
{
    const PatternSummary* const pattern = m_model->pattern(row);
    if (pattern != nullptr) Q_EMIT patternRequested(pattern->id, cellText(pattern->pattern, 4'000), exclude);
}

void PatternPane::copy(int row)
{
    if (const PatternSummary* const pattern = m_model->pattern(row))
        QGuiApplication::clipboard()->setText(QString::fromStdString(pattern->pattern));
}

void PatternPane::showMenu(int row, const QPoint& globalPosition)
{
    const PatternSummary* const pattern = m_model->pattern(row);
    if (pattern == nullptr) return;
    // By value: the next answer may put others here.
    const quint64 id = pattern->id;
    const QString text = QString::fromStdString(pattern->pattern), shown = cellText(pattern->pattern, 4'000);
    auto* const menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setObjectName(QStringLiteral("patternMenu"));
    menu->addAction(tr("Filter &for this pattern"), this,
                    [=, this] { Q_EMIT patternRequested(id, shown, false); });
    menu->addAction(tr("Filter &out this pattern"), this,
                    [=, this] { Q_EMIT patternRequested(id, shown, true); });
    menu->addSeparator();
    menu->addAction(tr("&Copy pattern"), this, [=] { QGuiApplication::clipboard()->setText(text); });
    menu->popup(globalPosition);
}

} // namespace faultline
