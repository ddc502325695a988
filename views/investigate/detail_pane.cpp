#include "views/investigate/detail_pane.h"

#include "models/tables/field_table_model.h"
#include "views/investigate/document_view.h"
#include "views/keys/key_table.h"
#include "views/render/plain_text.h"
#include "views/render/time_axis.h"

#include <QClipboard>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QSplitter>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace faultline {
namespace {

/// Names and values of a log as plain text on one line.
class PlainDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QString displayText(const QVariant& value, const QLocale&) const override
    {
        return oneLine(value.toString().toStdString(), 4'000);
    }

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override
    {
        QStyledItemDelegate::initStyleOption(option, index);
        // feature_flag.rollout.from and feature_flag.rollout.to differ at their end.
        if (index.column() == 0) option->textElideMode = Qt::ElideMiddle;
    }
};

} // namespace

class FieldTable final : public QTableView, public HasKeys
{
public:
    explicit FieldTable(QWidget* parent) : QTableView(parent) {}
    QString keysTitle() const override { return DetailPane::tr("Fields of the event"); }
    const KeyTable& keys() const override { return m_keys; }
    KeyTable& keys() { return m_keys; }

protected:
    void keyPressEvent(QKeyEvent* event) override
    {
        if (m_keys.handle(*event)) return;
        if (writes(*event))
            event->ignore();
        else
            QTableView::keyPressEvent(event);
    }

private:
    KeyTable m_keys;
};

DetailPane::DetailPane(QWidget* parent)
    : QWidget(parent)
    , m_model(new FieldTableModel(this))
    , m_title(new QLabel(this))
    , m_fields(new FieldTable(this))
    , m_original(new DocumentView(this))
{
    const QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    m_title->setObjectName(QStringLiteral("detailTitle"));
    m_title->setTextFormat(Qt::PlainText);
    m_title->setContentsMargins(6, 4, 6, 4);
    m_title->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);

    m_fields->setObjectName(QStringLiteral("detailFields"));
    m_fields->setAccessibleName(tr("Fields of the event"));
    m_fields->setModel(m_model);
    m_fields->setItemDelegate(new PlainDelegate(m_fields));
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
    makeKeys();
    connect(m_fields, &QTableView::customContextMenuRequested, this, [this](const QPoint& at) {
        showMenu(m_fields->viewport()->mapToGlobal(at), m_fields->indexAt(at).row());
    });
    connect(m_fields, &QTableView::doubleClicked, this, [this](const QModelIndex& index) {
        const auto& row = m_model->row(index.row());
        Q_EMIT filterRequested(QString::fromStdString(row.field), QString::fromStdString(row.value), false);
    });

    connect(m_original, &DocumentView::left, this, &DetailPane::focusFields);
    connect(m_original, &DocumentView::formChanged, this, &DetailPane::showValue);
    connect(m_fields->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &DetailPane::showValue);

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

void DetailPane::setZone(const DisplayZone& zone)
{
    m_zone = zone;
    showTime();
}

void DetailPane::showTime()
{
    if (!m_time) return;
    m_title->setText(formatTimeAt(*m_time, 9, m_zone.offset(*m_time, m_zoneMinutes)) + QLatin1Char(' ') +
                     m_zone.suffix(*m_time, m_zoneMinutes));
}

void DetailPane::setEvent(const EventRow& event)
{
    m_model->setEvent(event);
    m_fields->resizeColumnToContents(FieldTableModel::NameColumn);
    const int wanted = m_fields->columnWidth(FieldTableModel::NameColumn) + 12;
    // Names can be long; values are what people came for.
    const int most = std::max(120, m_fields->viewport()->width() * 2 / 5);
    m_fields->setColumnWidth(FieldTableModel::NameColumn, std::clamp(wanted, 100, most));
    m_original->setEvent(event);
    showValue();
    m_time = event.key.time;
    m_zoneMinutes = event.zoneMinutes;
    showTime();
}

