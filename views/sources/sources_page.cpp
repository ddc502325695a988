#include "views/sources/sources_page.h"

#include "models/tables/cell_text.h"
#include "models/tables/source_list_model.h"
#include "views/render/counts.h"
#include "views/render/plain_text.h"
#include "views/sources/settings_form.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QStackedWidget>
#include <QStyledItemDelegate>
#include <QTabWidget>
#include <QTableView>
#include <QTimer>
#include <QVBoxLayout>

namespace faultline {
namespace {

constexpr int kLookMs = 1'000;
constexpr std::size_t kShownBytes = 256 * 1024;

/// A source that is late or in trouble: amber, beside the word that says so.
class LateDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QColor amber, amberSelected;

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override
    {
        QStyledItemDelegate::initStyleOption(option, index);
        const int column = index.column();
        if (column != SourceListModel::StateColumn && column != SourceListModel::LagColumn) return;
        if (!index.data(SourceListModel::LateRole).toBool()) return;
        option->font.setBold(true);
        option->palette.setColor(QPalette::Text, amber);
        option->palette.setColor(QPalette::HighlightedText, amberSelected);
    }
};

void prepareTable(QTableView* table, const QString& name, const QString& title)
{
    table->setObjectName(name);
    table->setAccessibleName(title);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setTabKeyNavigation(false);
    table->setWordWrap(false);
    table->setShowGrid(false);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(table->fontMetrics().height() + 6);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setResizeContentsPrecision(100); // rows that are measured for a width
}

QString tallyText(const QString& what, const Tally& tally)
{
    return SourcesPage::tr("%1 %2 (%3 bytes)")
        .arg(what, counted(tally.records, SourcesPage::tr("record"), SourcesPage::tr("records")),
             groupedNumber(tally.bytes));
}

} // namespace

SourcesPage::SourcesPage(std::shared_ptr<Workspace> workspace, Retire retire, QWidget* parent)
    : QWidget(parent)
    , m_retire(std::move(retire))
    , m_service(new SourceService(std::move(workspace)))
    , m_model(new SourceListModel(this))
    , m_proxy(new QSortFilterProxyModel(this))
    , m_quarantine(new QuarantineModel(this))
    , m_filter(new QLineEdit(this))
    , m_count(new QLabel(this))
    , m_note(new QLabel(this))
    , m_removal(new QLabel(this))
    , m_quarantineNote(new QLabel(this))
    , m_table(new QTableView(this))
    , m_records(new QTableView(this))
    , m_stack(new QStackedWidget(this))
    , m_tabs(new QTabWidget(this))
    , m_form(new SettingsForm(m_service, this))
    , m_account(new QPlainTextEdit(this))
    , m_bytes(new QPlainTextEdit(this))
    , m_remove(new QPushButton(this))
    , m_timer(new QTimer(this))
{
    setObjectName(QStringLiteral("sourcesPage"));
    m_proxy->setSourceModel(m_model);
    m_proxy->setSortRole(SourceListModel::SortRole);
    m_proxy->setFilterRole(SourceListModel::SearchRole);
    m_proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_proxy->setFilterKeyColumn(0);
    makeLayout();
    addKeys();
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_proxy->setFilterFixedString(text.trimmed());
        if (!m_table->currentIndex().isValid()) m_table->selectRow(0);
        showNote();
    });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this] { showSelected(); });
    connect(m_records->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& now) { showRecord(now.row()); });
    connect(m_quarantine, &QAbstractItemModel::modelReset, this, [this] { showRecord(-1); });
    connect(m_service, &SourceService::listed, this, [this] {
        m_error.reset();
        showList();
    });
    connect(m_service, &SourceService::listFailed, this, [this](const Error& error) {
        m_error = error;
        showNote();
    });
    connect(m_service, &SourceService::quarantined, this,
            [this](SourceId source, const std::vector<QuarantineRecord>& records) {
                if (source != m_shown) return;
                m_quarantine->setRecords(records);
                m_records->resizeColumnsToContents();
                m_records->horizontalHeader()->setStretchLastSection(true);
                if (!records.empty()) m_records->selectRow(0);
            });
    connect(m_service, &SourceService::quarantineFailed, this, [this](SourceId source, const Error& error) {
        if (source == m_shown) m_quarantineNote->setText(tr("Cannot be read: %1").arg(oneLine(error.why)));
    });
    connect(m_service, &SourceService::changed, this,
            [this](const SourceChangeRequest& request, const auto&) {
                using What = SourceChangeRequest::What;
                if (request.what == What::Remove)
                    m_removal->setText(tr("Removed; it can be brought back for a day."));
                if (request.what == What::Restore) m_removal->setText(tr("Brought back."));
            });
    connect(m_service, &SourceService::changeFailed, this,
            [this](const SourceChangeRequest& request, const Error& error) {
                if (request.what > SourceChangeRequest::What::Undo) m_removal->setText(oneLine(error.line()));
            });
    m_timer->setInterval(kLookMs);
    connect(m_timer, &QTimer::timeout, this, [this] {
        if (isVisible()) m_service->refresh();
    });
    m_timer->start();
    setTheme(Theme::darkTheme());
    showNote();
}

