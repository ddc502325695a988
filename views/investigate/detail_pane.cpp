#include "views/investigate/detail_pane.h"

#include "models/tables/field_table_model.h"
#include "views/render/time_axis.h"

#include <QClipboard>
#include <QContextMenuEvent>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QPlainTextEdit>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

namespace faultline {

DetailPane::DetailPane(QWidget* parent)
    : QWidget(parent)
    , m_model(new FieldTableModel(this))
    , m_title(new QLabel(this))
    , m_fields(new QTableView(this))
    , m_original(new QPlainTextEdit(this))
{
    const QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    m_title->setObjectName(QStringLiteral("detailTitle"));
    m_title->setTextFormat(Qt::PlainText);
    m_title->setContentsMargins(6, 4, 6, 4);
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);

    m_fields->setObjectName(QStringLiteral("detailFields"));
    m_fields->setAccessibleName(tr("Fields of the event"));
    m_fields->setModel(m_model);
    m_fields->setFont(fixed);
    m_fields->verticalHeader()->hide();
    m_fields->verticalHeader()->setDefaultSectionSize(QFontMetrics(fixed).height() + 4);
    m_fields->horizontalHeader()->setStretchLastSection(true);
    m_fields->horizontalHeader()->setHighlightSections(false);
    m_fields->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_fields->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_fields->setSelectionMode(QAbstractItemView::SingleSelection);
    m_fields->setShowGrid(false);
    m_fields->setWordWrap(false);
    m_fields->setTextElideMode(Qt::ElideRight);
    m_fields->setTabKeyNavigation(false);
    m_fields->setFrameShape(QFrame::NoFrame);
    m_fields->setContextMenuPolicy(Qt::CustomContextMenu);
    m_fields->installEventFilter(this);
    connect(m_fields, &QTableView::customContextMenuRequested, this, [this](const QPoint& at) {
        showMenu(m_fields->viewport()->mapToGlobal(at), m_fields->indexAt(at).row());
    });
    connect(m_fields, &QTableView::doubleClicked, this, [this](const QModelIndex& index) {
        const auto& row = m_model->row(index.row());
        Q_EMIT filterRequested(QString::fromStdString(row.field), QString::fromStdString(row.value), false);
    });

    m_original->setObjectName(QStringLiteral("detailOriginal"));
    m_original->setAccessibleName(tr("Original line"));
    m_original->setReadOnly(true);
    m_original->setFont(fixed);
    m_original->setFrameShape(QFrame::NoFrame);
    m_original->setPlaceholderText(tr("The original line"));
    m_original->setTabChangesFocus(true);

    auto* const split = new QSplitter(Qt::Vertical, this);
    split->addWidget(m_fields);
    split->addWidget(m_original);
    split->setStretchFactor(0, 3);
    split->setStretchFactor(1, 1);
    split->setChildrenCollapsible(false);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_title);
    layout->addWidget(split, 1);
    clear();
}

void DetailPane::setTheme(const Theme& theme)
{
    QPalette colors = m_title->palette();
    colors.setColor(QPalette::WindowText, theme.dim);
    m_title->setPalette(colors);
}

void DetailPane::setEvent(const EventRow& event)
{
    const int width = m_fields->columnWidth(FieldTableModel::NameColumn);
    m_model->setEvent(event);
    m_fields->resizeColumnToContents(FieldTableModel::NameColumn);
    const int wanted = m_fields->columnWidth(FieldTableModel::NameColumn) + 12;
    m_fields->setColumnWidth(FieldTableModel::NameColumn, std::clamp(wanted, std::min(width, 160), 240));
    m_original->setPlainText(
        QString::fromUtf8(event.document.data(), static_cast<qsizetype>(event.document.size())));
    m_title->setText(formatTimeForPeople(event.key.time, 9) + QStringLiteral(" UTC"));
}

void DetailPane::showMessage(const QString& text)
{
    m_model->setEvent(std::nullopt);
    m_original->clear();
    m_title->setText(text);
}

void DetailPane::clear()
{
    showMessage(tr("Choose an event to see its fields"));
}

void DetailPane::showMenu(const QPoint& globalPosition, int row)
{
    if (row < 0 || row >= m_model->rowCount()) return;
    const auto chosen = m_model->row(row);
    const QString field = QString::fromStdString(chosen.field), value = QString::fromStdString(chosen.value);
    auto* const menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setObjectName(QStringLiteral("fieldMenu"));
    menu->addAction(tr("Filter &for this value"), this,
                    [=, this] { Q_EMIT filterRequested(field, value, false); });
    menu->addAction(tr("Filter &out this value"), this,
                    [=, this] { Q_EMIT filterRequested(field, value, true); });
    menu->addSeparator();
    menu->addAction(tr("Field &exists"), this, [=, this] { Q_EMIT existsRequested(field, false); });
    menu->addAction(tr("Field is &absent"), this, [=, this] { Q_EMIT existsRequested(field, true); });
    menu->addAction(tr("Show as &column"), this, [=, this] { Q_EMIT columnRequested(field); });
    menu->addSeparator();
    menu->addAction(tr("&Copy value"), this, [=] { QGuiApplication::clipboard()->setText(value); });
    menu->popup(globalPosition);
}

bool DetailPane::eventFilter(QObject* object, QEvent* event)
{
    if (object == m_fields && event->type() == QEvent::KeyPress) {
        const auto* const key = static_cast<QKeyEvent*>(event);
        const QModelIndex at = m_fields->currentIndex();
        if (at.isValid() && key->modifiers() == Qt::NoModifier) {
            const auto& row = m_model->row(at.row());
            const QString field = QString::fromStdString(row.field),
                          value = QString::fromStdString(row.value);
            switch (key->key()) {
            case Qt::Key_Return:
            case Qt::Key_F: Q_EMIT filterRequested(field, value, false); return true;
            case Qt::Key_O: Q_EMIT filterRequested(field, value, true); return true;
            case Qt::Key_C: QGuiApplication::clipboard()->setText(value); return true;
            default: break;
            }
        }
    }
    return QWidget::eventFilter(object, event);
}

} // namespace faultline
