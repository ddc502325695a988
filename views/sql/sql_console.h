#pragma once
#include "models/session/sql_service.h"
#include "views/keys/key_table.h"
#include "views/render/theme.h"

#include <QWidget>

#include <functional>
#include <memory>

class QAction;
class QLabel;
class QPlainTextEdit;
class QPushButton;
class QSplitter;
class QTableView;
class QToolButton;

namespace faultline {

class SqlCellDelegate;
class SqlResultModel;
class StatementEdit;

/// The screen for read-only SQL over the store: a statement, its answer as a table, a file of the whole
/// answer.
///
/// Threads  GUI thread; statements run on the thread of its service.
class SqlConsole final : public QWidget, public HasKeys
{
    Q_OBJECT
public:
    /// Asks where an answer is to be written; empty when the user changes their mind. The format follows from
    /// the name: .ndjson and .jsonl, else CSV.
    using ChooseFile = std::function<QString(QWidget* parent)>;
    /// Destroys a service that has retired, where that may wait for what it writes.
    using Retire = std::function<void(std::shared_ptr<void>)>;
    SqlConsole(std::shared_ptr<Store> store, std::shared_ptr<const Clock> clock, ChooseFile chooseFile,
               Retire retire, QWidget* parent = nullptr);
    ~SqlConsole() override;
    void setTheme(const Theme& theme);
    /// What ran before, oldest first; kept by whoever listens to ran().
    void setPast(const QStringList& past);
    QStringList past() const;
    /// Runs what is written.
    void run();
    QString keysTitle() const override { return tr("SQL console"); }
    const KeyTable& keys() const override { return m_keys; }

Q_SIGNALS:
    void ran(); ///< past() has another statement
    void left();

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    QWidget* makeBar();
    void makeExamples();
    void connectService();
    /// Stops what runs; when nothing does, the console is left.
    void stopOrLeave();
    void begin(const QString& what);
    void ended();
    void show(const SqlOutcome& outcome);
    void show(const Error& error);
    void say(const QString& text);
    void writeFile();
    void copy();
    void fitColumns();

    std::unique_ptr<SqlService> m_service;
    ChooseFile m_chooseFile;
    Retire m_retire;
    KeyTable m_keys;
    StatementEdit* m_statement;
    QLabel* m_fault;
    QTableView* m_table;
    SqlResultModel* m_model;
    SqlCellDelegate* m_delegate;
    QLabel* m_status;
    QPlainTextEdit* m_help;
    QSplitter* m_split;
    QPushButton *m_runButton = nullptr, *m_stopButton = nullptr, *m_fileButton = nullptr;
    QToolButton *m_examples = nullptr, *m_helpButton = nullptr;
    QString m_asked;      ///< the statement whose answer is in the table
    bool m_fresh = false; ///< the table still shows the answer before
};

} // namespace faultline