SourcesPage::~SourcesPage()
{
    std::unique_ptr<SourceService> service(m_service);
    service->retire();
    m_retire(std::move(service));
}

void SourcesPage::makeLayout()
{
    m_filter->setObjectName(QStringLiteral("sourceFilter"));
    m_filter->setAccessibleName(tr("Filter the sources"));
    m_filter->setPlaceholderText(tr("Filter by name, path, format or state"));
    m_filter->setClearButtonEnabled(true);
    m_count->setObjectName(QStringLiteral("sourceCount"));
    m_note->setObjectName(QStringLiteral("sourcesNote"));
    m_account->setObjectName(QStringLiteral("sourceAccount"));
    m_removal->setObjectName(QStringLiteral("removalNote"));
    m_quarantineNote->setObjectName(QStringLiteral("quarantineNote"));
    m_count->setTextFormat(Qt::PlainText);
    for (QLabel* const label : {m_note, m_removal, m_quarantineNote}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
        label->setMinimumWidth(1); // a long name must not make the window wide
    }
    m_note->setAlignment(Qt::AlignCenter);
    m_note->setMargin(24);
    m_account->setAccessibleName(tr("Account of the source"));
    m_account->setReadOnly(true);
    m_account->setTabChangesFocus(true);
    m_account->setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    m_account->setFrameShape(QFrame::NoFrame);

    prepareTable(m_table, QStringLiteral("sourceTable"), tr("Sources"));
    m_table->setTextElideMode(Qt::ElideMiddle);
    m_table->installEventFilter(this);
    m_records->installEventFilter(this);
    m_form->findChild<QTableView*>()->installEventFilter(this);
    m_table->setModel(m_proxy);
    m_table->setItemDelegate(new LateDelegate(m_table));
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(SourceListModel::NameColumn, Qt::AscendingOrder);
    m_table->horizontalHeader()->setSectionResizeMode(SourceListModel::NameColumn, QHeaderView::Stretch);
    for (int column = SourceListModel::FormatColumn; column < SourceListModel::ColumnCount; ++column)
        m_table->horizontalHeader()->setSectionResizeMode(column, QHeaderView::ResizeToContents);
    m_stack->addWidget(m_table);
    m_stack->addWidget(m_note);

    m_remove->setObjectName(QStringLiteral("removeSource"));
    connect(m_remove, &QPushButton::clicked, this, [this] { removeOrBringBack(); });
    auto* const account = new QWidget(m_tabs);
    auto* const lines = new QVBoxLayout(account);
    lines->setContentsMargins(0, 0, 0, 8);
    lines->addWidget(m_account, 1);
    auto* const removal = new QHBoxLayout;
    removal->setContentsMargins(8, 0, 8, 0);
    removal->addWidget(m_remove);
    removal->addWidget(m_removal, 1);
    lines->addLayout(removal);

    m_tabs->setObjectName(QStringLiteral("sourceTabs"));
    m_tabs->addTab(m_form, tr("Settings"));
    m_tabs->addTab(makeQuarantine(), tr("Quarantine"));
    m_tabs->addTab(account, tr("Account"));

    auto* const top = new QHBoxLayout;
    top->setContentsMargins(8, 8, 8, 4);
    top->setSpacing(12);
    top->addWidget(m_filter, 1);
    top->addWidget(m_count);
    auto* const list = new QWidget(this);
    auto* const column = new QVBoxLayout(list);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(top);
    column->addWidget(m_stack, 1);
    auto* const splitter = new QSplitter(Qt::Vertical, this);
    splitter->setChildrenCollapsible(false);
    splitter->addWidget(list);
    splitter->addWidget(m_tabs);
    splitter->setStretchFactor(0, 2);
    splitter->setStretchFactor(1, 3);
    auto* const all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->addWidget(splitter);
}

