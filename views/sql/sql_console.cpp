#include "views/sql/sql_console.h"

#include "models/tables/cell_text.h"
#include "models/tables/sql_result_model.h"
#include "views/render/plain_text.h"
#include "views/sql/sql_cell_delegate.h"
#include "views/sql/statement_edit.h"

#include <QClipboard>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QPointer>
#include <QPushButton>
#include <QSplitter>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace faultline {
namespace {

constexpr int kWidestColumn = 420, kSampledRows = 100;
constexpr qsizetype kMostCopied = 8 * 1024 * 1024;

} // namespace

SqlConsole::SqlConsole(std::shared_ptr<Store> store, std::shared_ptr<const Clock> clock,
                       ChooseFile chooseFile, Retire retire, QWidget* parent)
    : QWidget(parent)
    , m_service(std::make_unique<SqlService>(std::move(store), std::move(clock)))
    , m_chooseFile(std::move(chooseFile))
    , m_retire(std::move(retire))
    , m_statement(new StatementEdit(this))
    , m_fault(new QLabel(this))
    , m_table(new QTableView(this))
    , m_model(new SqlResultModel(this))
    , m_delegate(new SqlCellDelegate(this))
    , m_status(new QLabel(this))
    , m_help(new QPlainTextEdit(this))
    , m_split(new QSplitter(Qt::Vertical, this))
{
    setObjectName(QStringLiteral("sqlConsole"));
    const QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    m_fault->setObjectName(QStringLiteral("sqlFault"));
    m_fault->setTextFormat(Qt::PlainText);
    m_fault->setFont(fixed);
    m_fault->setWordWrap(true);
    m_fault->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_fault->hide();
    m_status->setObjectName(QStringLiteral("sqlStatus"));
    m_status->setTextFormat(Qt::PlainText);
    m_table->setObjectName(QStringLiteral("sqlTable"));
    m_table->setAccessibleName(tr("Answer"));
    m_table->setModel(m_model);
    m_table->setItemDelegate(m_delegate);
    m_table->setFont(fixed);
    m_table->setWordWrap(false);
    m_table->setAlternatingRowColors(true);
    m_table->setTabKeyNavigation(false);
    m_table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->verticalHeader()->setDefaultSectionSize(m_table->fontMetrics().height() + 4);
    m_table->verticalHeader()->setDefaultAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_help->setObjectName(QStringLiteral("sqlHelp"));
    m_help->setAccessibleName(tr("Tables and functions"));
    m_help->setReadOnly(true);
    m_help->setFont(fixed);
    m_help->setLineWrapMode(QPlainTextEdit::NoWrap);
    const std::string_view help = SqlService::help();
    m_help->setPlainText(QString::fromUtf8(help.data(), static_cast<qsizetype>(help.size())));
    m_help->hide();

    auto* const top = new QSplitter(Qt::Horizontal, m_split);
    top->addWidget(m_statement);
    top->addWidget(m_help);
    top->setChildrenCollapsible(false);
    auto* const below = new QWidget(m_split);
    auto* const rows = new QVBoxLayout(below);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(4);
    rows->addWidget(m_fault);
    rows->addWidget(makeBar());
    rows->addWidget(m_table, 1);
    m_split->addWidget(top);
    m_split->addWidget(below);
    m_split->setStretchFactor(1, 1);
    m_split->setChildrenCollapsible(false);
    m_split->setSizes({150, 600});
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 4);
    layout->addWidget(m_split);

    m_keys.add({Qt::Key_Escape}, tr("Stop, or back to the investigation"), [this] { stopOrLeave(); });
    m_keys.add({Qt::CTRL | Qt::Key_C}, tr("Copy the chosen cells"), [this] { copy(); });
    m_keys.add({Qt::CTRL | Qt::Key_Return, Qt::Key_F5}, tr("Run"), [this] { run(); });
    m_keys.add({Qt::CTRL | Qt::Key_E}, tr("Write the answer to a file"), [this] { writeFile(); });
    connect(m_statement, &StatementEdit::runRequested, this, &SqlConsole::run);
    connect(m_statement, &StatementEdit::left, this, &SqlConsole::stopOrLeave);
    connectService();
    setFocusProxy(m_statement);
    ended();
    say(tr("Reads only; nothing here changes the store."));
}

SqlConsole::~SqlConsole()
{
    m_service->retire();
    m_retire(std::move(m_service));
}

