#pragma once
#include "views/window/view_name_dialog.h"

#include <QCoreApplication>
#include <QString>
#include <QStringList>

#include <functional>
#include <optional>

class QWidget;

namespace faultline {

/// Questions to the user, passed in so that tests can answer them.
struct WindowPrompts
{
    Q_DECLARE_TR_FUNCTIONS(WindowPrompts)
public:
    std::function<QStringList(QWidget*)> chooseFiles;
    std::function<QString(QWidget*)> chooseFolder;
    std::function<QString(QWidget*)> chooseStore;
    enum class CancelAnswer { Keep, Discard, GoOn };
    std::function<CancelAnswer(QWidget*, quint64 events)> cancelRead;
    enum class JoinAnswer { Add, OpenNew, Cancel };
    /// Files are to be opened while the store of this name, with so many events, is.
    std::function<JoinAnswer(QWidget*, const QString& store, quint64 events, qsizetype files)> joinFiles;
    /// Another text for a filter; nothing when it is to stay as it is.
    std::function<std::optional<QString>(QWidget*, const QString& before)> editFilter;
    /// The file that the answer of an SQL statement is written to; empty: none.
    std::function<QString(QWidget*)> saveAnswer;
    /// A name for a saved view is asked for; the answer comes later, or never when the user changes their
    /// mind.
    std::function<void(QWidget*, const ViewQuestion&, std::function<void(const ViewName&)> answered)>
        nameView;
    /// A command line to follow; nothing when the user changes their mind.
    std::function<std::optional<QString>(QWidget*)> askCommand;
    static WindowPrompts dialogs();
};

} // namespace faultline
