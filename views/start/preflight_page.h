#pragma once
#include "models/base/time.h"
#include "models/session/preflight_service.h"
#include "views/keys/key_table.h"
#include "views/render/theme.h"

#include <QWidget>

#include <memory>
#include <optional>

class QCheckBox;
class QHBoxLayout;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QSortFilterProxyModel;
class QTableView;

namespace faultline {

class PreflightModel;

/// The screen before a large read: what is there, and whether all of it is to be read, or what happened in a
/// range of time first.
///
/// Threads  GUI thread.
class PreflightPage final : public QWidget, public HasKeys
{
    Q_OBJECT
public:
    explicit PreflightPage(std::shared_ptr<const Clock> clock, QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    /// The look goes on.
    void showLooking(const QString& what);
    void showPreflight(std::shared_ptr<const Preflight> preflight);
    QString keysTitle() const override { return tr("Before reading"); }
    const KeyTable& keys() const override { return m_keys; }

Q_SIGNALS:
    void readAllChosen();
    void rangeFirstChosen(const faultline::TimeRange& range);
    void cancelled();

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    void makeLayout();
    QString formatsText() const;
    QString totalsText() const;
    /// What the two fields say; nothing, and why, where they say none.
    std::optional<TimeRange> typedRange(QString& why) const;
    void rangeChanged();
    void offerRanges();
    void setRange(const TimeRange& range);
    void colour();

    std::shared_ptr<const Clock> m_clock;
    std::shared_ptr<const Preflight> m_preflight;
    Theme m_theme = Theme::darkTheme();
    KeyTable m_keys;
    PreflightModel* m_model;
    QSortFilterProxyModel* m_sorted;
    QLabel *m_title, *m_formats, *m_totals, *m_warning, *m_rangeNote;
    QProgressBar* m_busy;
    QTableView* m_table;
    QCheckBox* m_onlySkipped;
    QLineEdit *m_from, *m_to;
    QWidget* m_found; ///< everything that needs an answer
    QHBoxLayout* m_quick;
    QPushButton *m_all, *m_first, *m_cancel;
};

} // namespace faultline
