#pragma once
#include "models/session/settings.h"

#include <QDialog>

#include <string>
#include <utility>
#include <vector>

class QCheckBox;
class QComboBox;

namespace faultline {

/// The settings that hold for every store. Each change is in force at once; there is nothing to confirm. GUI
/// thread.
class SettingsDialog final : public QDialog
{
    Q_OBJECT
public:
    SettingsDialog(const Settings& settings, QWidget* parent);
    /// They were changed elsewhere: shows them.
    void setSettings(const Settings& settings);

Q_SIGNALS:
    /// One choice was made: `change` makes it, and leaves the others.
    void changed(const faultline::SettingsChange& change);

private:
    QWidget* makeExperiments(const Settings& settings);
    QComboBox *m_look, *m_zone;
    std::vector<std::pair<std::string, QCheckBox*>> m_experiments;
};

} // namespace faultline
