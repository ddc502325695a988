#include "views/window/window_prompts.h"

#include "views/render/counts.h"
#include "views/start/follow_dialog.h"

#include <QFileDialog>
#include <QInputDialog>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>

namespace faultline {

WindowPrompts WindowPrompts::dialogs()
{
    WindowPrompts prompts;
    prompts.chooseFiles = [](QWidget* parent) {
        return QFileDialog::getOpenFileNames(parent, tr("Open logs"));
    };
    prompts.chooseFolder = [](QWidget* parent) {
        return QFileDialog::getExistingDirectory(parent, tr("Open a folder of logs"));
    };
    prompts.chooseStore = [](QWidget* parent) {
        return QFileDialog::getOpenFileName(parent, tr("Open a store"), {},
                                            tr("Faultline stores (*.faultline);;All files (*)"));
    };
    prompts.saveAnswer = [](QWidget* parent) {
        return QFileDialog::getSaveFileName(parent, tr("Write the answer"),
                                            QStringLiteral("answer.csv"), // no text: a file's name
                                            tr("CSV (*.csv);;NDJSON (*.ndjson *.jsonl);;All files (*)"));
    };
    prompts.cancelRead = [](QWidget* parent, quint64 events) {
        QMessageBox box(parent);
        box.setTextFormat(Qt::PlainText);
        box.setWindowTitle(tr("Stop reading"));
        box.setText(tr("Stored so far: %1. Keep them?").arg(eventCount(events)));
        box.setInformativeText(
            tr("Kept events stay searchable, and reading goes on from there the next time."));
        const QPushButton* const keep = box.addButton(tr("Keep"), QMessageBox::AcceptRole);
        const QPushButton* const discard = box.addButton(tr("Discard"), QMessageBox::DestructiveRole);
        box.addButton(tr("Go on reading"), QMessageBox::RejectRole);
        box.exec();
        if (box.clickedButton() == keep) return CancelAnswer::Keep;
        return box.clickedButton() == discard ? CancelAnswer::Discard : CancelAnswer::GoOn;
    };
    prompts.joinFiles = [](QWidget* parent, const QString& store, quint64 events, qsizetype files) {
        QMessageBox box(parent);
        box.setTextFormat(Qt::PlainText);
        box.setWindowTitle(tr("Open files"));
        const QString what =
            counted(static_cast<quint64>(files), tr("file or folder"), tr("files and folders"));
        box.setText(tr("Where do %1 belong?").arg(what));
        box.setInformativeText(
            tr("The store \u201c%1\u201d is open, with %2.").arg(store, eventCount(events)));
        const QPushButton* const add = box.addButton(tr("Add to this store"), QMessageBox::AcceptRole);
        QPushButton* const fresh = box.addButton(tr("Open as a new store"), QMessageBox::ActionRole);
        box.addButton(QMessageBox::Cancel);
        box.setDefaultButton(fresh); // the one that changes nothing that is there
        box.exec();
        if (box.clickedButton() == add) return JoinAnswer::Add;
        return box.clickedButton() == fresh ? JoinAnswer::OpenNew : JoinAnswer::Cancel;
    };
    prompts.editFilter = [](QWidget* parent, const QString& before) -> std::optional<QString> {
        bool taken = false;
        const QString text = QInputDialog::getText(parent, tr("Edit the filter"), tr("Filter:"),
                                                   QLineEdit::Normal, before, &taken);
        return taken ? std::optional(text) : std::nullopt;
    };
    prompts.nameView = &ViewNameDialog::ask;
    prompts.askCommand = &FollowDialog::ask;
    return prompts;
}

} // namespace faultline
