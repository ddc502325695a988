#pragma once
#include "models/base/error.h"
#include "models/base/time.h"
#include "models/query/filter.h"
#include "views/keys/key_table.h"
#include "views/render/theme.h"

#include <QStringList>
#include <QWidget>

#include <memory>
#include <vector>

class QLabel;
class QMenu;
class QPushButton;
class QToolButton;
class QVBoxLayout;

namespace faultline {

class QueryCompleter;
class QueryEdit;
class QueryService;

/// The query line: Enter applies, an error stands under the place it is about and keeps the last good filter.
class SearchBar final : public QWidget, public HasKeys
{
    Q_OBJECT
public:
    explicit SearchBar(QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    QString text() const;
    /// Shows a query without applying it again.
    void setText(const QString& text);
    /// The queries that the error's hints offer become buttons under it, next in the Tab order: one puts its
    /// query into the bar and submits it.
    void showError(const QString& query, const Error& error);
    void clearError();
    /// Something about the query that is no error; it stands where an error would, and goes with the query.
    void showHint(const QString& text);
    /// Completes names and values, from these answers; see QueryCompleter.
    void setCompletion(std::shared_ptr<QueryService> queries);
    void setRange(const TimeRange& range);
    void refreshNames();
    /// How many events the text would keep, before it is asked for.
    void showDraft(const QString& text);
    void focusInput();
    /// Queries that were asked before, the last one last: what Up brings.
    void setHistory(const QStringList& queries);
    const QStringList& history() const { return m_past; }
    /// Of the button at the end; filled by whoever has saved views.
    QMenu* viewsMenu() const;
    QString keysTitle() const override { return tr("Search"); }
    const KeyTable& keys() const override { return m_keys; }
    bool takesText() const override { return true; }

Q_SIGNALS:
    void submitted(const QString& text);
    void asked(const QString& text);  ///< typed, with Enter: for the history
    void historyRequested();          ///< a search in the history
    void edited(const QString& text); ///< by the user; not asked for yet
    void left();                      ///< Enter, Esc or Down: the keyboard goes to the list
    void abandoned();                 ///< Esc: what was typed is not to be asked

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    KeyTable m_keys;
    void step(int by);
    QueryEdit* m_input;
    QueryCompleter* m_completer = nullptr;
    QLabel* m_draft;
    QToolButton* m_views;
    QString m_typed;     ///< what stood there before the walk through m_past
    QStringList m_past;  ///< queries that were asked, the last one last
    qsizetype m_at = -1; ///< of m_past, while the keyboard walks through it
    QLabel* m_error;
    QVBoxLayout* m_offersLayout;
    std::vector<QPushButton*> m_offers;
    void colour();
    void offer(const Error& error);
    void clearOffers();
    bool m_isHint = false;
    Theme m_theme;
};

} // namespace faultline
