#pragma once
#include "models/session/source_service.h"
#include "views/keys/key_table.h"
#include "views/render/theme.h"

#include <QWidget>

#include <functional>
#include <memory>

class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QSortFilterProxyModel;
class QStackedWidget;
class QTableView;
class QTabWidget;
class QTimer;

namespace faultline {

class QuarantineModel;
class SettingsForm;
class SourceListModel;

/// The screen of the sources of one store: a table, and of the selected one its account, what can be set, and
/// what is in quarantine.
///
/// Looks    Once a second while it is seen, and after each change.
/// Threads  GUI thread; everything else is done by SourceService.
class SourcesPage final : public QWidget, public HasKeys
{
    Q_OBJECT
public:
    /// Destroys a service that has retired, where that may wait: a change of a source may be under way.
    using Retire = std::function<void(std::shared_ptr<void>)>;
    SourcesPage(std::shared_ptr<Workspace> workspace, Retire retire, QWidget* parent = nullptr);
    ~SourcesPage() override;
    void setTheme(const Theme& theme);
    void refresh();
    QString keysTitle() const override { return tr("Sources"); }
    const KeyTable& keys() const override { return m_keys; }
    SourceService* service() const { return m_service; }

Q_SIGNALS:
    void left(); ///< Escape: back to the investigation

protected:
    void showEvent(QShowEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void makeLayout();
    void addKeys();
    QWidget* makeQuarantine();
    void showList();
    void showNote();
    void showSelected();
    void showRecord(int row);
    QString accountOf(const SourceView& source) const;
    const SourceView* selected() const;
    void removeOrBringBack();

    Retire m_retire;
    SourceService* m_service; ///< this page's own
    Theme m_theme;
    KeyTable m_keys;
    std::optional<Error> m_error;
    SourceId m_shown{};
    std::uint64_t m_shownQuarantine = 0;
    SourceListModel* m_model;
    QSortFilterProxyModel* m_proxy;
    QuarantineModel* m_quarantine;
    QLineEdit* m_filter;
    QLabel *m_count, *m_note, *m_removal, *m_quarantineNote;
    QTableView *m_table, *m_records;
    QStackedWidget* m_stack;
    QTabWidget* m_tabs;
    SettingsForm* m_form;
    QPlainTextEdit *m_account, *m_bytes;
    QPushButton* m_remove;
    QTimer* m_timer;
};

} // namespace faultline
