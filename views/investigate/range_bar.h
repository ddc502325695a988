#pragma once
#include "models/base/error.h"
#include "models/base/time.h"
#include "views/keys/key_table.h"
#include "views/render/display_zone.h"
#include "views/render/theme.h"

#include <QWidget>

#include <functional>
#include <optional>
#include <string>

class QHBoxLayout;
class QLabel;
class QLineEdit;
class QMenu;
class QPushButton;
class QToolButton;

namespace faultline {

/// The row above the histogram: back, all time, which range is shown in which zone, and what lies outside of
/// it. The range can be typed in the place where it stands.
class RangeBar final : public QWidget, public HasKeys
{
    Q_OBJECT
public:
    explicit RangeBar(QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    void setZone(const DisplayZone& zone);
    /// Buttons for what stands below, at the right end.
    void addControls(QWidget* controls);
    void setCanGoBack(bool can);
    void setCanShowAll(bool can);
    /// `relative`: "now-15m" when the range goes from there to now.
    void showRange(const TimeRange& range, const std::string& relative = {});
    /// There is no range to be shown: why.
    void showText(const QString& text);
    /// So many events are not in the chart; 0 hides it. `times`: from the first of them to the last, {0, 0}
    /// when not known.
    void showOutside(quint64 events, const TimeRange& times);
    /// Until which time events go: a range can end there, for now may be long after.
    void setLastEvent(std::optional<TimeNs> time) { m_last = time; }
    /// The keyboard goes to a field with this text, or with the range in sight.
    void edit(const QString& text = {});
    void endEdit();
    /// What was typed cannot be read: stands under the field, with a caret under its place.
    void showError(const QString& typed, const Error& error);
    QString keysTitle() const override { return tr("Range"); }
    const KeyTable& keys() const override { return m_keys; }
    bool takesText() const override { return true; }

Q_SIGNALS:
    void backRequested();
    void allRequested();
    void rangeTyped(const QString& text); ///< to be read by readRange()
    void rangeChosen(const faultline::TimeRange& range);
    void zoneChosen(faultline::DisplayZone::Kind kind);
    void left(); ///< the field has closed: the keyboard goes back

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void fillPresets();
    void fillZones();
    void updateLabel();
    KeyTable m_keys;
    DisplayZone m_zone;
    Theme m_theme;
    QPushButton *m_back, *m_all;
    QLabel* m_label;
    QLineEdit* m_input;
    QLabel* m_error;
    QToolButton *m_presets, *m_zoneButton;
    QPushButton* m_outside;
    QHBoxLayout* m_row;
    std::optional<TimeRange> m_range; ///< in sight
    std::string m_relative;
    std::optional<TimeNs> m_last;
    quint64 m_outsideEvents = 0;
    TimeRange m_outsideTimes{0, 0};
};

/// How far around an event: for the menus of it. `half` 0: to be typed.
void addAroundEntries(QMenu* menu, const std::function<void(TimeNs half)>& run);

} // namespace faultline