QWidget* SourcesPage::makeQuarantine()
{
    auto* const splitter = new QSplitter(Qt::Horizontal, m_tabs);
    splitter->setChildrenCollapsible(false);
    prepareTable(m_records, QStringLiteral("quarantineTable"), tr("Records in quarantine"));
    m_records->setModel(m_quarantine);
    m_records->horizontalHeader()->setStretchLastSection(true);
    m_bytes->setObjectName(QStringLiteral("quarantineBytes"));
    m_bytes->setAccessibleName(tr("Bytes of the record"));
    m_bytes->setReadOnly(true);
    m_bytes->setTabChangesFocus(true);
    m_bytes->setLineWrapMode(QPlainTextEdit::WidgetWidth);
    auto* const left = new QWidget(splitter);
    auto* const column = new QVBoxLayout(left);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_quarantineNote);
    column->addWidget(m_records, 1);
    column->setSpacing(0);
    m_quarantineNote->setMargin(8);
    m_quarantineNote->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    splitter->addWidget(left);
    splitter->addWidget(m_bytes);
    return splitter;
}

void SourcesPage::addKeys()
{
    m_keys.add({QKeySequence(Qt::Key_Escape)}, tr("Back to the investigation"), [this] { Q_EMIT left(); });
    m_keys.add({QKeySequence(Qt::Key_Slash)}, tr("Filter the sources"), [this] {
        m_filter->setFocus(Qt::ShortcutFocusReason);
        m_filter->selectAll();
    });
    m_keys.add({QKeySequence(Qt::Key_1)}, tr("Settings"), [this] { m_tabs->setCurrentIndex(0); });
    m_keys.add({QKeySequence(Qt::Key_2)}, tr("Quarantine"), [this] { m_tabs->setCurrentIndex(1); });
    m_keys.add({QKeySequence(Qt::Key_3)}, tr("Account"), [this] { m_tabs->setCurrentIndex(2); });
}

void SourcesPage::setTheme(const Theme& theme)
{
    m_theme = theme;
    m_form->setTheme(theme);
    auto* const late = static_cast<LateDelegate*>(m_table->itemDelegate());
    late->amber = theme.severityColor(13);
    // On the light colour of a selection the amber of white is too pale.
    late->amberSelected = theme.dark ? late->amber : late->amber.darker(140);
    m_table->viewport()->update();
}

void SourcesPage::refresh()
{
    m_service->refresh();
}

void SourcesPage::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    m_service->refresh();
}

/// The keyboard is in the rows; while there are none it is here.
void SourcesPage::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    if (m_stack->currentWidget() == m_table) m_table->setFocus();
}

void SourcesPage::keyPressEvent(QKeyEvent* event)
{
    if (m_filter->hasFocus() && event->key() == Qt::Key_Escape && !m_filter->text().isEmpty()) {
        m_filter->clear();
        return;
    }
    if (!m_keys.handle(*event)) QWidget::keyPressEvent(event);
}

/// A table takes signs and digits for the beginning of a row that is looked for: they are keys here.
bool SourcesPage::eventFilter(QObject* watched, QEvent* event)
{
    return (event->type() == QEvent::KeyPress && m_keys.handle(*static_cast<QKeyEvent*>(event))) ||
           QWidget::eventFilter(watched, event);
}

const SourceView* SourcesPage::selected() const
{
    const QModelIndex index = m_table->currentIndex();
    return index.isValid() ? m_model->source(m_proxy->mapToSource(index).row()) : nullptr;
}

void SourcesPage::showList()
{
    const SourceId before = m_shown;
    m_model->setSources(m_service->sources());
    if (const int row = m_model->rowOf(before); row >= 0 && !m_table->currentIndex().isValid()) {
        const QModelIndex place = m_proxy->mapFromSource(m_model->index(row, 0));
        if (place.isValid()) m_table->setCurrentIndex(place);
    }
    if (!m_table->currentIndex().isValid() && m_proxy->rowCount() > 0) m_table->selectRow(0);
    showNote();
    showSelected();
}

/// What stands in the place of rows, and how many there are.
void SourcesPage::showNote()
{
    const int all = m_model->rowCount(), shown = m_proxy->rowCount();
    QString note;
    if (m_error)
        note = tr("The sources cannot be read: %1").arg(oneLine(m_error->why));
    else if (!m_service->loaded())
        note = tr("Reading the sources…");
    else if (all == 0)
        note =
            tr("Nothing has been read into this store. Drop files on the window, or open them with Ctrl+O.");
    else if (shown == 0)
        note = tr("None of the %1 has “%2” in its name, path, format or state. Escape clears the filter.")
                   .arg(counted(static_cast<quint64>(all), tr("source"), tr("sources")),
                        cellText(m_filter->text().toStdString(), 60));
    m_note->setText(note);
    if (!note.isEmpty() && m_table->hasFocus()) setFocus();
    m_stack->setCurrentIndex(note.isEmpty() ? 0 : 1);
    if (note.isEmpty() && hasFocus()) m_table->setFocus();
    QString count = counted(static_cast<quint64>(all), tr("source"), tr("sources"));
    if (shown != all) count = tr("%1 of %2").arg(shown).arg(count);
    if (m_service->reading()) count += tr(", reading…");
    m_count->setText(m_service->loaded() ? count : QString());
}