QWidget* SqlConsole::makeBar()
{
    auto* const bar = new QWidget(this);
    const auto button = [&](const QString& text, const char* name, const QString& tip) {
        auto* const made = new QPushButton(text, bar);
        made->setObjectName(QLatin1String(name));
        made->setToolTip(tip);
        return made;
    };
    m_runButton = button(tr("Run"), "sqlRun", tr("Ctrl+Enter"));
    m_stopButton = button(tr("Stop"), "sqlStop", tr("Escape"));
    m_fileButton = button(tr("Write to a file…"), "sqlFile", tr("The whole answer, as CSV or NDJSON"));
    m_examples = new QToolButton(bar);
    m_examples->setObjectName(QStringLiteral("sqlExamples"));
    m_examples->setText(tr("Examples"));
    m_examples->setPopupMode(QToolButton::InstantPopup);
    m_examples->setFocusPolicy(Qt::TabFocus);
    m_helpButton = new QToolButton(bar);
    m_helpButton->setObjectName(QStringLiteral("sqlHelpButton"));
    m_helpButton->setText(tr("Tables and functions"));
    m_helpButton->setCheckable(true);
    m_helpButton->setFocusPolicy(Qt::TabFocus);
    makeExamples();
    auto* const row = new QHBoxLayout(bar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(6);
    for (QWidget* const each : std::initializer_list<QWidget*>{m_runButton, m_stopButton, m_fileButton})
        row->addWidget(each);
    row->addSpacing(8);
    row->addWidget(m_status, 1);
    row->addWidget(m_examples);
    row->addWidget(m_helpButton);
    connect(m_runButton, &QPushButton::clicked, this, &SqlConsole::run);
    connect(m_stopButton, &QPushButton::clicked, this, &SqlConsole::stopOrLeave);
    connect(m_fileButton, &QPushButton::clicked, this, &SqlConsole::writeFile);
    connect(m_helpButton, &QToolButton::toggled, m_help, &QWidget::setVisible);
    return bar;
}

void SqlConsole::makeExamples()
{
    auto* const menu = new QMenu(m_examples);
    for (const SqlExample& example : SqlService::examples()) {
        menu->addAction(tr(example.title), this, [this, text = QString::fromLatin1(example.statement)] {
            m_statement->setPlainText(text);
            m_statement->setFocus();
            run();
        });
    }
    m_examples->setMenu(menu);
}

void SqlConsole::connectService()
{
    connect(m_service.get(), &SqlService::columnsKnown, this, [this](const std::vector<std::string>& names) {
        m_fresh = false;
        m_model->begin(names);
    });
    connect(m_service.get(), &SqlService::rowsCame, this,
            [this](const std::shared_ptr<SqlService::Rows>& rows) {
                const bool first = m_model->rowCount() == 0;
                m_model->add(*rows);
                if (first) fitColumns();
                say(tr("%1 rows so far…").arg(groupedNumber(static_cast<quint64>(m_model->rowCount()))));
            });
    connect(m_service.get(), &SqlService::rowsWritten, this,
            [this](quint64 rows) { say(tr("%1 rows written so far…").arg(groupedNumber(rows))); });
    connect(m_service.get(), &SqlService::finished, this, qOverload<const SqlOutcome&>(&SqlConsole::show));
    connect(m_service.get(), &SqlService::failed, this, qOverload<const Error&>(&SqlConsole::show));
}

void SqlConsole::setTheme(const Theme& theme)
{
    m_statement->setTheme(theme);
    m_delegate->setTheme(theme);
    QPalette colors = m_fault->palette();
    colors.setColor(QPalette::WindowText, theme.failure);
    m_fault->setPalette(colors);
    colors = m_status->palette();
    colors.setColor(QPalette::WindowText, theme.dim);
    m_status->setPalette(colors);
}

void SqlConsole::setPast(const QStringList& past)
{
    m_statement->setPast(past);
}

QStringList SqlConsole::past() const
{
    return m_statement->past();
}

void SqlConsole::begin(const QString& what)
{
    m_fault->hide();
    m_statement->clearFault();
    m_stopButton->setEnabled(true);
    m_fileButton->setEnabled(false);
    say(what);
}

void SqlConsole::ended()
{
    m_stopButton->setEnabled(m_service->running());
    m_fileButton->setEnabled(!m_asked.isEmpty());
}

void SqlConsole::run()
{
    m_asked.clear();
    m_fresh = true;
    begin(tr("Running…"));
    m_statement->remember();
    m_service->run(m_statement->toPlainText().toStdString());
    Q_EMIT ran();
}

void SqlConsole::writeFile()
{
    if (m_asked.isEmpty() || m_service->running()) return;
    // The case may be replaced while the question stands.
    const QPointer<SqlConsole> here(this);
    const QString path = m_chooseFile(this);
    if (here == nullptr || path.isEmpty() || m_asked.isEmpty() || m_service->running()) return;
    const bool lines = path.endsWith(QLatin1String(".ndjson"), Qt::CaseInsensitive) ||
                       path.endsWith(QLatin1String(".jsonl"), Qt::CaseInsensitive);
    begin(tr("Writing…"));
    m_service->writeFile(m_asked.toStdString(), path.toStdString(),
                         lines ? SqlService::FileFormat::Ndjson : SqlService::FileFormat::Csv);
}

void SqlConsole::stopOrLeave()
{
    if (!m_service->cancel()) {
        Q_EMIT left();
        return;
    }
    if (m_fresh) m_model->clear(); // an answer to another statement would be taken for this one's
    ended();
    say(m_model->rowCount() > 0 ? tr("Stopped; the first %1 rows are here")
                                      .arg(groupedNumber(static_cast<quint64>(m_model->rowCount())))
                                : tr("Stopped"));
}

void SqlConsole::show(const SqlOutcome& outcome)
{
    const double seconds = std::chrono::duration<double>(outcome.took).count();
    const QString took = seconds < 1 ? tr("%1 ms").arg(qRound(seconds * 1'000))
                                     : tr("%1 s").arg(QLocale().toString(seconds, 'f', 1));
    const QString rows = groupedNumber(outcome.rows);
    QString text;
    if (!outcome.file.empty()) {
        text = tr("%1 rows written to %2 in %3").arg(rows, elidedMiddle(oneLine(outcome.file), 60), took);
    } else {
        m_asked = m_statement->past().back();
        if (outcome.rows == 0)
            text = tr("No rows, in %1").arg(took);
        else if (outcome.more)
            text = tr("The first %1 rows, in %2; a file gets all of them").arg(rows, took);
        else
            text = outcome.rows == 1 ? tr("1 row in %1").arg(took) : tr("%1 rows in %2").arg(rows, took);
        if (outcome.cutCells > 0)
            text +=
                tr("; values are cut here (%1), a file gets them whole").arg(groupedNumber(outcome.cutCells));
    }
    ended();
    say(text);
    if (outcome.missed.empty()) return;
    QString lines = tr("Some events are damaged and in no answer:");
    for (const std::string& line : outcome.missed) lines += QLatin1Char('\n') + oneLine(line);
    m_fault->setText(lines);
    m_fault->show();
}

void SqlConsole::show(const Error& error)
{
    if (m_fresh) m_model->clear();
    ended();
    QString text = oneLine(error.why);
    if (error.place) {
        const QString statement = m_statement->past().isEmpty() ? QString() : m_statement->past().back();
        text = caretLines(statement, *error.place) + QLatin1Char('\n') + text;
        if (m_statement->toPlainText() == statement) {
            m_statement->showFault(*error.place);
            m_statement->setFocus();
        }
    } else {
        text = oneLine(error.line());
    }
    for (const std::string& hint : error.hints) text += QLatin1Char('\n') + oneLine(hint);
    m_fault->setText(text);
    m_fault->show();
    say(tr("Nothing was answered"));
}

void SqlConsole::say(const QString& text)
{
    m_status->setText(text);
    m_status->setToolTip(plainToolTip(text));
}

void SqlConsole::copy()
{
    QModelIndexList chosen = m_table->selectionModel()->selectedIndexes();
    if (chosen.isEmpty()) return;
    std::sort(chosen.begin(), chosen.end());
    QString text;
    for (qsizetype i = 0; i < chosen.size(); ++i) {
        if (i > 0) text += QLatin1Char(chosen[i].row() == chosen[i - 1].row() ? '\t' : '\n');
        // A cell of several lines would be read as several rows.
        QString value = QString::fromStdString(m_model->cell(chosen[i])->text);
        if (chosen.size() > 1) value = oneLine(value.toStdString(), SqlService::kMostCell);
        text += value;
        if (text.size() > kMostCopied) {
            say(tr("Too much to copy: write it to a file"));
            return;
        }
    }
    QGuiApplication::clipboard()->setText(text);
    say(tr("Copied: %1 values").arg(groupedNumber(static_cast<quint64>(chosen.size()))));
}

void SqlConsole::fitColumns()
{
    QHeaderView* const header = m_table->horizontalHeader();
    header->setResizeContentsPrecision(kSampledRows);
    m_table->resizeColumnsToContents();
    int left = m_table->viewport()->width();
    for (int column = 0; column < m_model->columnCount(); ++column)
        left -= std::clamp(header->sectionSize(column), 60, kWidestColumn);
    for (int column = 0; column < m_model->columnCount(); ++column) {
        const int wanted = header->sectionSize(column), narrow = std::clamp(wanted, 60, kWidestColumn);
        // What is cut takes the room that is left over.
        const int more = std::clamp(wanted - narrow, 0, std::max(left, 0));
        header->resizeSection(column, narrow + more);
        left -= more;
    }
}

void SqlConsole::keyPressEvent(QKeyEvent* event)
{
    if (!m_keys.handle(*event)) event->ignore();
}

} // namespace faultline