void DetailPane::showValue()
{
    const int chosen = m_fields->currentIndex().row();
    if (chosen >= 0 && chosen < m_model->rowCount()) {
        const auto& row = m_model->row(chosen);
        return m_original->setValue(row.field, row.value);
    }
    // Nobody has chosen: the longest one is what there is to read, a stack trace or the message.
    const FieldTableModel::Row* longest = nullptr;
    for (int i = 0; i < m_model->rowCount(); ++i)
        if (const auto& row = m_model->row(i); longest == nullptr || row.value.size() > longest->value.size())
            longest = &row;
    if (longest != nullptr) m_original->setValue(longest->field, longest->value);
}

void DetailPane::nextForm()
{
    m_original->nextForm();
}

void DetailPane::showMessage(const QString& text)
{
    m_model->setEvent(std::nullopt);
    m_original->clear();
    m_time.reset();
    m_title->setText(text);
}

void DetailPane::clear()
{
    showMessage(tr("Choose an event to see its fields"));
}

void DetailPane::focusFields()
{
    m_fields->setFocus();
    if (!m_fields->currentIndex().isValid() && m_model->rowCount() > 0)
        m_fields->setCurrentIndex(m_model->index(0, 0));
}

void DetailPane::makeKeys()
{
    const auto add = [this](QList<QKeySequence> keys, const QString& what,
                            std::function<void(const QString& field, const QString& value)> run) {
        m_fields->keys().add(std::move(keys), what, [this, run = std::move(run)] {
            const QModelIndex at = m_fields->currentIndex();
            if (!at.isValid()) return;
            // By value: what it starts may put another event here.
            const FieldTableModel::Row row = m_model->row(at.row());
            run(QString::fromStdString(row.field), QString::fromStdString(row.value));
        });
    };
    add({Qt::Key_F, Qt::Key_Return}, tr("Filter for this value"),
        [this](const QString& field, const QString& value) { Q_EMIT filterRequested(field, value, false); });
    add({Qt::Key_O}, tr("Filter out this value"),
        [this](const QString& field, const QString& value) { Q_EMIT filterRequested(field, value, true); });
    add({Qt::Key_E}, tr("Events that have the field"),
        [this](const QString& field, const QString&) { Q_EMIT existsRequested(field, false); });
    add({Qt::Key_A}, tr("Events without the field"),
        [this](const QString& field, const QString&) { Q_EMIT existsRequested(field, true); });
    add({Qt::Key_L}, tr("Show the field as a column, or no more"),
        [this](const QString& field, const QString&) { Q_EMIT columnToggled(field); });
    add({Qt::Key_C, QKeySequence(Qt::CTRL | Qt::Key_C)}, tr("Copy the value"),
        [](const QString&, const QString& value) { QGuiApplication::clipboard()->setText(value); });
    add({Qt::Key_G}, tr("Group the timeline by the field"),
        [this](const QString& field, const QString&) { Q_EMIT groupRequested(field); });
    m_fields->keys().add({Qt::Key_T}, tr("All events of its trace"), [this] {
        if (const auto& event = m_model->event(); event && !event->traceId.empty())
            Q_EMIT traceRequested(QString::fromStdString(event->traceId));
    });
    m_fields->keys().add({Qt::Key_V}, tr("The original line, its JSON, the value in full"),
                         [this] { nextForm(); });
    m_fields->keys().add({Qt::Key_Escape}, tr("Back to the list"), [this] { Q_EMIT left(); });
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
    const bool shown = std::find(m_columns.begin(), m_columns.end(), chosen.field) != m_columns.end();
    menu->addAction(shown ? tr("Remove &column") : tr("Show as &column"), this,
                    [=, this] { Q_EMIT columnToggled(field); });
    menu->addAction(tr("&Group the timeline by it"), this, [=, this] { Q_EMIT groupRequested(field); });
    menu->addAction(tr("Read the &value in full"), this,
                    [this] { m_original->setForm(DocumentView::Form::Value); });
    if (const auto& event = m_model->event(); event && !event->traceId.empty())
        menu->addAction(tr("Show this &trace"), this, [this, trace = QString::fromStdString(event->traceId)] {
            Q_EMIT traceRequested(trace);
        });
    menu->addSeparator();
    menu->addAction(tr("&Copy value"), this, [=] { QGuiApplication::clipboard()->setText(value); });
    menu->popup(globalPosition);
}

} // namespace faultline
