#pragma once
#include "models/session/settings.h"

#include <QDialog>

namespace faultline {

/// The settings that hold for every store. Each change is in force at once; there is nothing to confirm. GUI
/// thread.
class SettingsDialog final : public QDialog
{
    Q_OBJECT
public:
    SettingsDialog(const Settings& settings, QWidget* parent);

Q_SIGNALS:
    void changed(const faultline::Settings& settings);

private:
    QWidget* makeExperiments();
    Settings m_settings;
};

} // namespace faultline
