#include "views/window/settings_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QCoreApplication>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QGroupBox>
#include <QLabel>
#include <QVBoxLayout>

namespace faultline {
namespace {

QString text(std::string_view ascii)
{
    return QString::fromUtf8(ascii.data(), static_cast<qsizetype>(ascii.size()));
}

/// A text of an experiment.
QString translated(const char* marked)
{
    return QCoreApplication::translate("Experiment", marked); // marked in models/session/experiments.cpp
}

} // namespace

SettingsDialog::SettingsDialog(const Settings& settings, QWidget* parent)
    : QDialog(parent), m_look(new QComboBox(this)), m_zone(new QComboBox(this))
{
    setObjectName(QStringLiteral("settingsDialog"));
    setWindowTitle(tr("Settings"));
    setAttribute(Qt::WA_DeleteOnClose);
    m_look->setObjectName(QStringLiteral("lookBox"));
    m_look->setAccessibleName(tr("Colours"));
    m_look->addItems({tr("As the system"), tr("Dark"), tr("Light")});
    m_zone->setObjectName(QStringLiteral("zoneBox"));
    m_zone->setAccessibleName(tr("Times"));
    m_zone->addItem(tr("UTC"), QStringLiteral("utc"));
    m_zone->addItem(tr("Local"), QStringLiteral("local"));
    m_zone->addItem(tr("As each source wrote them"), QStringLiteral("source"));
    auto* const form = new QFormLayout;
    form->addRow(tr("&Colours:"), m_look);
    form->addRow(tr("&Times:"), m_zone);
    auto* const buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* const layout = new QVBoxLayout(this);
    layout->addLayout(form);
    layout->addWidget(makeExperiments(settings));
    layout->addStretch(1);
    layout->addWidget(buttons);
    setSettings(settings);
    connect(m_look, &QComboBox::currentIndexChanged, this, [this](int index) {
        Q_EMIT changed([look = static_cast<Settings::Look>(index)](Settings& all) { all.look = look; });
    });
    connect(m_zone, &QComboBox::currentIndexChanged, this, [this] {
        Q_EMIT changed(
            [zone = m_zone->currentData().toString().toStdString()](Settings& all) { all.zone = zone; });
    });
    resize(460, sizeHint().height());
}

void SettingsDialog::setSettings(const Settings& settings)
{
    const QSignalBlocker quietLook(m_look), quietZone(m_zone);
    m_look->setCurrentIndex(static_cast<int>(settings.look));
    m_zone->setCurrentIndex(m_zone->findData(QString::fromStdString(settings.zone)));
    for (const auto& [name, check] : m_experiments) {
        const QSignalBlocker quiet(check);
        check->setChecked(settings.experiments.on(name));
    }
}

QWidget* SettingsDialog::makeExperiments(const Settings& settings)
{
    auto* const box = new QGroupBox(tr("Experiments: not yet trusted, and can be switched off again"), this);
    box->setObjectName(QStringLiteral("experimentsBox"));
    auto* const layout = new QVBoxLayout(box);
    for (const Experiment& each : experiments()) {
        auto* const check = new QCheckBox(translated(each.title), box);
        check->setObjectName(QStringLiteral("experiment-") + text(each.name));
        QString said = translated(each.sentence);
        check->setAccessibleDescription(said);
        if (settings.experiments.forThisRun(each.name)) {
            check->setEnabled(false);
            said += QLatin1Char(' ') + tr("Switched on for this run by --enable.");
        }
        auto* const sentence = new QLabel(said, box);
        sentence->setTextFormat(Qt::PlainText);
        sentence->setWordWrap(true);
        sentence->setIndent(22);
        layout->addWidget(check);
        layout->addWidget(sentence);
        m_experiments.emplace_back(each.name, check);
        connect(check, &QCheckBox::toggled, this, [this, name = std::string(each.name)](bool on) {
            Q_EMIT changed([name, on](Settings& all) { all.experiments.keep(name, on); });
        });
    }
    return box;
}

} // namespace faultline