void SourcesPage::showSelected()
{
    const SourceView* const source = selected();
    m_form->setSource(source);
    m_remove->setEnabled(source != nullptr && !m_service->changing());
    const bool removed = source != nullptr && source->removedUntil;
    m_remove->setText(removed ? tr("&Bring back") : tr("&Remove"));
    m_remove->setToolTip(
        removed ? tr("Until %1 UTC")
                      .arg(QString::fromStdString(formatRfc3339(*source->removedUntil).substr(0, 16)))
                : tr("Takes its events out of every answer; for a day it can be brought back"));
    const SourceId id = source != nullptr ? source->record.id : SourceId{};
    if (id != m_shown) m_removal->clear();
    if (source == nullptr) {
        m_account->clear();
        m_quarantineNote->clear();
        m_quarantine->setRecords({});
        m_shown = id;
        return;
    }
    if (const QString account = accountOf(*source); account != m_account->toPlainText())
        m_account->setPlainText(account);
    const std::uint64_t quarantined = removed ? 0 : source->record.ledger.quarantined.records;
    QString note = quarantined == 0 ? tr("Nothing of it is in quarantine.")
                                    : counted(quarantined, tr("record"), tr("records"));
    if (quarantined > SourceService::kMostQuarantine)
        note += tr(", the first %1 are listed").arg(SourceService::kMostQuarantine);
    m_quarantineNote->setText(note);
    m_tabs->setTabText(1, quarantined == 0 ? tr("Quarantine")
                                           : tr("Quarantine (%1)").arg(groupedNumber(quarantined)));
    const bool ask = id != m_shown || quarantined != m_shownQuarantine;
    m_shown = id;
    m_shownQuarantine = quarantined;
    if (!ask) return;
    m_quarantine->setRecords({});
    if (quarantined > 0) m_service->askQuarantine(id);
}

QString SourcesPage::accountOf(const SourceView& source) const
{
    const SourceRecord& record = source.record;
    const Ledger& ledger = record.ledger;
    QStringList lines{oneLine(record.path)};
    if (!record.detail.empty()) lines << oneLine(record.detail);
    if (!source.removedUntil)
        lines << tallyText(tr("received"), ledger.received) + QStringLiteral(" =")
              << QStringLiteral("    ") + tallyText(tr("stored"), ledger.stored)
              << QStringLiteral("  + ") + tallyText(tr("quarantined"), ledger.quarantined)
              << QStringLiteral("  + ") + tallyText(tr("duplicates"), ledger.duplicates);
    lines << eventCount(ledger.events) + (ledger.joined > 0
                                              ? tr("; %1 joined the event before them")
                                                    .arg(counted(ledger.joined, tr("record"), tr("records")))
                                              : QString());
    if (ledger.cutBytes > 0) lines << tr("%1 bytes were cut off").arg(groupedNumber(ledger.cutBytes));
    if (record.lastArrival != 0)
        lines << tr("first arrival %1, last arrival %2 UTC")
                     .arg(momentText(record.firstArrival), momentText(record.lastArrival));
    const bool live = source.life == SourceLife::Live || source.life == SourceLife::Silent;
    if (live && source.usualGap)
        lines << tr("usually something comes every %1").arg(durationText(*source.usualGap));
    // What is kept of a removed one does not name its settings.
    if (!source.removedUntil) lines << tr("settings: %1").arg(oneLine(describeSettings(source.settings)));
    return lines.join(QLatin1Char('\n'));
}

void SourcesPage::showRecord(int row)
{
    const QuarantineRecord* const record = m_quarantine->record(row);
    m_bytes->setPlainText(record != nullptr ? severalLines(record->bytes, kShownBytes) : QString());
}

void SourcesPage::removeOrBringBack()
{
    const SourceView* const source = selected();
    if (source == nullptr) return;
    SourceChangeRequest request;
    request.what =
        source->removedUntil ? SourceChangeRequest::What::Restore : SourceChangeRequest::What::Remove;
    request.source = source->record.id;
    if (m_service->change(request)) m_remove->setEnabled(false);
}

} // namespace faultline
