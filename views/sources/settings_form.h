#pragma once
#include "models/session/source_service.h"
#include "views/render/theme.h"

#include <QWidget>

#include <utility>
#include <vector>

class QComboBox;
class QCompleter;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QStringListModel;
class QTableView;
class QTimer;

namespace faultline {

class SettingsPreviewModel;

/// What can be set of one source, with what it would do to twenty of its events; nothing is written before
/// Apply. GUI thread; asks through SourceService.
class SettingsForm final : public QWidget
{
    Q_OBJECT
public:
    SettingsForm(SourceService* service, QWidget* parent);
    void setTheme(const Theme& theme);
    /// Shows a source. The same one again leaves what the user is typing alone.
    void setSource(const SourceView* source);

private:
    void makeLayout();
    void fill(const SourceSettings& settings);
    /// What the fields say; a fault is shown beside them, and answers with nothing.
    std::optional<SourceSettings> read();
    void edited();
    void askPreview();
    void changeEnded(const QString& outcome, bool failure);
    void showPreview(const SettingsPreview& preview);
    void say(QLabel* where, const QString& text, bool failure);
    void setTabOrders();
    void updateButtons();
    void request(SourceChangeRequest::What what, const SourceSettings& settings);

    SourceService* m_service;
    Theme m_theme;
    SourceId m_source{};
    SourceSettings m_listed; ///< as the store has them: nothing, where they were never stored
    SourceSettings m_kept;   ///< as they are in force
    bool m_known = false;    ///< what is in force
    int m_changes = 0;
    bool m_editable = false;
    bool m_ready = false; ///< the fields can be read, say something new, and their preview was asked for
    QComboBox* m_format;
    QLineEdit *m_zone, *m_offset, *m_inner;
    std::vector<std::pair<std::string, QLineEdit*>> m_roles;
    QStringListModel* m_fields;
    SettingsPreviewModel* m_model;
    QTableView* m_table;
    QLabel *m_note, *m_outcome;
    QPushButton *m_apply, *m_undo, *m_cancel;
    QProgressBar* m_progress;
    QTimer* m_wait;
};

} // namespace faultline
